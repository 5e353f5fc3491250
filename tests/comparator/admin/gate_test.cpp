#include "tests/comparator/admin/fixture.h"
#include "tests/support/catch.h"

using namespace admin_test;
using storage::Outcome;

namespace {

constexpr std::uint64_t kPlenty = 1'000'000;

/// Clean requests over two days, the last just now, so that every condition of the gate is met.
void add_clean_evidence(Fixture& fixture) {
  storage::Batch batch;
  for (const auto& route : fixture.config.routes) {
    for (const int minutes_ago : {2 * 24 * 60, 0}) {
      add_tally(batch, fixture.config, route.name, Outcome::match, kPlenty, minutes_ago);
    }
  }
  for (auto& [key, tally] : batch.tallies) {
    tally.new_latency = tally.old_latency;
  }
  fixture.write(batch);
}

}  // namespace

TEST_CASE("the gate answers 200 with its verdict, and with strict only for pass", "[admin]") {
  struct Row {
    std::string target;
    int without_evidence;
    int with_clean_evidence;
  };
  const auto row = GENERATE(values<Row>({
      {"/api/v1/gate", 200, 200},
      {"/api/v1/gate?strict", 409, 200},
      {"/api/v1/gate?strict=true", 409, 200},
      {"/api/v1/gate?strict=1", 409, 200},
      {"/api/v1/gate?strict=false", 200, 200},
      {"/api/v1/gate?strict=maybe", 400, 400},
      {"/api/v1/gate?Strict", 400, 400},
      {"/api/v1/gate/get-invoice", 200, 200},
      {"/api/v1/gate/get-invoice?strict", 409, 200},
      {"/api/v1/gate/unknown", 404, 404},
      {"/api/v1/gate/unknown?strict", 404, 404},
      {"/api/v1/gate/", 404, 404},
  }));
  INFO(row.target);
  Fixture fixture;
  fixture.store();

  const auto before = fixture.get(row.target);
  add_clean_evidence(fixture);
  const auto after = fixture.get(row.target);

  CHECK(before.status == row.without_evidence);
  CHECK(after.status == row.with_clean_evidence);
  const auto verdict = nlohmann::json::parse(after.body).value("verdict", "none");
  CHECK(verdict == (row.with_clean_evidence == 200 ? "pass" : "none"));
}

TEST_CASE("no data is hold, with a reason, for each route", "[admin]") {
  Fixture fixture;
  fixture.store();

  const auto gate = fixture.get_json("/api/v1/gate");

  CHECK(gate["verdict"] == "hold");
  REQUIRE(gate["routes"].size() == 2);
  CHECK(gate["routes"][1]["route"] == "default");
  CHECK(gate["routes"][1]["reasons"].size() >= 1);
}

TEST_CASE("with strict a verdict of fail answers 409 and says so", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "default", Outcome::mismatch, 5000);
  fixture.write(batch);

  const auto response = fixture.get("/api/v1/gate?strict");

  CHECK(response.status == 409);
  CHECK(nlohmann::json::parse(response.body)["verdict"] == "fail");
}
