#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comparator/address.h"
#include "comparator/config/config.h"
#include "comparator/tls/tls.h"
#include "diffing/rules.h"

/// The configuration made ready for use: names resolved, routes and rules compiled. Immutable, shared by all threads.
namespace comparator {

/// A named request pattern, compiled.
class Route {
 public:
  Route(const Config& config, const RouteConfig& route, std::size_t index);

  bool matches(std::string_view method, std::string_view path) const;
  /// Whether a request of this method may be sent to a second side: GET and HEAD, or what the route names.
  bool copies(std::string_view method) const;

  /// Which segment of a path holds the route's key, from 0; only where the key is one of the path's.
  std::size_t key_segment() const { return key_segment_; }

  std::size_t index() const { return index_; }
  const RouteConfig& config() const { return config_; }
  const std::string& name() const { return config_.name; }
  const std::string& epoch() const { return epoch_; }
  const diffing::RuleSet& rules() const { return rules_; }

 private:
  std::size_t index_;
  RouteConfig config_;
  std::string epoch_;
  diffing::RuleSet rules_;
  std::vector<std::optional<std::string>> segments_;  // nothing: a parameter, any one segment
  std::size_t key_segment_ = 0;
  bool open_end_ = false;  // ends with /**
};

/// What a side's configuration comes to.
struct SidePlan {
  std::vector<Address> addresses;           ///< When the plan was made; names are looked up again later.
  std::shared_ptr<const tls::Context> tls;  ///< Nothing: plain.
};

struct Plan {
  Config config;
  std::vector<Route> routes;
  SidePlan old_side;
  SidePlan new_side;
  std::shared_ptr<const tls::Context> tls;  ///< Towards clients; nothing: plain.
  diffing::PlaceSet redacted_places;
  std::string copy_marks;  ///< The lines by which a copy says what it is and where it has been.

  /// The first route that matches; the last one matches everything. `target` may carry a query.
  const Route& route(std::string_view method, std::string_view target) const;
  /// The header's place in `compare.headers`, or -1.
  int compared_header(std::string_view name) const;
};

/// Makes the plan, or says in one sentence what stands against it: an unknown host, a certificate that is not to be
/// had. Looks names up and reads files, so it blocks.
/// `look_up` stands in for resolve().
using LookUp = std::function<std::vector<Address>(const Endpoint&, std::string& error)>;
std::variant<Plan, std::string> make_plan(Config config, const LookUp& look_up = {});

}  // namespace comparator
