#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "comparator/config/characters.h"
#include "comparator/config/config.h"
#include "comparator/config/endpoint.h"
#include "comparator/config/fields.h"
#include "comparator/config/routes.h"
#include "comparator/config/rule_list.h"
#include "comparator/config/sections.h"

namespace comparator {
namespace {

using namespace std::chrono_literals;
using Problems = std::vector<Problem>;

constexpr std::string_view kWhat = "a mapping with at least `old: {url: ...}` and `new: {url: ...}`";

/// The file while it is read: what waits for something else in it, and where things stand.
struct File {
  Config config;
  const Node* old_side = nullptr;
  const Node* new_side = nullptr;
  const Node* listen = nullptr;
  const Node* admin = nullptr;
  const Node* rules = nullptr;
  const Node* routes = nullptr;
};

const Fields<File>& file_fields() {
  static const Fields<File> fields{
      {"listen",
       [](Reader& r, const Node& n, File& f) {
         f.listen = &n;
         read_endpoint(r, n, f.config.listen);
       }},
      {"loops", [](Reader& r, const Node& n, File& f) { f.config.loops = r.count(n, 0, 1024).value_or(0); }},
      {"old",
       [](Reader& r, const Node& n, File& f) {
         f.old_side = &n;
         read_side(r, n, f.config.old_side);
       }},
      {"new",
       [](Reader& r, const Node& n, File& f) {
         f.new_side = &n;
         read_side(r, n, f.config.new_side);
       }},
      {"control", not_yet<File>("`control` is not supported yet: noise is not told from differences in this version")},
      {"store", [](Reader& r, const Node& n, File& f) { read_store(r, n, f.config.store); }},
      {"admin",
       [](Reader& r, const Node& n, File& f) {
         f.admin = &n;
         read_admin(r, n, f.config.admin);
       }},
      {"name_servers", [](Reader& r, const Node& n, File& f) { read_name_servers(r, n, f.config.name_servers); }},
      {"tls", [](Reader& r, const Node& n, File& f) { read_client_tls(r, n, f.config.tls); }},
      {"access_log", [](Reader& r, const Node& n, File& f) { read_access_log(r, n, f.config.access_log); }},
      {"limits", [](Reader& r, const Node& n, File& f) { read_limits(r, n, f.config.limits); }},
      {"forward", [](Reader& r, const Node& n, File& f) { read_forward(r, n, f.config.forward); }},
      {"compare", [](Reader& r, const Node& n, File& f) { read_compare(r, n, f.config.compare); }},
      {"redact", [](Reader& r, const Node& n, File& f) { read_redact(r, n, f.config.redact); }},
      {"rules", [](Reader&, const Node& n, File& f) { f.rules = &n; }},
      {"routes", [](Reader&, const Node& n, File& f) { f.routes = &n; }},
      {"drain",
       [](Reader& r, const Node& n, File& f) {
         if (const auto value = r.duration(n, 0ms, 1h)) f.config.drain = *value;
       }},
      {"fallback", not_yet<File>("`fallback` is not supported yet; what the serving side answers is final")},
  };
  return fields;
}

/// Global rules first: every route has them before its own, wherever they stand in the file.
void read_rules_and_routes(Reader& reader, File& file, std::string_view today) {
  std::vector<RouteRule> global_rules;
  if (file.rules != nullptr) {
    const Reader::Inside inside(reader, "rules");
    for (auto& placed : read_rules(reader, *file.rules, RuleRoot::answer, today)) {
      global_rules.push_back(std::move(placed.rule));
    }
  }
  const Node no_routes;
  const Reader::Inside inside(reader, "routes");
  file.config.routes = read_routes(reader, file.routes == nullptr ? no_routes : *file.routes, global_rules, today);
}

/// A route's rules are compiled as one list, which has bounds of its own. The first route past them is enough to tell.
void check_rules_together(Reader& reader, const Config& config) {
  for (const RouteConfig& route : config.routes) {
    std::vector<diffing::Rule> rules;
    std::vector<int> lines;
    for (const RouteRule& each : route.rules) {
      if (each.expired) continue;
      rules.push_back(each.rule);
      lines.push_back(each.line);
    }
    const auto compiled = diffing::RuleSet::compile(rules);
    const auto* errors = std::get_if<std::vector<diffing::RuleError>>(&compiled);
    if (errors == nullptr) continue;
    for (const auto& error : *errors) {
      Node place;
      place.line = lines.at(error.rule);
      place.column = 0;
      reader.problem(place, fmt::format("with all rules of the route `{}`: {}", route.name, error.message));
    }
    return;
  }
}

void override_url(Problems& problems, std::string_view flag, const std::optional<std::string>& url, SideConfig& side) {
  if (!url) return;
  auto parsed = parse_service_url(*url);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    problems.push_back({0, 0,
                        fmt::format("{}: found {}; allowed is http://host, https://host:port or unix:/path: {}", flag,
                                    quote(*url), *wrong)});
    return;
  }
  side.url = *url;
  side.endpoint = std::get<ServiceUrl>(parsed).endpoint;
  side.secure = std::get<ServiceUrl>(parsed).secure;
}

void override_endpoint(Problems& problems, std::string_view flag, const std::optional<std::string>& text,
                       Endpoint& endpoint) {
  if (!text) return;
  auto parsed = parse_endpoint(*text);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    problems.push_back(
        {0, 0,
         fmt::format("{}: found {}; allowed is host:port, such as 127.0.0.1:8080: {}", flag, quote(*text), *wrong)});
    return;
  }
  endpoint = std::get<Endpoint>(std::move(parsed));
}

