// Runs the examples of docs/differ.md.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/render.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

namespace {

struct Example {
  std::string old_json;
  std::string new_json;
  std::vector<diffing::Rule> rules;
  std::vector<std::string> finds;
};

/// "verb path argument", the argument being whatever the verb wants.
diffing::Rule parse_rule(const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  std::string path;
  std::string argument;
  words >> verb >> path >> argument;
  diffing::Rule result = rule(diffing::verb_named(verb).value(), path, argument);
  if (result.verb == diffing::Verb::keyed) result.by = {argument};
  if (result.verb == diffing::Verb::tolerance) result.absolute = argument;
  return result;
}

void read_line(const std::string& line, Example& example) {
  const std::size_t colon = line.find(": ");
  const std::string field = line.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : line.substr(colon + 2);
  if (field == "old") example.old_json = rest;
  if (field == "new") example.new_json = rest;
  if (field == "rule") example.rules.push_back(parse_rule(rest));
  if (field == "finds") example.finds.push_back(rest.find(' ') == std::string::npos ? rest + " " : rest);
}

std::vector<Example> read_examples(const std::string& file) {
  std::ifstream in(file);
  std::vector<Example> examples;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line == "```diff") {
      inside = true;
      examples.emplace_back();
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      read_line(line, examples.back());
    }
  }
  return examples;
}

/// The first block of that kind, each line with its end.
std::string block(const std::string& file, const std::string& kind) {
  std::ifstream in(file);
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (inside && line == "```") break;
    if (inside) text += line + "\n";
    inside = inside || line == "```" + kind;
  }
  return text;
}

const std::string kPage = TWINRUN_SOURCE_DIR "/docs/differ.md";

}  // namespace

TEST_CASE("The examples of docs/differ.md are true") {
  const std::vector<Example> examples = read_examples(kPage);

  REQUIRE(examples.size() >= 11);
  for (const Example& example : examples) {
    INFO(example.old_json << " and " << example.new_json);
    CHECK(places(diffing::diff(example.old_json, example.new_json, compiled(example.rules))) == example.finds);
  }
}

TEST_CASE("The renderings that docs/differ.md shows are those of its documents") {
  const std::string old_json = block(kPage, "old");
  const std::string new_json = block(kPage, "new");
  const diffing::Documents documents{old_json, new_json};
  const diffing::Comparison comparison = diffing::diff(old_json, new_json);
  REQUIRE(comparison.total() == 4);
  const std::string json = block(kPage, "json");
  std::string one_line;  // shown on several lines, which begin with a space
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] != '\n') one_line += json[at];
    if (json[at] == '\n' && json[at + 1] == ' ') at += json[at + 2] == ' ' ? 2 : 1;
  }

  CHECK(diffing::to_text(comparison, documents) == block(kPage, "text"));
  CHECK(diffing::to_unified(documents).value() == block(kPage, "unified"));
  CHECK(diffing::to_json(comparison) == one_line);
  CHECK(diffing::to_patch(documents).json + "\n" == block(kPage, "patch"));
}
