#include "comparator/config/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "comparator/config/characters.h"
#include "comparator/config/fields.h"
#include "comparator/config/path_template.h"
#include "comparator/config/suggest.h"

namespace comparator {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kDefault = "default";
constexpr std::size_t kMaxRoutes = 1000;     // each has rows, metrics and a page of its own
constexpr std::size_t kMaxCopies = 100'000;  // of global rules, which every route holds
constexpr std::size_t kMaxName = 64;         // a label of metrics and a column of tables

/// A route while it is read: what the checks of the whole list need beside the values.
struct PlacedRoute {
  RouteConfig route;
  const Node* name = nullptr;
  const Node* match = nullptr;
  const Node* rules = nullptr;
  const Node* key = nullptr;
  const Node* order = nullptr;
};

void read_name(Reader& reader, const Node& node, PlacedRoute& placed) {
  const auto name = reader.text(node);
  if (!name) return;
  const bool good = name->size() <= kMaxName && std::all_of(name->begin(), name->end(), [](char c) {
                      return is_lower(c) || is_digit(c) || c == '-';
                    });
  if (!good) return reader.not_allowed(node, fmt::format("up to {} of the characters a-z, 0-9 and -", kMaxName));
  placed.route.name = *name;
  placed.name = &node;
}

void read_methods(Reader& reader, const Node& node, RouteConfig& route) {
  if (node.type == Node::Type::sequence && node.items.empty()) reader.problem(node, "the list of methods is empty");
  reader.each_text(node, [&](const Node& item, std::string method) {
    // Methods are case-sensitive (RFC 9110 section 9.1), so `get` would match nothing.
    const bool good =
        std::all_of(method.begin(), method.end(), is_token) && std::none_of(method.begin(), method.end(), is_lower);
    if (!good) return reader.not_allowed(item, "a method in upper case such as GET");
    route.methods.push_back(std::move(method));
  });
}

void read_path(Reader& reader, const Node& node, RouteConfig& route) {
  const auto path = reader.text(node);
  if (!path) return;
  if (const auto problem = path_template_problem(*path); !problem.empty()) {
    return reader.not_allowed(node, fmt::format("a path such as /invoices/{{id}} or /files/**: {}", problem));
  }
  route.path = *path;
}

void read_match(Reader& reader, const Node& node, PlacedRoute& placed) {
  static const Fields<RouteConfig> fields{{"methods", read_methods}, {"path", read_path}};
  placed.match = &node;
  read_mapping(reader, node, fields, placed.route, "a mapping such as {methods: [GET], path: /invoices/{id}}");
}

void read_stage(Reader& reader, const Node& node, PlacedRoute& placed) {
  const auto text = reader.text(node);
  if (!text) return;
  if (*text == name(Stage::canary)) {
    return reader.problem(node, "the stage `canary` is not supported yet; `shadow` compares, `new` moves the traffic");
  }
  for (const Stage stage : {Stage::old, Stage::shadow, Stage::reverse, Stage::new_}) {
    if (*text == name(stage)) {
      placed.route.stage = stage;
      return;
    }
  }
  reader.not_allowed(node, "old, shadow, reverse or new");
}

void read_diff_rates(Reader& reader, const Node& node, GateConfig& gate) {
  static const Fields<GateConfig> fields{{"critical", inner_share_into(&GateConfig::critical)},
                                         {"major", inner_share_into(&GateConfig::major)},
                                         {"minor", inner_share_into(&GateConfig::minor)}};
  read_mapping(reader, node, fields, gate, "a mapping such as {critical: 0.01%, major: 0.1%, minor: 1%}");
}

void read_gate(Reader& reader, const Node& node, PlacedRoute& placed) {
  static const Fields<GateConfig> fields{
      {"max_diff_rate", read_diff_rates},
      {"alpha_pass", inner_share_into(&GateConfig::alpha_pass)},
      {"alpha_fail", inner_share_into(&GateConfig::alpha_fail)},
      {"min_samples", count_into(&GateConfig::min_samples, 1, 1'000'000'000)},
      {"min_span", duration_into(&GateConfig::min_span, 0s, 24h * 366)},
      {"max_age", duration_into(&GateConfig::max_age, 1s, 24h * 366)},
      {"max_uncompared", share_into(&GateConfig::max_uncompared)},
      {"max_accepted", share_into(&GateConfig::max_accepted)},
      {"max_old_failed", share_into(&GateConfig::max_old_failed)},
      {"max_latency_ratio", number_into(&GateConfig::max_latency_ratio, 0.01, 1000)},
  };
  read_mapping(reader, node, fields, placed.route.gate, "a mapping such as {min_samples: 1000, min_span: 24h}");
}

void read_sample(Reader& reader, const Node& node, PlacedRoute& placed) {
  if (const auto value = reader.share(node)) placed.route.sample = *value;
}

void read_key(Reader& reader, const Node& node, PlacedRoute& placed) {
  using Source = KeyConfig::Source;
  const auto text = reader.text(node);
  if (!text) return;
  placed.key = &node;
  const auto colon = std::min(text->find(':'), text->size());
  const std::string source = text->substr(0, colon);
  std::string name = text->substr(std::min(colon + 1, text->size()));
  const bool named = !name.empty() && std::all_of(name.begin(), name.end(), is_token);
  auto& key = placed.route.key;
  if (*text == "request") {
    key = {Source::request, {}};
  } else if (named && source == "header") {
    key = {Source::header, lower(name)};
  } else if (named && source == "cookie") {
    key = {Source::cookie, std::move(name)};
  } else if (!name.empty() && source == "path") {
    key = {Source::path, std::move(name)};
  } else {
    reader.not_allowed(node, "header:NAME, cookie:NAME, path:PARAMETER or request");
  }
}

void read_order(Reader& reader, const Node& node, PlacedRoute& placed) {
  const auto text = reader.text(node);
  if (!text) return;
  if (*text != "per-key" && *text != "none") return reader.not_allowed(node, "per-key or none");
  placed.order = &node;
  placed.route.order_per_key = *text == "per-key";
}

/// What `key` and `order` need of the rest of the route.
void check_key(Reader& reader, const PlacedRoute& placed) {
  using Source = KeyConfig::Source;
  const auto& key = placed.route.key;
  if (key.source == Source::path && placed.route.path.find("{" + key.name + "}") == std::string::npos) {
    reader.problem(*placed.key, fmt::format("the route's path has no parameter {{{}}}", key.name));
  }
  if (placed.route.order_per_key && (key.source == Source::none || key.source == Source::request)) {
    reader.problem(*placed.order, "`order: per-key` needs a `key` of a header, a cookie or the path");
  }
}

PlacedRoute read_route(Reader& reader, const Node& node) {
  static const Fields<PlacedRoute> fields{
      {"name", read_name},
      {"match", read_match},
      {"stage", read_stage},
      {"sample", read_sample},
      {"rules", [](Reader&, const Node& n, PlacedRoute& placed) { placed.rules = &n; }},
      {"gate", read_gate},
      {"fallback", not_yet<PlacedRoute>("`fallback` is not supported yet; what the serving side answers is final")},
      {"key", read_key},
      {"order", read_order},
  };
  PlacedRoute placed;
  read_mapping(reader, node, fields, placed, "a route such as {name: get-invoice, match: {path: /invoices/{id}}}");
  return placed;
}

void append_rules(Reader& reader, PlacedRoute& placed, std::string_view today) {
  if (placed.rules == nullptr) return;
  const Reader::Inside inside(reader, "rules");
  for (auto& rule : read_rules(reader, *placed.rules, RuleRoot::answer, today)) {
    placed.route.rules.push_back(std::move(rule.rule));
  }
}

void check_name(Reader& reader, const Node& node, const PlacedRoute& placed, std::map<std::string, int>& names) {
  const bool given =
      std::any_of(node.keys.begin(), node.keys.end(), [](const Node& key) { return key.text == "name"; });
  if (!given && node.type == Node::Type::mapping) return reader.problem(node, "`name` is missing");
  if (placed.name == nullptr) return;
  const auto [first, is_first] = names.emplace(placed.route.name, placed.name->line);
  if (is_first) return;
  reader.problem(*placed.name, fmt::format("the name {} is repeated; it stands first in line {}",
                                           quote(placed.route.name), first->second));
}

/// `default` takes the rest, so it matches everything and stands at the end; any other route says what it matches.
void check_match(Reader& reader, const Node& node, const PlacedRoute& placed, bool last) {
  const bool is_default = placed.route.name == kDefault;
  if (is_default && placed.match != nullptr) {
    reader.problem(*placed.match, "the route `default` takes what no other does; it has no `match`");
  }
  if (is_default && !last) reader.problem(*placed.name, "the route `default` takes the rest, so it is the last one");
  if (!is_default && placed.name != nullptr && placed.match == nullptr) {
    reader.problem(node, "`match` is missing; only the route `default` has none");
  }
}

}  // namespace

RouteConfig default_route(const std::vector<RouteRule>& global_rules) {
  RouteConfig route;
  route.name = kDefault;
  route.rules = global_rules;
  return route;
}

std::vector<RouteConfig> read_routes(Reader& reader, const Node& list, const std::vector<RouteRule>& global_rules,
                                     std::string_view today) {
  std::vector<RouteConfig> routes;
  std::map<std::string, int> names;
  if (list.type == Node::Type::mapping || list.type == Node::Type::scalar) {
    reader.not_allowed(list, "a list of routes, each `- name: ...`");
    return routes;
  }
  if (list.items.size() > kMaxRoutes) reader.problem(list, fmt::format("at most {} routes are served", kMaxRoutes));
  if (global_rules.size() * std::min(list.items.size(), kMaxRoutes) > kMaxCopies) {
    reader.problem(list, fmt::format("at most {} global rules times routes", kMaxCopies));
    return routes;
  }
  for (std::size_t i = 0; i < std::min(list.items.size(), kMaxRoutes); ++i) {
    const Reader::Inside inside(reader, i);
    PlacedRoute placed = read_route(reader, list.items[i]);
    check_name(reader, list.items[i], placed, names);
    check_match(reader, list.items[i], placed, i + 1 == list.items.size());
    check_key(reader, placed);
    placed.route.rules = global_rules;
    append_rules(reader, placed, today);
    routes.push_back(std::move(placed.route));
  }
  if (routes.empty() || routes.back().name != kDefault) routes.push_back(default_route(global_rules));
  return routes;
}

}  // namespace comparator
