#pragma once

#include <string_view>
#include <vector>

#include "comparator/config/reader.h"
#include "comparator/config/rule_list.h"

namespace comparator {

/// Reads the list of routes, each with the global rules before its own, and sees to it that it ends with `default`.
std::vector<RouteConfig> read_routes(Reader& reader, const Node& list, const std::vector<RouteRule>& global_rules,
                                     std::string_view today);

/// The route that takes what no other does.
RouteConfig default_route(const std::vector<RouteRule>& global_rules);

}  // namespace comparator
