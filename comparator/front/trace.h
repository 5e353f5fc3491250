#pragma once

#include <string>

#include "comparator/config/config.h"
#include "comparator/http/head.h"

namespace comparator::front {

/// Adds what a request lacks to be found again in the logs of both sides, where the configuration wants it: a
/// `traceparent` (W3C Trace Context, level 1; not sampled, since nobody here records spans) and an `X-Request-Id` (a
/// UUID of version 4, RFC 9562 section 5.4). What the client sent stays as it is.
void add_trace(const http::RequestHead& head, const ForwardConfig& forward, std::string& out);

}  // namespace comparator::front
