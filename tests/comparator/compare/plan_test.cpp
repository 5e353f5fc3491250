#include "comparator/plan.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace comparator {
namespace {

Plan plan_of(std::vector<RouteConfig> routes) {
  auto config = std::get<Config>(config_for("http://127.0.0.1:1", "http://127.0.0.1:2"));
  config.routes.insert(config.routes.begin(), routes.begin(), routes.end());
  return std::get<Plan>(make_plan(std::move(config)));
}

RouteConfig route(std::string name, std::string path, std::vector<std::string> methods = {}) {
  RouteConfig made;
  made.name = std::move(name);
  made.path = std::move(path);
  made.methods = std::move(methods);
  return made;
}

TEST_CASE("The first route that matches takes the request", "[plan]") {
  const Plan plan = plan_of({route("item", "/items/{id}", {"GET"}), route("items", "/items"),
                             route("rest", "/items/**"), route("deep", "/a/{b}/c/**"), route("root", "/")});
  struct Row {
    const char* method;
    const char* target;
    const char* route;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"GET", "/items/1", "item", "a parameter takes one segment"},
      {"GET", "/items/1?x=/y", "item", "the query is not part of the path"},
      {"POST", "/items/1", "rest", "the method is part of the match"},
      {"GET", "/items", "items", "literal"},
      {"GET", "/items/", "rest", "a parameter is not empty"},
      {"GET", "/items/1/2", "rest", "a parameter takes only one segment"},
      {"GET", "/a/x/c/d/e", "deep", "/** takes the rest"},
      {"GET", "/a/x/c", "deep", "the rest may be empty"},
      {"GET", "/a/x/d", "default", "literal after a parameter"},
      {"GET", "/", "root", "the root is a path"},
      {"GET", "/Items", "default", "paths have case"},
      {"OPTIONS", "*", "default", "asterisk form"},
  }));
  DYNAMIC_SECTION(row.method << " " << row.target) {
    INFO(row.why);
    CHECK(plan.route(row.method, row.target).name() == row.route);
  }
}

TEST_CASE("Only GET and HEAD are copied unless the route names the method", "[plan]") {
  const Plan plan = plan_of({route("orders", "/orders", {"GET", "POST"})});
  const auto copied = [&](const char* method, const char* path) { return plan.route(method, path).copies(method); };

  CHECK(copied("GET", "/"));
  CHECK(copied("HEAD", "/"));
  CHECK_FALSE(copied("POST", "/"));
  CHECK_FALSE(copied("OPTIONS", "/"));
  CHECK(copied("POST", "/orders"));
  CHECK_FALSE(copied("DELETE", "/orders"));
}

TEST_CASE("An unknown host is told in one sentence", "[plan]") {
  auto config = std::get<Config>(config_for("http://no-such-host.invalid", "http://127.0.0.1:2"));

  const auto made = make_plan(std::move(config));

  REQUIRE(std::holds_alternative<std::string>(made));
  CHECK(std::get<std::string>(made).find("old: cannot resolve host \"no-such-host.invalid\"") == 0);
}

}  // namespace
}  // namespace comparator