void override_store(Problems& problems, const std::optional<std::string>& store, std::string& into) {
  if (!store) return;
  const std::string problem = store->empty() ? "the name of the file is empty" : store_problem(*store);
  if (!problem.empty()) problems.push_back({0, 0, "--store: " + problem});
  into = *store;
}

Problems apply(const Overrides& overrides, Config& config) {
  Problems problems;
  override_url(problems, "--old", overrides.old_url, config.old_side);
  override_url(problems, "--new", overrides.new_url, config.new_side);
  override_endpoint(problems, "--listen", overrides.listen, config.listen);
  override_endpoint(problems, "--admin", overrides.admin, config.admin.listen);
  override_store(problems, overrides.store, config.store);
  return problems;
}

/// Reaching this endpoint would reach twinrun itself, which would ask itself for ever.
bool is_itself(const Config& config, const Endpoint& endpoint) {
  const bool same_host = endpoint.host == config.listen.host || (is_loopback(endpoint) && is_loopback(config.listen)) ||
                         (is_loopback(endpoint) && (config.listen.host == "0.0.0.0" || config.listen.host == "::"));
  return same_host && endpoint.port == config.listen.port && endpoint.port != 0;
}

/// What is wrong between values that are each good. Only told when nothing else is wrong with them.
void check_whole(Reader& reader, const Node& root, const File& file) {
  const Config& config = file.config;
  const Node& admin = file.admin == nullptr ? root : *file.admin;
  if (config.admin.tokens.empty() && !is_loopback(config.admin.listen)) {
    reader.problem(admin, fmt::format("admin: listens beyond this machine at {}:{} and needs `tokens`; or listen on "
                                      "127.0.0.1",
                                      config.admin.listen.host, config.admin.listen.port));
  }
  if (config.admin.listen == config.listen && config.listen.port != 0) {
    reader.problem(admin, "admin: listens where clients are served; give it a port of its own");
  }
  if (is_itself(config, config.old_side.endpoint)) {
    reader.problem(file.old_side == nullptr ? root : *file.old_side, "old: this is where twinrun itself listens");
  }
  if (is_itself(config, config.new_side.endpoint)) {
    reader.problem(file.new_side == nullptr ? root : *file.new_side, "new: this is where twinrun itself listens");
  }
}

void check_sides_given(Reader& reader, const Node& root, const File& file, const Overrides& overrides) {
  const auto check = [&](std::string_view key, const Node* node, const SideConfig& side, bool overridden) {
    if (!side.url.empty() || overridden) return;
    const bool named = node != nullptr &&
                       std::any_of(node->keys.begin(), node->keys.end(), [](const Node& k) { return k.text == "url"; });
    if (node == nullptr) {
      reader.problem(root,
                     fmt::format("`{}` is missing; it names a service, as in {}: {{url: http://host:port}}", key, key));
    } else if (node->type == Node::Type::mapping && !named) {
      reader.problem(*node, fmt::format("{}: `url` is missing", key));
    }
  };
  check("old", file.old_side, file.config.old_side, overrides.old_url.has_value());
  check("new", file.new_side, file.config.new_side, overrides.new_url.has_value());
}

std::variant<Config, Problems> parse_tree(const Node& root, std::string_view today, const Overrides& overrides) {
  Reader reader;
  File file;
  if (root.type != Node::Type::mapping) {
    reader.not_allowed(root, kWhat);
    return reader.take_problems();
  }
  read_mapping(reader, root, file_fields(), file, kWhat);
  read_rules_and_routes(reader, file, today);
  Problems problems = apply(overrides, file.config);
  check_sides_given(reader, root, file, overrides);
  if (problems.empty() && !reader.has_problems()) {
    check_whole(reader, root, file);
    check_rules_together(reader, file.config);
  }
  for (auto& problem : reader.take_problems()) problems.push_back(std::move(problem));
  if (!problems.empty()) return problems;
  return std::move(file.config);
}

}  // namespace

std::variant<Config, Problems> parse_config(std::string_view yaml, std::string_view today, const Overrides& overrides) {
  const auto tree = read_tree(yaml);
  if (const auto* problem = std::get_if<Problem>(&tree)) return Problems{*problem};
  return parse_tree(std::get<Node>(tree), today, overrides);
}

std::variant<Config, Problems> config_for(const Overrides& arguments) {
  Node root;
  root.type = Node::Type::mapping;
  root.line = root.column = 0;
  return parse_tree(root, "", arguments);
}

std::variant<Config, Problems> config_for(std::string_view old_url, std::string_view new_url) {
  Overrides arguments;
  arguments.old_url = old_url;
  arguments.new_url = new_url;
  return config_for(arguments);
}

std::variant<std::vector<RouteRule>, Problems> parse_rules(std::string_view yaml, std::string_view today) {
  const auto tree = read_tree(yaml);
  if (const auto* problem = std::get_if<Problem>(&tree)) return Problems{*problem};
  Reader reader;
  std::vector<RouteRule> rules;
  for (auto& placed : read_rules(reader, std::get<Node>(tree), RuleRoot::document, today)) {
    rules.push_back(std::move(placed.rule));
  }
  if (reader.has_problems()) return reader.take_problems();
  return rules;
}

}  // namespace comparator
