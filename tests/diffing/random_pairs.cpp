#include "tests/diffing/random_pairs.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace random_pairs {
namespace {

using nlohmann::ordered_json;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

ordered_json random_value(Random& random, int depth) {
  switch (below(random, depth > 0 ? 8 : 5)) {
    case 0: return nullptr;
    case 1: return below(random, 2) == 0;
    case 2: return below(random, 5);
    case 3: return std::string(1, static_cast<char>('a' + below(random, 4)));
    case 4: return 0.5 * static_cast<double>(below(random, 7));
    case 5: {
      ordered_json object = ordered_json::object();
      for (std::size_t i = below(random, 4); i > 0; --i) {
        object[std::string(1, static_cast<char>('a' + below(random, 5)))] = random_value(random, depth - 1);
      }
      return object;
    }
    default: {
      ordered_json array = ordered_json::array();
      for (std::size_t i = below(random, 6); i > 0; --i) array.push_back(random_value(random, depth - 1));
      return array;
    }
  }
}

/// Changes something somewhere, often enough nothing.
void mutate(ordered_json& value, Random& random) {
  if (value.is_structured() && !value.empty() && below(random, 5) != 0) {
    auto at = value.begin();
    std::advance(at, below(random, value.size()));
    return mutate(*at, random);
  }
  if (value.is_array() && below(random, 2) == 0) {
    value.insert(value.begin() + static_cast<std::ptrdiff_t>(below(random, value.size() + 1)), random_value(random, 1));
  } else if (value.is_array() && !value.empty()) {
    value.erase(below(random, value.size()));
  } else {
    value = random_value(random, 2);
  }
}

/// Spellings of few values, so that some are equal.
ordered_json random_number(Random& random) {
  constexpr std::array<const char*, 9> kSpellings{
      "#1", "#1.0", "#10e-1", "#2", "#-0", "#12345678901234567890", "#12345678901234567891", "#1e400", "#0.1e401"};
  return kSpellings[below(random, kSpellings.size())];
}

std::string random_name(Random& random) {
  constexpr std::array<const char*, 12> kNames{"a", "b", "c", "", "~", "/", "*", "**", "-", "0", "~1", "a/b\"\\"};
  return kNames[below(random, kNames.size())];
}

ordered_json random_member(Random& random) {
  switch (below(random, 6)) {
    case 0: return nullptr;
    case 1: return std::string(1, static_cast<char>('a' + below(random, 3)));
    case 2: return ordered_json::array({random_number(random), random_number(random)});
    case 3: return ordered_json::object({{random_name(random), random_number(random)}});
    default: return random_number(random);
  }
}

ordered_json random_row(Random& random, std::size_t id) {
  ordered_json row = ordered_json::object({{"id", "#" + std::to_string(id)}});
  for (std::size_t i = below(random, 4); i > 0; --i) row[random_name(random)] = random_member(random);
  return row;
}

void change_rows(ordered_json& rows, Random& random) {
  const std::size_t size = rows.size();
  const auto at = [&](std::size_t index) { return rows.begin() + static_cast<std::ptrdiff_t>(index); };
  switch (size == 0 ? 0 : below(random, 6)) {
    case 0: rows.insert(at(below(random, size + 1)), random_row(random, 10 + below(random, 5))); return;
    case 1: rows.erase(below(random, size)); return;
    case 2: {
      const ordered_json row = rows[below(random, size)];
      rows.erase(std::find(rows.begin(), rows.end(), row));
      rows.insert(at(below(random, size)), row);
      return;
    }
    case 3: std::swap(rows[below(random, size)], rows[below(random, size)]); return;
    case 4: rows.insert(at(below(random, size + 1)), random_member(random)); return;
    default: {
      ordered_json& row = rows[below(random, size)];
      if (row.is_object()) row[random_name(random)] = random_member(random);
    }
  }
}

}  // namespace

Pair random_pair(std::uint32_t seed) {
  Random random(seed);
  Pair pair;
  pair.old_value = random_value(random, 4);
  pair.new_value = pair.old_value;
  for (std::size_t i = below(random, 4); i > 0; --i) mutate(pair.new_value, random);
  return pair;
}

Pair random_rows(std::uint32_t seed) {
  Random random(seed);
  ordered_json rows = ordered_json::array();
  for (std::size_t i = below(random, 6); i > 0; --i) rows.push_back(random_row(random, i));
  Pair pair;
  const std::string name = random_name(random);
  pair.old_value = ordered_json::object({{name, rows}, {"rest", random_member(random)}});
  for (std::size_t i = below(random, 5); i > 0; --i) change_rows(rows, random);
  pair.new_value = ordered_json::object({{"rest", random_member(random)}, {name, rows}});
  return pair;
}

std::string spelled(const ordered_json& tagged) {
  const std::string text = tagged.dump();
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t tag = text.find("\"#", at);
    out += text.substr(at, tag - at);
    if (tag == std::string::npos) break;
    const std::size_t end = text.find('"', tag + 2);
    out += text.substr(tag + 2, end - tag - 2);
    at = end + 1;
  }
  return out;
}

ordered_json tagged(const std::string& json) {
  std::string out;
  bool in_string = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_string && c == '\\') {
      out += json.substr(at++, 2);
      continue;
    }
    in_string = in_string != (c == '"');
    if (in_string || std::string("-0123456789").find(c) == std::string::npos) {
      out += c;
      continue;
    }
    const std::size_t end = json.find_first_of(",]} \n", at);
    out += "\"#" + json.substr(at, end - at) + "\"";
    at = end == std::string::npos ? json.size() : end - 1;
  }
  return ordered_json::parse(out);
}

}  // namespace random_pairs
