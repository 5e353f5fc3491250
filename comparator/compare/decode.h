#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace comparator::compare {

enum class Decoded { ok, unsupported, corrupt, too_large };

/// Removes the content codings named by Content-Encoding (RFC 9110 section 8.4) from `body`, in reverse order of
/// their application: gzip, x-gzip, deflate and identity. At most `max_bytes` come out. `out` is set only on ok.
Decoded decode(std::string_view content_encoding, std::string_view body, std::size_t max_bytes, std::string& out);

}  // namespace comparator::compare
