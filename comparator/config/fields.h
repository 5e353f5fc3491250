#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "comparator/config/reader.h"

/// A mapping of the file as a table: one line per key, which names the member it fills and what is allowed.
namespace comparator {

/// One key and how its value is read into `Target`.
template <typename Target>
struct Field {
  std::string_view key;
  std::function<void(Reader&, const Node&, Target&)> read;
};

template <typename Target>
using Fields = std::vector<Field<Target>>;

/// Fills `target` from a mapping; every key that is not in the table is a problem. `what` says what belongs there.
template <typename Target>
void read_mapping(Reader& reader, const Node& mapping, const Fields<Target>& fields, Target& target,
                  std::string_view what) {
  std::vector<std::string_view> keys;
  for (const auto& field : fields) keys.push_back(field.key);
  for (const auto& member : reader.members(mapping, keys, what)) {
    for (const auto& field : fields) {
      if (field.key != member.key->text) continue;
      const Reader::Inside inside(reader, field.key);
      field.read(reader, *member.value, target);
    }
  }
}

template <typename Target>
auto text_into(std::string Target::*member) {
  return [member](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.text(node)) target.*member = *std::move(value);
  };
}

template <typename Target, typename Duration>
auto duration_into(Duration Target::*member, std::chrono::milliseconds least, std::chrono::milliseconds most) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.duration(node, least, most)) {
      target.*member = std::chrono::duration_cast<Duration>(*value);
    }
  };
}

template <typename Target, typename Size>
auto size_into(Size Target::*member, std::uint64_t least, std::uint64_t most) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.size(node, least, most)) target.*member = *value;
  };
}

template <typename Target, typename Count>
auto count_into(Count Target::*member, std::uint64_t least, std::uint64_t most) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.count(node, least, most)) target.*member = *value;
  };
}

template <typename Target>
auto flag_into(bool Target::*member) {
  return [member](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.flag(node)) target.*member = *value;
  };
}

template <typename Target>
auto share_into(double Target::*member) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.share(node)) target.*member = *value;
  };
}

template <typename Target>
auto inner_share_into(double Target::*member) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.inner_share(node)) target.*member = *value;
  };
}

template <typename Target>
auto number_into(double Target::*member, double least, double most) {
  return [=](Reader& reader, const Node& node, Target& target) {
    if (auto value = reader.number(node, least, most)) target.*member = *value;
  };
}

/// A key that is known but whose meaning is not built yet.
template <typename Target>
auto not_yet(std::string_view sentence) {
  return [sentence](Reader& reader, const Node& node, Target&) { reader.problem(node, sentence); };
}

}  // namespace comparator
