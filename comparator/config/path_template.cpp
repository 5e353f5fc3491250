#include "comparator/config/path_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "comparator/config/characters.h"

namespace comparator {
namespace {

/// Of RFC 3986 section 3.3, but `*`, which would look like a wildcard.
bool is_segment_char(char c) {
  return is_alnum(c) || std::string_view("-._~!$&'()+,;=:@%").find(c) != std::string_view::npos;
}

bool percent_encoded(std::string_view segment) {
  for (auto at = segment.find('%'); at != std::string_view::npos; at = segment.find('%', at + 1)) {
    if (at + 2 >= segment.size() || !is_hex(segment[at + 1]) || !is_hex(segment[at + 2])) return false;
  }
  return true;
}

bool is_parameter_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '_' || c == '-'; });
}

std::string literal_problem(std::string_view segment) {
  if (segment.find('*') != std::string_view::npos)
    return "`*` is not allowed; {name} takes one segment, /** at the end the rest";
  if (segment.find_first_of("{}") != std::string_view::npos) {
    return fmt::format("{} mixes text and a parameter; a segment is one or the other", quote(segment));
  }
  if (segment == "." || segment == "..") return "`.` and `..` are resolved by clients and never arrive";
  if (segment.find_first_of("?#") != std::string_view::npos)
    return "a query has no place in it; the path alone is matched";
  if (!std::all_of(segment.begin(), segment.end(), is_segment_char) || !percent_encoded(segment)) {
    return fmt::format("{} is not as on the wire; write other characters percent-encoded", quote(segment));
  }
  return {};
}

}  // namespace

std::string path_template_problem(std::string_view path) {
  if (path.empty() || path.front() != '/') return "it does not begin with `/`";
  std::set<std::string_view> names;
  for (std::string_view rest = path.substr(1); true;) {
    const auto slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (segment.size() >= 2 && segment.front() == '{' && segment.back() == '}') {
      const std::string_view name = segment.substr(1, segment.size() - 2);
      if (!is_parameter_name(name)) return fmt::format("{} is not the name of a parameter", quote(name));
      if (!names.insert(name).second) return fmt::format("the parameter {} is repeated", quote(name));
    } else if (segment == "**") {
      if (!last) return "`**` may only stand at the end, as in /files/**";
    } else if (auto problem = literal_problem(segment); !problem.empty()) {
      return problem;
    }
    if (last) return {};
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace comparator
