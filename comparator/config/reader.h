#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "comparator/config/config.h"
#include "comparator/config/yaml_tree.h"

/// Reading values from the tree and noting every problem on the way.
namespace comparator {

/// Turns nodes into values. What is wrong becomes a problem at the node's place that begins with the key's path, such
/// as `routes[0].sample`, and the value is nothing; the caller keeps its default and goes on.
class Reader {
 public:
  /// Names what is being read while it lives: a key of the present mapping, or an element of the present list.
  class Inside {
   public:
    Inside(Reader& reader, std::string_view key);
    Inside(Reader& reader, std::size_t index);
    ~Inside() { reader_.path_.resize(length_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Reader& reader_;
    std::size_t length_;
  };

  /// A member of a mapping whose key is allowed and stands there for the first time.
  struct Member {
    const Node* key;
    const Node* value;
  };

  void problem(const Node& at, std::string_view message);
  /// "found `x`; allowed is ...": what was found is what stands in the file, never a variable's value.
  void not_allowed(const Node& at, std::string_view allowed);
  bool has_problems() const { return !problems_.empty(); }
  std::size_t problem_count() const { return problems_.size(); }
  /// In the order of the text; past a thousand only their number is told.
  std::vector<Problem> take_problems();

  /// The members of a mapping; unknown and repeated keys are problems. `what` says what belongs there.
  std::vector<Member> members(const Node& mapping, std::span<const std::string_view> keys, std::string_view what);

  /// One line of text, with the environment put in.
  std::optional<std::string> text(const Node& scalar);
  /// Each text of a list with its place; a single text is a list of one.
  void each_text(const Node& list, const std::function<void(const Node&, std::string)>& use);
  std::vector<std::string> texts(const Node& list);
  /// Each name of a mapping whose names are free, with its text; repeated ones are problems.
  void each_pair(const Node& mapping, const std::function<void(const Node& name, const Node& place, std::string)>& use);

  std::optional<std::chrono::milliseconds> duration(const Node& scalar, std::chrono::milliseconds least,
                                                    std::chrono::milliseconds most);
  std::optional<std::uint64_t> size(const Node& scalar, std::uint64_t least, std::uint64_t most);
  std::optional<std::uint64_t> count(const Node& scalar, std::uint64_t least, std::uint64_t most);
  std::optional<bool> flag(const Node& scalar);
  std::optional<double> share(const Node& scalar);
  /// A share that is neither nothing nor everything.
  std::optional<double> inner_share(const Node& scalar);
  std::optional<double> number(const Node& scalar, double least, double most);

 private:
  /// What `parse` makes of the scalar, unless it is not in the range or not text at all.
  template <typename Parse, typename Value>
  auto in_range(const Node& scalar, Parse parse, Value least, Value most, std::string_view allowed)
      -> decltype(parse(std::string_view()));

  std::string path_;
  std::vector<Problem> problems_;
};

}  // namespace comparator
