#pragma once

#include <string>
#include <string_view>

namespace diffing {

/// Text that cannot steer a terminal or mislead its reader: control characters (C0, DEL and C1), marks that turn the
/// direction of writing and separators of lines are written as \u escapes, so that JSON text keeps its meaning; what
/// is not UTF-8 becomes U+FFFD. The result has one line.
std::string harmless(std::string_view text);

/// The same of the beginning of `text`, with an ellipsis where more than `most` bytes were cut.
std::string harmless_beginning(std::string_view text, std::size_t most);

}  // namespace diffing
