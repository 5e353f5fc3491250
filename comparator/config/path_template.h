#pragma once

#include <string>
#include <string_view>

namespace comparator {

/// What is wrong with a route's path template, or an empty text.
///
/// A template is `/` and segments between slashes; a segment is literal (as on the wire, percent-encoded) or `{name}`,
/// which takes any one segment; `**` as the last segment takes the rest, however long.
std::string path_template_problem(std::string_view path);

}  // namespace comparator
