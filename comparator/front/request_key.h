#pragma once

#include <cstdint>
#include <optional>

#include "comparator/http/head.h"
#include "comparator/plan.h"

namespace comparator::front {

/// A number that stands for the key of a request, the same in every process; nothing when the request has no such
/// part or the route no key.
std::optional<std::uint64_t> key_of(const http::RequestHead& head, const Route& route);

/// Whether a key belongs to a share of all keys, the same ones in every process; a larger share holds a smaller one.
bool in_share(std::uint64_t key, double share);

}  // namespace comparator::front
