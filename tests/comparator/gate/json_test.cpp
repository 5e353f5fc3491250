#include "comparator/gate/json.h"

#include "comparator/gate/timestamp.h"
#include "tests/support/catch.h"

using namespace comparator::gate;

TEST_CASE("a verdict as JSON has the documented names") {
  RouteVerdict verdict;
  verdict.route = "invoices";
  verdict.epoch = "e1";
  verdict.reasons = {{"stale", "the newest evidence is old"}};
  verdict.selected = 7;
  verdict.computed_at_us = 1'740'000'000'999'999;
  verdict.valid_until_us = 1'740'086'400'000'000;
  verdict.strata.resize(2);
  verdict.strata[0].severity = diffing::Severity::critical;
  verdict.strata[0].delta = 0.0001;
  verdict.strata[0].counts = {7, 2, 1};
  verdict.strata[0].log_e_pass = 4.605170185988092;
  verdict.strata[0].log_e_fail = -2.302585092994046;
  verdict.strata[0].clean_requests_to_pass = 12;

  const nlohmann::json json = to_json(verdict);

  CHECK(json["route"] == "invoices");
  CHECK(json["epoch"] == "e1");
  CHECK(json["verdict"] == "hold");
  CHECK(json["reasons"] == nlohmann::json::parse(R"([{"code":"stale","message":"the newest evidence is old"}])"));
  CHECK(json["selected"] == 7);
  CHECK(json["computed_at"] == "2025-02-19T21:20:00Z");
  CHECK(json["valid_until"] == "2025-02-20T21:20:00Z");
  const auto& stratum = json["strata"][0];
  CHECK(stratum["severity"] == "critical");
  CHECK(stratum["delta"] == 0.0001);
  CHECK(stratum["n"] == 7);
  CHECK(stratum["a"] == 2);
  CHECK(stratum["b"] == 1);
  CHECK(stratum["log10_e_pass"].get<double>() == Approx(2));
  CHECK(stratum["log10_e_fail"].get<double>() == Approx(-1));
  CHECK(stratum["upper"] == 1);
  CHECK(stratum["lower"] == 0);
  CHECK(stratum["verdict"] == "hold");
  CHECK(stratum["clean_requests_to_pass"] == 12);
  CHECK(json["strata"][1]["clean_requests_to_pass"].is_null());
}

TEST_CASE("all routes as JSON say why they do not pass") {
  std::vector<RouteVerdict> routes(2);
  routes[0].route = "a";
  routes[0].verdict = Verdict::pass;
  routes[1].route = "b";
  routes[1].reasons = {{"stale", "old"}};

  const nlohmann::json json = to_json(routes);

  CHECK(json["verdict"] == "hold");
  CHECK(json["routes"].size() == 2);
  CHECK(json["reasons"] == nlohmann::json::parse(R"([{"code":"stale","message":"route b: old"}])"));
  CHECK(to_json(std::vector<RouteVerdict>{})["reasons"][0]["code"] == "no_routes");
}

TEST_CASE("times are RFC 3339 in UTC, also before 1970") {
  CHECK(timestamp(0) == "1970-01-01T00:00:00Z");
  CHECK(timestamp(-1) == "1969-12-31T23:59:59Z");
  CHECK(timestamp(951'782'400'000'000) == "2000-02-29T00:00:00Z");
}
