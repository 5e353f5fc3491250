#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "comparator/config/config.h"
#include "storage/report.h"

namespace comparator::admin {

/// A shell line that repeats a stored request, and what it could not repeat.
struct CurlLine {
  std::string command;                ///< For any POSIX shell, safe to paste: printable ASCII and line ends only.
  std::vector<std::string> left_out;  ///< Names of header fields that were redacted.
};

/// Repeats the report's request against `url` (`http://host[:port]`). The request was written by a stranger: whatever
/// bytes its target, fields and body hold, the shell and curl take them as data. Hop-by-hop fields, and those that
/// curl must write itself, are not repeated. What was redacted is left out.
CurlLine curl_line(const storage::Report& report, std::string_view url, const RedactConfig& redact);

/// One word of a POSIX shell that expands to exactly these bytes (NUL cannot be in a word and is dropped, as are line
/// ends at the end of a word that is not printable).
std::string shell_word(std::string_view bytes);

}  // namespace comparator::admin
