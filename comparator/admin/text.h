#pragma once

#include <string>
#include <string_view>

/// Stored bytes on their way into JSON.
namespace comparator::admin {

/// Whether bytes can be shown as they are: valid UTF-8 (RFC 3629) without control characters but tab and line ends.
bool is_text(std::string_view bytes);

/// RFC 4648 section 4, with padding.
std::string base64(std::string_view bytes);

}  // namespace comparator::admin
