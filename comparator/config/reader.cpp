#include "comparator/config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "comparator/config/characters.h"
#include "comparator/config/suggest.h"
#include "comparator/config/values.h"

namespace comparator {
namespace {

constexpr std::size_t kMaxProblems = 1000;  // nobody reads more, and hostile text could cause a million
constexpr std::size_t kMaxTexts = 1000;     // of one list; some are searched for each of their entries

std::string shown(const Node& node) {
  switch (node.type) {
    case Node::Type::null: return "nothing";
    case Node::Type::sequence: return "a list";
    case Node::Type::mapping: return "a mapping";
    case Node::Type::scalar: return quote(node.text);
  }
  return {};
}

std::string unknown_key(const Node& key, std::span<const std::string_view> keys) {
  const std::string_view meant = nearest(key.text, keys);
  const std::string advice = meant.empty() ? "" : fmt::format(", did you mean `{}`?", meant);
  return fmt::format("unknown key {}{}{} allowed: {}", quote(key.text), advice, meant.empty() ? ";" : "",
                     fmt::join(keys, ", "));
}

std::string written(std::chrono::milliseconds time) {
  if (time.count() % 3'600'000 == 0) return fmt::format("{}h", time.count() / 3'600'000);
  if (time.count() % 1000 == 0) return fmt::format("{}s", time.count() / 1000);
  return fmt::format("{}ms", time.count());
}

}  // namespace

Reader::Inside::Inside(Reader& reader, std::string_view key) : reader_(reader), length_(reader.path_.size()) {
  if (length_ > 0) reader_.path_ += '.';
  reader_.path_ += key;
}

Reader::Inside::Inside(Reader& reader, std::size_t index) : reader_(reader), length_(reader.path_.size()) {
  reader_.path_ += fmt::format("[{}]", index);
}

void Reader::problem(const Node& at, std::string_view message) {
  problems_.push_back({at.line, at.column, fmt::format("{}{}{}", path_, path_.empty() ? "" : ": ", message)});
}

void Reader::not_allowed(const Node& at, std::string_view allowed) {
  problem(at, fmt::format("found {}; allowed is {}", shown(at), allowed));
}

std::vector<Problem> Reader::take_problems() {
  const auto place = [](const Problem& p) { return std::tie(p.line, p.column); };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
  if (problems_.size() > kMaxProblems) {
    const std::size_t more = problems_.size() - kMaxProblems;
    problems_.resize(kMaxProblems);
    problems_.push_back({0, 0, fmt::format("and {} more problems", more)});
  }
  return std::exchange(problems_, {});
}

std::vector<Reader::Member> Reader::members(const Node& mapping, std::span<const std::string_view> keys,
                                            std::string_view what) {
  if (mapping.type != Node::Type::mapping) {
    not_allowed(mapping, what);
    return {};
  }
  std::vector<Member> members;
  std::map<std::string_view, int> first_line;
  for (std::size_t i = 0; i < mapping.keys.size(); ++i) {
    const Node& key = mapping.keys[i];
    const auto [first, is_first] = first_line.emplace(key.text, key.line);
    if (!is_first) {
      problem(key, fmt::format("the key {} is repeated; it stands first in line {}", quote(key.text), first->second));
    } else if (std::find(keys.begin(), keys.end(), key.text) == keys.end()) {
      problem(key, unknown_key(key, keys));
    } else {
      members.push_back({&key, &mapping.items[i]});
    }
  }
  return members;
}

std::optional<std::string> Reader::text(const Node& scalar) {
  if (scalar.type != Node::Type::scalar || scalar.text.empty()) {
    not_allowed(scalar, "a text");
    return std::nullopt;
  }
  Expanded expanded = expand_environment(scalar.text);
  if (!expanded.problem.empty()) {
    problem(scalar, expanded.problem);
    return std::nullopt;
  }
  if (expanded.text.empty() || std::any_of(expanded.text.begin(), expanded.text.end(), is_control)) {
    not_allowed(scalar, "one line of text without control characters");
    return std::nullopt;
  }
  return std::move(expanded.text);
}

void Reader::each_text(const Node& list, const std::function<void(const Node&, std::string)>& use) {
  const bool single = list.type == Node::Type::scalar;
  if (!single && list.type != Node::Type::sequence) return not_allowed(list, "a list of texts, such as [a, b]");
  if (list.items.size() > kMaxTexts) return problem(list, fmt::format("a list has at most {} entries", kMaxTexts));
  for (const Node& item : single ? std::span<const Node>(&list, 1) : std::span<const Node>(list.items)) {
    if (auto value = text(item)) use(item, *std::move(value));
  }
}

std::vector<std::string> Reader::texts(const Node& list) {
  std::vector<std::string> texts;
  each_text(list, [&](const Node&, std::string text) { texts.push_back(std::move(text)); });
  return texts;
}

void Reader::each_pair(const Node& mapping,
                       const std::function<void(const Node& name, const Node& place, std::string)>& use) {
  std::vector<std::string_view> names;
  for (const Node& key : mapping.keys) names.push_back(key.text);
  if (names.size() > kMaxTexts) return problem(mapping, fmt::format("a mapping has at most {} entries", kMaxTexts));
  for (const Member& member : members(mapping, names, "a mapping of names and texts")) {
    const Inside inside(*this, member.key->text);
    if (auto value = text(*member.value)) use(*member.key, *member.value, *std::move(value));
  }
}

template <typename Parse, typename Value>
auto Reader::in_range(const Node& scalar, Parse parse, Value least, Value most, std::string_view allowed)
    -> decltype(parse(std::string_view())) {
  if (scalar.type != Node::Type::scalar) {
    not_allowed(scalar, allowed);
    return std::nullopt;
  }
  const auto found = text(scalar);
  if (!found) return std::nullopt;
  const auto value = parse(*found);
  if (value && *value >= least && *value <= most) return value;
  not_allowed(scalar, allowed);
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Reader::duration(const Node& scalar, std::chrono::milliseconds least,
                                                          std::chrono::milliseconds most) {
  return in_range(
      scalar, parse_duration, least, most,
      fmt::format("a time with its unit, such as 500ms, 2s, 1m or 24h, from {} to {}", written(least), written(most)));
}

std::optional<std::uint64_t> Reader::size(const Node& scalar, std::uint64_t least, std::uint64_t most) {
  return in_range(scalar, parse_size, least, most,
                  fmt::format("a size in bytes, such as 65536, 64KiB or 4MiB, from {} to {}", least, most));
}

std::optional<std::uint64_t> Reader::count(const Node& scalar, std::uint64_t least, std::uint64_t most) {
  return in_range(scalar, parse_count, least, most, fmt::format("a whole number from {} to {}", least, most));
}

std::optional<bool> Reader::flag(const Node& scalar) {
  const auto found = text(scalar);
  if (!found) return std::nullopt;
  if (*found == "true") return true;
  if (*found == "false") return false;
  not_allowed(scalar, "true or false");
  return std::nullopt;
}

std::optional<double> Reader::share(const Node& scalar) {
  return in_range(scalar, parse_share, 0.0, 1.0, "a share such as 0.01% or 100%, or a number from 0 to 1");
}

std::optional<double> Reader::inner_share(const Node& scalar) {
  const auto value = share(scalar);
  if (!value || (*value > 0 && *value < 1)) return value;
  not_allowed(scalar, "a share above 0% and below 100%");
  return std::nullopt;
}

std::optional<double> Reader::number(const Node& scalar, double least, double most) {
  return in_range(scalar, parse_number, least, most, fmt::format("a number from {} to {}", least, most));
}

}  // namespace comparator
