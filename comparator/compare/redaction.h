#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "comparator/plan.h"
#include "diffing/difference.h"

/// Takes what the configuration hides out of what is to be kept or shown. Where it cannot tell whether a secret is
/// there, nothing is kept.
namespace comparator::compare {

inline constexpr std::string_view kRedacted = "[redacted]";

/// Whether the list (in lower case) has the name, whatever its case.
bool is_named(const std::vector<std::string>& list, std::string_view name);
/// Header fields that carry a URL, and with it what its query carries.
bool holds_url(std::string_view field_name);

/// Replaces the values of the named parameters (names in lower case) in the query and the fragment of a request target
/// or a URL.
std::string redact_query(std::string_view target, const std::vector<std::string>& names);

/// A body without content codings, of this media type: JSON loses what is at a hidden place, a form its hidden
/// parameters; what ought to be JSON but cannot be parsed, and forms in parts, are kept if no hidden name is in them.
std::string redact_body(std::string body, std::string_view media_type, const Plan& plan);

/// Likewise the values of differences, between answers of these media types.
void redact_differences(std::vector<diffing::Difference>& differences, std::string_view old_type,
                        std::string_view new_type, const Plan& plan);

}  // namespace comparator::compare
