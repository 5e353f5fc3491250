#include "comparator/config/yaml_tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "tests/support/catch.h"

namespace comparator {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string refusal(std::string_view yaml) {
  const auto result = read_tree(yaml);
  const auto* problem = std::get_if<Problem>(&result);
  return problem == nullptr ? "accepted" : fmt::format("{}:{}: {}", problem->line, problem->column, problem->message);
}

TEST_CASE("hostile or broken YAML is one problem with its place") {
  struct Row {
    std::string name;
    std::string yaml;
    std::string expected;  // how the problem begins
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"anchor", "a: &x 1", "1:4: anchors", "half of a bomb"},
      {"alias", "a: *x", "1:4: ", "an alias to nothing, or the other half"},
      {"bomb", "a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]", "1:4: anchors", "billion laughs"},
      {"flow depth", repeated("[", 100'000), "1:", "no recursion without end"},
      {"flow map depth", repeated("{a: ", 50'000), "1:", "likewise"},
      {"block depth", repeated("- ", 100'000), "1:65: nested deeper than 32 levels", "likewise"},
      {"key depth", repeated("? ", 100'000), "1:65: nested deeper than 32 levels", "keys of keys of keys"},
      {"huge", repeated("#", (1 << 20) + 1), "1:1: the file has 1048577 bytes; at most 1048576", "somebody's data"},
      {"NUL", std::string("a: 1\nb\0: 2", 10), "2:2: byte 0x00 is not text", "a binary file"},
      {"end of transmission", "a: 1\n\x04: 2", "2:1: byte 0x04 is not text", "the library would end here"},
      {"UTF-16",
       std::string("\xff\xfe"
                   "a\0",
                   4),
       "1:1: byte 0xff is not valid UTF-8", "saved by a Windows editor"},
      {"Latin-1", "a: caf\xe9", "1:7: byte 0xe9 is not valid UTF-8", "saved by an old editor"},
      {"tab", "a:\n\tb: 1", "2:1: a tab in the indentation", "YAML forbids it, and it cannot be seen"},
      {"tag", "a: !!binary aGk=", "1:4: tags", "types come from us"},
      {"two documents", "a: 1\n---\nb: 2", "2:1: a second document", "which one would count?"},
      {"list as key", "[a]: 1", "1:1: a key is a word", "legal YAML, useless here"},
      {"null as key", "~: 1", "1:1: a key is a word", "legal YAML, useless here"},
      {"open bracket", "a: [1", "", "cut off"},
      {"open quote", "a: \"1", "", "cut off"},
      {"bad indentation", "a:\n    b: 1\n  c: 2", "3:", "a slip of the space bar"},
      {"colon in a value", "a: b: c", "1:", "an unquoted URL with a space, say"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const std::string refused = refusal(row.yaml);

    INFO(refused);
    CHECK(refused != "accepted");
    CHECK(refused.substr(0, row.expected.size()) == row.expected);
  }
}

TEST_CASE("a problem shows no control characters of the file") {
  for (const std::string_view yaml : {"\"=\\\\\\", "\"\\\x01\"", "\"\\"}) {
    const auto said = refusal(yaml);
    CAPTURE(said);
    CHECK(std::none_of(said.begin(), said.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
  }
}

TEST_CASE("a tree keeps the order, the places and repeated keys") {
  const auto result = read_tree("\xef\xbb\xbf# words\nb: 'x y'\na: [1, null]\nb: {}\n");
  REQUIRE(std::holds_alternative<Node>(result));
  const Node& root = std::get<Node>(result);

  REQUIRE(root.keys.size() == 3);
  CHECK(root.keys[0].text == "b");
  CHECK(root.items[0].text == "x y");
  CHECK((root.items[0].line == 2 && root.items[0].column == 4));
  CHECK(root.items[1].items[1].type == Node::Type::null);
  CHECK((root.items[1].items[0].line == 3 && root.items[1].items[0].column == 5));
  CHECK(root.keys[2].text == "b");
}

TEST_CASE("an empty text is nothing, which is no problem of the tree") {
  for (const char* yaml : {"", "\n\n", "# words\n", "---\n", "~"}) {
    const auto result = read_tree(yaml);
    REQUIRE(std::holds_alternative<Node>(result));
    CHECK(std::get<Node>(result).type == Node::Type::null);
  }
}

}  // namespace
}  // namespace comparator
