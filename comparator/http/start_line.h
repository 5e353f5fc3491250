#pragma once

#include <string_view>

#include "comparator/http/head.h"
#include "comparator/http/lines.h"

namespace comparator::http {

/// Read the first line of a head, as strictly as RFC 9112 sections 3 and 4 allow, and leave `reader` behind it.
/// `partial`: its end has not come, and what has come may still be one.
Parsed read_request_line(Reader& reader, const HeadLimits& limits, RequestHead& head, Refusal& refusal);
Parsed read_status_line(Reader& reader, AnswerHead& head, Refusal& refusal);

/// reg-name, IPv4 or bracketed IPv6, with an optional port; RFC 9110 section 7.2. Empty is allowed.
bool valid_authority(std::string_view text);

}  // namespace comparator::http
