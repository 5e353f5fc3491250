#pragma once

#include <string_view>

namespace comparator::admin {

/// The text of openapi.json, which a test holds against the table of resources.
extern const std::string_view kOpenApi;

}  // namespace comparator::admin
