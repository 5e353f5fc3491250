#include <regex>
#include <set>

#include "comparator/admin/openapi.h"
#include "comparator/admin/resources.h"
#include "dashboard/assets.h"
#include "tests/comparator/admin/fixture.h"
#include "tests/support/catch.h"

using namespace admin_test;
using nlohmann::json;

TEST_CASE("the description lists exactly what is served", "[admin]") {
  const auto paths = json::parse(comparator::admin::kOpenApi)["paths"];

  std::set<std::string> described;
  for (const auto& [path, operations] : paths.items()) described.insert(path);
  std::set<std::string> served;
  for (const auto& resource : comparator::admin::resources()) served.insert(std::string(resource.path));

  CHECK(described == served);
}

TEST_CASE("the description lists exactly the parameters that are taken", "[admin]") {
  const auto description = json::parse(comparator::admin::kOpenApi);
  for (const auto& resource : comparator::admin::resources()) {
    INFO(resource.path);
    const auto operation = description["paths"][std::string(resource.path)]["get"];

    std::set<std::string> described;
    for (auto parameter : operation.value("parameters", json::array())) {
      if (parameter.contains("$ref")) {
        parameter = description[json::json_pointer(parameter["$ref"].get<std::string>().substr(1))];
      }
      if (parameter["in"] == "query") described.insert(parameter["name"].get<std::string>());
    }

    CHECK(described == std::set<std::string>(resource.parameters.begin(), resource.parameters.end()));
  }
}

TEST_CASE("every reference in the description leads somewhere", "[admin]") {
  const auto description = json::parse(comparator::admin::kOpenApi);
  const auto flat = description.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (!pointer.ends_with("/$ref")) continue;
    INFO(pointer << ": " << value);
    CHECK(description.contains(json::json_pointer(value.get<std::string>().substr(1))));
  }
}

TEST_CASE("answers hold every member that the description requires", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "get-invoice", storage::Outcome::mismatch, 3);
  batch.evidence = {report_of(fixture.config)};
  fixture.write(batch);
  const auto schemas = json::parse(comparator::admin::kOpenApi)["components"]["schemas"];
  struct Row {
    std::string schema;
    json value;
  };
  const std::vector<Row> rows{
      {"Summary", fixture.get_json("/api/v1/summary")},
      {"Route", fixture.get_json("/api/v1/routes/get-invoice")},
      {"RouteVerdict", fixture.get_json("/api/v1/gate/get-invoice")},
      {"Gate", fixture.get_json("/api/v1/gate")},
      {"Finding", fixture.get_json("/api/v1/findings/1")},
      {"ReportPage", fixture.get_json("/api/v1/reports")},
      {"Report", fixture.get_json("/api/v1/reports/1")},
      {"Difference", fixture.get_json("/api/v1/reports/1")["differences"][0]},
      {"Health", fixture.get_json("/readyz")},
      {"Problem", json::parse(fixture.get("/nothing").body)},
  };
  for (const auto& row : rows) {
    const auto& schema = schemas[row.schema];
    for (const auto& part : schema.value("allOf", json::array({schema}))) {
      for (const auto& member : part.value("required", json::array())) {
        INFO(row.schema << '.' << member);
        CHECK(row.value.contains(member.get<std::string>()));
      }
    }
  }
}

TEST_CASE("ready tells whether traffic is served, and a broken store beside it", "[admin]") {
  struct Row {
    bool is_ready;
    bool degraded;
    int status;
    std::string expected;
  };
  const auto row = GENERATE(values<Row>({
      {true, false, 200, "ready"},
      {true, true, 200, "degraded"},
      {false, false, 503, "not_ready"},
      {false, true, 503, "not_ready"},
  }));
  Fixture fixture;
  fixture.live.is_ready = row.is_ready;
  fixture.live.health.degraded = row.degraded;
  fixture.live.health.problem = row.degraded ? "no space left on device" : "";

  const auto response = fixture.get("/readyz");

  CHECK(response.status == row.status);
  const auto body = json::parse(response.body);
  CHECK(body["status"] == row.expected);
  CHECK(body.value("problem", "") == (row.expected == "degraded" ? "no space left on device" : ""));
  CHECK(fixture.get("/livez").status == 200);
}

TEST_CASE("metrics are those of the program, with the writer's health and the build", "[admin]") {
  Fixture fixture;
  fixture.live.families = {{"twinrun_requests_total",
                            "Requests by outcome.",
                            true,
                            {{"twinrun_requests_total", {{"route", "a\"b\\c\nd"}, {"outcome", "match"}}, 12345678901}}},
                           {"twinrun_connections", "Open connections.", false, {{"twinrun_connections", {}, 3}}}};
  fixture.live.health.evidence_lost = 7;
  fixture.live.health.degraded = true;

  const auto response = fixture.get("/metrics");

  CHECK(response.status == 200);
  CHECK(response.get_header_value("Content-Type").starts_with("text/plain; version=0.0.4"));
  const auto& text = response.body;
  CHECK(text.find("# TYPE twinrun_requests_total counter\n") != std::string::npos);
  CHECK(text.find(R"(twinrun_requests_total{route="a\"b\\c\nd",outcome="match"} 12345678901)") != std::string::npos);
  CHECK(text.find("# TYPE twinrun_connections gauge\n") != std::string::npos);
  CHECK(text.find("twinrun_store_evidence_lost_total 7\n") != std::string::npos);
  CHECK(text.find("twinrun_store_degraded 1\n") != std::string::npos);
  CHECK(text.find("twinrun_build_info{version=\"") != std::string::npos);
}

TEST_CASE("each metric has help, a clean name, and a counter ends in total", "[admin]") {
  Fixture fixture;
  const auto text = fixture.get("/metrics").body;

  std::set<std::string> helped;
  std::istringstream lines(text);
  const std::regex type_line("# TYPE (twinrun_[a-z_]+) (counter|gauge)");
  const std::regex help_line("# HELP (twinrun_[a-z_]+) .+\\.");
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (std::regex_match(line, match, help_line)) {
      CHECK(helped.insert(match[1]).second);
    } else if (line.starts_with('#')) {
      REQUIRE(std::regex_match(line, match, type_line));
      CHECK(helped.count(match[1]) == 1);
      CHECK(match[1].str().ends_with("_total") == (match[2] == "counter"));
    }
  }
  CHECK(helped.size() == 8);
}

TEST_CASE("the page and what it loads are served, with their types, and load nothing from elsewhere", "[admin]") {
  Fixture fixture;
  const std::regex elsewhere(R"((src|href)="(https?:)?//|@import|url\(\s*['"]?(https?:)?//)");
  for (const auto& asset : dashboard::assets()) {
    INFO(asset.path);

    const auto response = fixture.get(std::string(asset.path));

    CHECK(response.status == 200);
    CHECK(response.get_header_value("Content-Type") == asset.content_type);
    CHECK(response.body == asset.bytes);
    CHECK_FALSE(std::regex_search(response.body, elsewhere));
    CHECK(response.body.find("innerHTML") == std::string::npos);
    CHECK(response.body.find("outerHTML") == std::string::npos);
    CHECK(response.body.find("insertAdjacentHTML") == std::string::npos);
    CHECK(response.body.find("document.write") == std::string::npos);
  }
}
