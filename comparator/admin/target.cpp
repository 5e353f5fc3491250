#include "comparator/admin/target.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "comparator/admin/message.h"

namespace comparator::admin {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

enum class Plus { is_space, is_plus };

std::string decode(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        throw ApiError(400, "bad_target", "'%' must be followed by two hexadecimal digits");
      }
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

/// The pieces between separators: always at least one, `a/` has two.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const auto end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::pair<std::string, std::string> decoded_pair(std::string_view text) {
  const auto equals = text.find('=');
  const auto value = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  return {decode(text.substr(0, equals), Plus::is_space), decode(value, Plus::is_space)};
}

ApiError bad_parameter(std::string_view name, const std::string& what) {
  return {400, "bad_parameter", "the parameter '" + std::string(name) + "' " + what};
}

std::string listed(const std::vector<std::string_view>& words) {
  std::string list;
  for (const auto word : words) list += (list.empty() ? "" : ", ") + std::string(word);
  return list;
}

}  // namespace

Target parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') throw ApiError(400, "bad_target", "the target must begin with '/'");
  const auto mark = target.find('?');
  Target parsed;
  for (const auto segment : split(target.substr(1, mark - 1), '/')) {
    parsed.segments.push_back(decode(segment, Plus::is_plus));
  }
  if (mark == std::string_view::npos) return parsed;

  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto piece : split(target.substr(mark + 1), '&')) {
    if (!piece.empty()) pairs.push_back(decoded_pair(piece));
  }
  parsed.query = Query(std::move(pairs));
  return parsed;
}

void Query::require_known(const std::vector<std::string_view>& known) const {
  std::set<std::string_view> seen;
  for (const auto& [name, value] : pairs_) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw bad_parameter(name, known.empty() ? "is not known here; none is" : "is not known; known: " + listed(known));
    }
    if (!seen.insert(name).second) throw bad_parameter(name, "is given twice");
  }
}

const std::string* Query::find(std::string_view name) const {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.first == name; });
  return found == pairs_.end() ? nullptr : &found->second;
}

std::string Query::text(std::string_view name) const {
  const auto* value = find(name);
  return value ? *value : std::string();
}

std::string Query::one_of(std::string_view name, const std::vector<std::string_view>& allowed) const {
  const auto value = text(name);
  if (!value.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
    throw bad_parameter(name, "must be one of " + listed(allowed));
  }
  return value;
}

std::int64_t Query::number(std::string_view name, std::int64_t least, std::int64_t greatest,
                           std::int64_t otherwise) const {
  const auto* value = find(name);
  if (!value) return otherwise;
  std::int64_t number = 0;
  const auto* end = value->data() + value->size();
  const auto [stop, error] = std::from_chars(value->data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > greatest) {
    throw bad_parameter(name,
                        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(greatest));
  }
  return number;
}

bool Query::flag(std::string_view name) const {
  const auto* value = find(name);
  if (!value || *value == "0" || *value == "false") return false;
  if (value->empty() || *value == "1" || *value == "true") return true;
  throw bad_parameter(name, "must be true or false");
}

}  // namespace comparator::admin
