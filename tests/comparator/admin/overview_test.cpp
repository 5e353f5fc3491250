#include "tests/comparator/admin/fixture.h"
#include "tests/support/catch.h"

using namespace admin_test;
using storage::Outcome;

TEST_CASE("the summary of an empty store holds and has no rates", "[admin]") {
  Fixture fixture;
  fixture.store();

  const auto summary = fixture.get_json("/api/v1/summary");

  CHECK(summary["requests"] == 0);
  CHECK(summary["diff_rate"].is_null());
  CHECK(summary["uncompared_share"].is_null());
  CHECK(summary["latency"]["new"].is_null());
  CHECK(summary["verdict"] == "hold");
  CHECK(summary["verdicts"] == nlohmann::json{{"pass", 0}, {"fail", 0}, {"hold", 2}});
  CHECK(summary["listen"] == "127.0.0.1:8080");
  CHECK(summary["old"]["url"] == "http://10.0.0.5:8080");
  CHECK(summary["new"]["url"] == "http://10.0.0.6:8080");
  CHECK(summary["outcomes"].size() == storage::kOutcomes);
}

TEST_CASE("every request is in the summary once, under its outcome", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  for (std::size_t i = 0; i < storage::kOutcomes; ++i) {
    add_tally(batch, fixture.config, "get-invoice", static_cast<Outcome>(i), i + 1);
  }
  add_tally(batch, fixture.config, "default", Outcome::match, 100);
  fixture.write(batch);

  const auto summary = fixture.get_json("/api/v1/summary");

  CHECK(summary["requests"] == 155);
  CHECK(summary["outcomes"]["match"] == 101);
  CHECK(summary["outcomes"]["not_selected"] == 10);
  CHECK(summary["compared"] == 115);  // match 101, accepted 2, noise 3, transient 4, mismatch 5
  CHECK(summary["uncompared"] == 21);
  CHECK(summary["selected"] == 136);
  CHECK(summary["diff_rate"].get<double>() == Approx(5.0 / 115));
  CHECK(summary["uncompared_share"].get<double>() == Approx(21.0 / 136));
  CHECK(summary["causes"] == nlohmann::json::parse(R"([{"outcome":"new_failed","cause":"timeout","count":6}])"));
}

TEST_CASE("what an earlier epoch or a removed route counted is told apart, not mixed in", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "get-invoice", Outcome::match, 5);
  add_tally(batch, fixture.config, "gone", Outcome::mismatch, 7);
  auto earlier = fixture.config;
  earlier.new_side.build = "an older one";
  add_tally(batch, earlier, "get-invoice", Outcome::mismatch, 11);
  fixture.write(batch);

  const auto summary = fixture.get_json("/api/v1/summary");

  CHECK(summary["requests"] == 5);
  CHECK(summary["earlier_requests"] == 18);
  CHECK(summary["outcomes"]["mismatch"] == 0);
}

TEST_CASE("routes tell stage, rates, verdict and latencies of the right side", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "get-invoice", Outcome::match, 75);
  add_tally(batch, fixture.config, "get-invoice", Outcome::mismatch, 25);
  fixture.write(batch);

  const auto routes = fixture.get_json("/api/v1/routes");
  const auto one = fixture.get_json("/api/v1/routes/get-invoice");

  REQUIRE(routes["items"].size() == 2);
  CHECK(routes["items"][0] == one);
  CHECK(routes["items"][1]["name"] == "default");
  CHECK(routes["items"][1]["diff_rate"].is_null());
  CHECK(one["stage"] == "shadow");
  CHECK(one["path"] == "/invoices/{id}");
  CHECK(one["diff_rate"].get<double>() == Approx(0.25));
  CHECK(one["epoch"] == fixture.config.epoch(fixture.config.routes.front()));
  CHECK(one["gate"]["verdict"] == "fail");
  CHECK(one["gate"]["reasons"].size() >= 1);
  CHECK(one["latency"]["old"]["p50_us"].get<double>() == Approx(10'000).epsilon(0.1));
  CHECK(one["latency"]["new"]["p99_us"].get<double>() == Approx(40'000).epsilon(0.1));
}

TEST_CASE("the series of minutes ends now and reaches back as far as was asked", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "get-invoice", Outcome::match, 1, 0);
  add_tally(batch, fixture.config, "get-invoice", Outcome::mismatch, 2, 0);
  add_tally(batch, fixture.config, "get-invoice", Outcome::shed, 4, 59);
  add_tally(batch, fixture.config, "get-invoice", Outcome::match, 8, 60);
  fixture.write(batch);

  const auto hour = fixture.get_json("/api/v1/routes/get-invoice")["minutes"];
  const auto minute = fixture.get_json("/api/v1/routes/get-invoice?minutes=1")["minutes"];
  const auto day = fixture.get_json("/api/v1/routes/get-invoice?minutes=1440")["minutes"];

  CHECK(hour.size() == 2);
  CHECK(day.size() == 3);
  REQUIRE(minute.size() == 1);
  CHECK(minute[0] == nlohmann::json{{"at_s", kNowMinute * 60}, {"compared", 3}, {"different", 2}, {"uncompared", 0}});
}

TEST_CASE("a route's name may hold anything that a configuration allows", "[admin]") {
  Fixture fixture;
  fixture.config.routes.front().name = "a/b c%2F?\xc3\xa9";
  fixture.store();

  CHECK(fixture.get_json("/api/v1/routes/a%2Fb%20c%252F%3F%C3%A9")["name"] == "a/b c%2F?\xc3\xa9");
}
