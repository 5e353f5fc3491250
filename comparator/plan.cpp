#include "comparator/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <stdexcept>

#include "comparator/exchange.h"

namespace comparator {
namespace {

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

diffing::RuleSet compile_rules(const RouteConfig& route) {
  std::vector<diffing::Rule> rules;
  for (const auto& rule : route.rules) {
    if (!rule.expired) rules.push_back(rule.rule);
  }
  auto compiled = diffing::RuleSet::compile(rules);
  // parse_config compiled them already and reported what is wrong.
  auto* set = std::get_if<diffing::RuleSet>(&compiled);
  return set != nullptr ? *set : diffing::RuleSet();
}

std::string_view take_segment(std::string_view& path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

// Empty when all is well.
std::string plan_side(const SideConfig& config, const LookUp& look_up, SidePlan& plan) {
  std::string error;
  const bool ask = look_up && config.endpoint.path.empty();
  plan.addresses = ask ? look_up(config.endpoint, error) : resolve(config.endpoint, false, error);
  if (plan.addresses.empty()) return error;
  try {
    if (config.secure) plan.tls = tls::for_side(config.tls);
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
  return {};
}

constexpr std::size_t kKeptBytes = 32 * 1024;  // larger buffers are not kept for the next request

void empty(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) buffer.shrink_to_fit();
}

}  // namespace

Route::Route(const Config& config, const RouteConfig& route, std::size_t index)
    : index_(index), config_(route), epoch_(config.epoch(route)), rules_(compile_rules(route)) {
  std::string_view path = config_.path;
  open_end_ = path.empty() || path.ends_with("/**");
  if (path.ends_with("/**")) path.remove_suffix(3);
  while (!path.empty()) {
    const auto segment = take_segment(path);
    const bool parameter = segment.size() >= 2 && segment.front() == '{' && segment.back() == '}';
    if (parameter && segment.substr(1, segment.size() - 2) == config_.key.name) key_segment_ = segments_.size();
    segments_.push_back(parameter ? std::nullopt : std::optional<std::string>(segment));
  }
}

bool Route::matches(std::string_view method, std::string_view path) const {
  const auto& methods = config_.methods;
  if (!methods.empty() && std::find(methods.begin(), methods.end(), method) == methods.end()) return false;
  for (const auto& wanted : segments_) {
    if (path.empty()) return false;
    const auto segment = take_segment(path);
    if (wanted ? segment != *wanted : segment.empty()) return false;
  }
  return path.empty() || open_end_;
}

bool Route::copies(std::string_view method) const {
  const auto& methods = config_.methods;
  if (methods.empty()) return method == "GET" || method == "HEAD";
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

const Route& Plan::route(std::string_view method, std::string_view target) const {
  const auto path = target.substr(0, std::min(target.find('?'), target.size()));
  for (const auto& route : routes) {
    if (route.matches(method, path)) return route;
  }
  return routes.back();
}

int Plan::compared_header(std::string_view name) const {
  const auto& names = config.compare.headers;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].size() == name.size() && same_ignoring_case(names[i], name)) return static_cast<int>(i);
  }
  return -1;
}

namespace {

// One for this process, so that it outlives reloads of the configuration.
const std::string& made_up_name() {
  static const std::string name = [] {
    std::random_device random;
    return fmt::format("twinrun-{:08x}{:08x}", random(), random());
  }();
  return name;
}

}  // namespace

std::variant<Plan, std::string> make_plan(Config config, const LookUp& look_up) {
  Plan plan;
  std::string error = plan_side(config.old_side, look_up, plan.old_side);
  if (!error.empty()) return "old: " + error;
  error = plan_side(config.new_side, look_up, plan.new_side);
  if (!error.empty()) return "new: " + error;
  try {
    if (config.tls) plan.tls = tls::for_clients(*config.tls);
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
  for (std::size_t i = 0; i < config.routes.size(); ++i) plan.routes.emplace_back(config, config.routes[i], i);
  auto places = diffing::PlaceSet::compile(config.redact.paths);
  if (auto* set = std::get_if<diffing::PlaceSet>(&places)) plan.redacted_places = std::move(*set);
  if (config.forward.instance.empty()) config.forward.instance = made_up_name();
  plan.copy_marks = "X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: " + config.forward.instance + "\r\n";
  plan.config = std::move(config);
  return plan;
}

std::string_view name(Side side) { return side == Side::old_side ? "old" : "new"; }

std::string_view name(Cause cause) {
  static constexpr std::string_view kNames[kCauses] = {"",
                                                       "stage",
                                                       "method",
                                                       "sample",
                                                       "warm_up",
                                                       "upgrade",
                                                       "refused",
                                                       "unreachable",
                                                       "connect_timeout",
                                                       "timeout",
                                                       "reset",
                                                       "closed_early",
                                                       "invalid_http",
                                                       "tls",
                                                       "too_large",
                                                       "no_descriptor",
                                                       "client_left",
                                                       "bad_request_body",
                                                       "body_over_cap",
                                                       "request_over_cap",
                                                       "undecodable",
                                                       "content_coding",
                                                       "in_flight",
                                                       "rate",
                                                       "breaker_open",
                                                       "held_bytes",
                                                       "queue_full",
                                                       "draining"};
  return kNames[static_cast<std::size_t>(cause)];
}

void Exchange::clear() {
  route = nullptr;
  plan.reset();
  selected = client_left = request_chunked = marked = false;
  not_selected = Cause::none;
  lane.reset();
  method_bytes = expect_at = expect_bytes = held_bytes = 0;
  open_legs = 0;
  empty(request_head);
  empty(request_body);
  for (auto& side : sides) {
    side.state = Observation::State::not_asked;
    side.cause = Cause::none;
    side.status = 0;
    side.same_bytes = 0;
    side.body_bytes = 0;
    side.body_truncated = false;
    side.elapsed = {};
    empty(side.head);
    empty(side.compared);
    empty(side.body);
  }
}

}  // namespace comparator
