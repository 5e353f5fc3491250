#include "comparator/config/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "comparator/config/characters.h"

namespace comparator {
namespace {

// yaml-cpp puts characters of the file into its messages as they are.
std::string shown(std::string message) {
  std::replace_if(message.begin(), message.end(), is_control, '?');
  return message;
}

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // a thousand routes with rules are about 300 KB
constexpr std::size_t kMaxDepth = 32;                    // the deepest key of ours is at 6

/// Ends the parse from within an event; never leaves this file.
struct Refused {
  Problem problem;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) refuse(mark, "a second document begins here; one file holds one configuration");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    attach(node_at(Node::Type::null, mark, "", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases (`*name`) are not supported; write the value out, or make the rule a global one");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = node_at(Node::Type::scalar, mark, tag, anchor);
    node.text = value;
    attach(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node_at(Node::Type::sequence, mark, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node_at(Node::Type::mapping, mark, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  [[noreturn]] static void refuse(const YAML::Mark& mark, std::string message) {
    throw Refused{{mark.line + 1, mark.column + 1, std::move(message)}};
  }

  static Node node_at(Node::Type type, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(mark, "anchors (`&name`) are not supported; write the value out where it is needed");
    // The library's own marks for plain and quoted scalars; anything else was written in the file.
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "tags (`!name`) are not supported; write a plain value");
    Node node;
    node.type = type;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void open(Node node) {
    if (open_.size() == kMaxDepth) {
      throw Refused{{node.line, node.column, fmt::format("nested deeper than {} levels", kMaxDepth)}};
    }
    open_.push_back(std::move(node));
  }

  void close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    attach(std::move(node));
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Node& parent = open_.back();
    const bool is_key = parent.type == Node::Type::mapping && parent.keys.size() == parent.items.size();
    if (is_key && node.type != Node::Type::scalar) {
      throw Refused{{node.line, node.column, "a key is a word, not empty, a list or a mapping"}};
    }
    (is_key ? parent.keys : parent.items).push_back(std::move(node));
  }

  Node root_;
  std::vector<Node> open_;  // the path from the root to what is being read
  int documents_ = 0;
};

/// Counts lines and columns over the text that was accepted.
class Place {
 public:
  void pass(std::string_view bytes) {
    for (const char c : bytes) {
      column_ = c == '\n' ? 1 : column_ + 1;
      line_ += c == '\n' ? 1 : 0;
    }
  }
  Problem problem(std::string message) const { return {line_, column_, std::move(message)}; }

 private:
  int line_ = 1;
  int column_ = 1;
};

/// What the parser must not even see: it takes byte 4 for the end of the text and guesses encodings from NULs.
std::optional<Problem> refused_characters(std::string_view text) {
  Place place;
  bool indenting = true;
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text.front());
    if (c == '\t' && indenting) return place.problem("a tab in the indentation; YAML is indented with spaces");
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      return place.problem(fmt::format("byte 0x{:02x} is not text; is this a YAML file?", c));
    }
    const std::size_t length = utf8_length(text);
    if (length == 0) return place.problem(fmt::format("byte 0x{:02x} is not valid UTF-8", c));
    indenting = c == '\n' || (indenting && c == ' ');
    place.pass(text.substr(0, length));
    text.remove_prefix(length);
  }
  return std::nullopt;
}

std::variant<Node, Problem> parse(std::string_view text) {
  std::istringstream stream{std::string(text)};
  TreeBuilder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    return refused.problem;
  } catch (const YAML::Exception& error) {
    const bool placed = !error.mark.is_null();
    return Problem{placed ? error.mark.line + 1 : 0, placed ? error.mark.column + 1 : 0,
                   "not YAML: " + shown(error.msg)};
  }
  return builder.take();
}

}  // namespace

std::variant<Node, Problem> read_tree(std::string_view yaml) {
  if (yaml.size() > kMaxBytes) {
    return Problem{1, 1, fmt::format("the file has {} bytes; at most {} are read", yaml.size(), kMaxBytes)};
  }
  if (yaml.substr(0, 3) == "\xef\xbb\xbf") yaml.remove_prefix(3);  // a byte order mark says nothing in UTF-8
  if (auto problem = refused_characters(yaml)) return *std::move(problem);
  return parse(yaml);
}

}  // namespace comparator
