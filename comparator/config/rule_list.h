#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "comparator/config/reader.h"

/// The list of rules, as a route, the whole configuration, and `twinrun diff --rules` have it.
namespace comparator {

/// Where the paths of a list of rules begin.
enum class RuleRoot : std::uint8_t {
  answer,   ///< `/body`, `/headers`, `/status` or `/**`; what lets a difference pass needs a reason.
  document  ///< As they stand; reasons are optional.
};

/// A rule and where it stands in the file, for what is found wrong with it later.
struct PlacedRule {
  RouteRule rule;
  const Node* mapping = nullptr;
  const Node* verb = nullptr;  ///< Its key.
  const Node* path = nullptr;
};

/// Reads a list of rules in its order; a rule with several paths becomes several rules. Rules with a problem are left
/// out. Each one is compiled to find what only the differ knows to be wrong. The result points into `list`.
std::vector<PlacedRule> read_rules(Reader& reader, const Node& list, RuleRoot root, std::string_view today);

}  // namespace comparator
