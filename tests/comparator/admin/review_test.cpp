#include <fstream>
#include <iterator>
#include <set>

#include "tests/comparator/admin/fixture.h"
#include "tests/support/catch.h"

using namespace admin_test;
using nlohmann::json;

namespace {

/// Reports that differ in their place, so that each makes a finding of its own.
std::vector<storage::Report> reports_with_own_findings(const comparator::Config& config, int count) {
  std::vector<storage::Report> reports;
  for (int i = 0; i < count; ++i) {
    reports.push_back(report_of(config, i));
    auto& difference = reports.back().differences.front();
    difference.path = difference.signature = "/body/member" + std::to_string(i);
  }
  return reports;
}

/// Ids of all items, page by page; fails the test when an id comes twice.
std::set<std::int64_t> ids_of_all_pages(Fixture& fixture, const std::string& list, std::size_t limit) {
  std::set<std::int64_t> ids;
  std::string cursor;
  do {
    const auto page = fixture.get_json(list + "limit=" + std::to_string(limit) + "&cursor=" + cursor);
    CHECK(page["items"].size() <= limit);
    for (const auto& item : page["items"]) CHECK(ids.insert(item["id"].get<std::int64_t>()).second);
    cursor = page["next"].is_null() ? "" : page["next"].get<std::string>();
  } while (!cursor.empty());
  return ids;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a finding shows its example with each side's value on its own side", "[admin]") {
  Fixture fixture;
  fixture.write({report_of(fixture.config)});

  const auto page = fixture.get_json("/api/v1/findings");

  CHECK(page["next"].is_null());
  REQUIRE(page["items"].size() == 1);
  const auto& finding = page["items"][0];
  CHECK(finding["route"] == "get-invoice");
  CHECK(finding["signature"] == "/body/total");
  CHECK(finding["kind"] == "type");
  CHECK(finding["severity"] == "major");
  CHECK(finding["state"] == "open");
  CHECK(finding["requests"] == 1);
  CHECK(finding["example"] == json{{"path", "/body/total"}, {"old", "12"}, {"new", "\"12\""}});
}

TEST_CASE("the sides are never swapped, whatever the kind", "[admin]") {
  const auto kind = static_cast<diffing::Kind>(GENERATE(range(0, static_cast<int>(diffing::kKinds))));
  INFO(diffing::name(kind));
  Fixture fixture;
  auto report = report_of(fixture.config);
  auto& difference = report.differences.front();
  difference.kind = kind;
  difference.old_value = kind == diffing::Kind::extra ? "" : "of old";
  difference.new_value = kind == diffing::Kind::missing ? "" : "of new";
  fixture.write({report});

  const auto finding = fixture.get_json("/api/v1/findings/1");
  const auto shown = fixture.get_json("/api/v1/reports/1")["differences"][0];

  const json expected_old = kind == diffing::Kind::extra ? json(nullptr) : json("of old");
  const json expected_new = kind == diffing::Kind::missing ? json(nullptr) : json("of new");
  CHECK(finding["kind"] == diffing::name(kind));
  CHECK(finding["example"]["old"] == expected_old);
  CHECK(finding["example"]["new"] == expected_new);
  CHECK(shown["old"] == expected_old);
  CHECK(shown["new"] == expected_new);
}

TEST_CASE("a report has both answers, the kept differences and how many there are in all", "[admin]") {
  Fixture fixture;
  auto report = report_of(fixture.config);
  report.difference_count = 9;
  report.request_body = "{}";
  report.new_side.body_truncated = true;
  report.new_side.body_bytes = 123'456;
  fixture.write({report});

  const auto shown = fixture.get_json("/api/v1/reports/1");

  CHECK(shown["difference_count"] == 9);
  CHECK(shown["differences"].size() == 1);
  CHECK(shown["differences"][0]["path"] == "/body/total");
  CHECK(shown["outcome"] == "mismatch");
  CHECK(shown["severity"] == "major");
  CHECK(shown["request"]["target"] == "/invoices/0");
  CHECK(shown["request"]["body"] == json{{"encoding", "utf-8"}, {"text", "{}"}});
  CHECK(shown["old"]["status"] == 200);
  CHECK(shown["old"]["elapsed_us"] == 1500);
  CHECK(shown["old"]["body"]["text"] == R"({"total":12})");
  CHECK(shown["new"]["body"]["text"] == R"({"total":"12"})");
  CHECK(shown["new"]["body_truncated"] == true);
  CHECK(shown["new"]["body_bytes"] == 123'456);
  CHECK(shown["old"]["headers"][0] == json{{"name", "Content-Type"}, {"value", "application/json"}});
  CHECK(shown["curl"]["old"].get<std::string>().find("http://10.0.0.5:8080/invoices/0") != std::string::npos);
  CHECK(shown["curl"]["new"].get<std::string>().find("http://10.0.0.6:8080/invoices/0") != std::string::npos);
}

TEST_CASE("a side that failed has a cause instead of an answer", "[admin]") {
  Fixture fixture;
  auto report = report_of(fixture.config);
  report.outcome = storage::Outcome::new_failed;
  report.cause = "timeout";
  report.severity.reset();
  report.differences.clear();
  report.difference_count = 0;
  report.new_side = {};
  report.new_side.failure = "timeout";
  report.new_side.elapsed_us = 2'000'000;
  fixture.write({report});

  const auto finding = fixture.get_json("/api/v1/findings?kind=new_failed")["items"][0];
  const auto shown = fixture.get_json("/api/v1/reports/1");

  CHECK(finding["signature"] == "timeout");
  CHECK(shown["outcome"] == "new_failed");
  CHECK(shown["severity"].is_null());
  CHECK(shown["new"]["failure"] == "timeout");
  CHECK(shown["new"]["status"].is_null());
  CHECK(shown["old"]["failure"].is_null());
}

TEST_CASE("hostile bodies arrive byte for byte, as text or as base64", "[admin]") {
  struct Row {
    std::string name;
    std::string body;
    json expected;
  };
  const auto row = GENERATE(values<Row>({
      {"script", "<script>alert(1)</script>", {{"encoding", "utf-8"}, {"text", "<script>alert(1)</script>"}}},
      {"quotes and line ends", "\"\\\r\n\t", {{"encoding", "utf-8"}, {"text", "\"\\\r\n\t"}}},
      {"four bytes", "\xf0\x9f\x98\x80", {{"encoding", "utf-8"}, {"text", "\xf0\x9f\x98\x80"}}},
      {"empty", "", {{"encoding", "utf-8"}, {"text", ""}}},
      {"NUL", std::string("a\0b", 3), {{"encoding", "base64"}, {"base64", "YQBi"}}},
      {"escape", "\x1b[2J", {{"encoding", "base64"}, {"base64", "G1sySg=="}}},
      {"no UTF-8", "\xff\xfe", {{"encoding", "base64"}, {"base64", "//4="}}},
      {"cut in a character", "\xe2\x82", {{"encoding", "base64"}, {"base64", "4oI="}}},
      {"overlong", "\xc0\xaf", {{"encoding", "base64"}, {"base64", "wK8="}}},
      {"overlong of three", "\xe0\x80\xaf", {{"encoding", "base64"}, {"base64", "4ICv"}}},
      {"surrogate", "\xed\xa0\x80", {{"encoding", "base64"}, {"base64", "7aCA"}}},
      {"above U+10FFFF", "\xf4\x90\x80\x80", {{"encoding", "base64"}, {"base64", "9JCAgA=="}}},
  }));
  DYNAMIC_SECTION(row.name) {
    Fixture fixture;
    auto report = report_of(fixture.config);
    report.old_side.body = row.body;
    report.request_body = row.body;
    fixture.write({report});

    const auto response = fixture.get("/api/v1/reports/1");
    const auto shown = json::parse(response.body);

    CHECK(response.get_header_value("X-Content-Type-Options") == "nosniff");
    CHECK(shown["old"]["body"] == row.expected);
    CHECK(shown["request"]["body"] == row.expected);
  }
}

TEST_CASE("texts that are not UTF-8 are shown and break nothing", "[admin]") {
  Fixture fixture;
  auto report = report_of(fixture.config);
  report.target = "/\xff?a=<script>";
  report.request_headers.push_back({"X-Odd", std::string("\x80\0", 2)});
  report.differences.front().old_value = "\"\xe2\x82";
  fixture.write({report});

  CHECK(fixture.get_json("/api/v1/reports/1")["differences"][0]["old"] == "\"\xef\xbf\xbd");
  CHECK(fixture.get_json("/api/v1/reports")["items"][0]["target"] == "/\xef\xbf\xbd?a=<script>");
  CHECK(fixture.get_json("/api/v1/findings")["items"].size() == 1);
}

TEST_CASE("pages lead to the end, each row once", "[admin]") {
  const std::size_t limit = GENERATE(1u, 7u, 25u, 500u);
  INFO("limit " << limit);
  Fixture fixture;
  fixture.write(reports_with_own_findings(fixture.config, 25));

  CHECK(ids_of_all_pages(fixture, "/api/v1/findings?", limit).size() == 25);
  CHECK(ids_of_all_pages(fixture, "/api/v1/reports?", limit).size() == 25);
}

TEST_CASE("a finding lists the reports that are its evidence, and no others", "[admin]") {
  Fixture fixture;
  auto reports = reports_with_own_findings(fixture.config, 2);
  reports.push_back(report_of(fixture.config, 2));
  reports.back().differences = reports.front().differences;
  fixture.write(reports);

  const auto page = fixture.get_json("/api/v1/findings");
  REQUIRE(page["items"].size() == 2);
  for (const auto& finding : page["items"]) {
    const auto id = finding["id"].get<std::int64_t>();
    const auto in_full = fixture.get_json("/api/v1/findings/" + std::to_string(id));
    const auto listed = fixture.get_json("/api/v1/reports?finding=" + std::to_string(id));
    CHECK(in_full["requests"] == in_full["reports"]["items"].size());
    CHECK(in_full["reports"] == listed);
  }
}

TEST_CASE("lists are narrowed by what the parameters say", "[admin]") {
  Fixture fixture;
  auto other = report_of(fixture.config, 1);
  other.route = "default";
  other.epoch = fixture.config.epoch(fixture.config.routes.back());
  other.differences.front().kind = diffing::Kind::missing;
  fixture.write({report_of(fixture.config), other});

  CHECK(fixture.get_json("/api/v1/findings")["items"].size() == 2);
  CHECK(fixture.get_json("/api/v1/findings?route=default")["items"].size() == 1);
  CHECK(fixture.get_json("/api/v1/findings?kind=missing")["items"][0]["route"] == "default");
  CHECK(fixture.get_json("/api/v1/findings?state=open&kind=type")["items"].size() == 1);
  CHECK(fixture.get_json("/api/v1/findings?state=fixed")["items"].empty());
  CHECK(fixture.get_json("/api/v1/reports?route=get-invoice")["items"].size() == 1);
  CHECK(fixture.get_json("/api/v1/reports?route=nobody")["items"].empty());
}

TEST_CASE("what cannot be meant is refused with a problem, not answered with everything", "[admin]") {
  struct Row {
    std::string target;
    int status;
    std::string code;
  };
  const auto row = GENERATE(values<Row>({
      {"/api/v1/findings?kind=typ", 400, "bad_parameter"},
      {"/api/v1/findings?state=closed", 400, "bad_parameter"},
      {"/api/v1/findings?stat=open", 400, "bad_parameter"},
      {"/api/v1/findings?limit=0", 400, "bad_parameter"},
      {"/api/v1/findings?limit=501", 400, "bad_parameter"},
      {"/api/v1/findings?limit=5&limit=6", 400, "bad_parameter"},
      {"/api/v1/findings?cursor=nonsense", 400, "bad_parameter"},
      {"/api/v1/reports?cursor=1.2.3.4", 400, "bad_parameter"},
      {"/api/v1/reports?finding=x", 400, "bad_parameter"},
      {"/api/v1/routes?minutes=10081", 400, "bad_parameter"},
      {"/api/v1/summary?x", 400, "bad_parameter"},
      {"/api/v1/summary?%zz", 400, "bad_target"},
      {"/api/v1/findings/0", 404, "not_found"},
      {"/api/v1/findings/1", 404, "not_found"},
      {"/api/v1/findings/-1", 404, "not_found"},
      {"/api/v1/findings/9999999999999999999999", 404, "not_found"},
      {"/api/v1/reports/1", 404, "not_found"},
      {"/api/v1/reports/one", 404, "not_found"},
      {"/api/v1/routes/unknown", 404, "not_found"},
      {"/api/v1/", 404, "not_found"},
      {"/api/v1/summary/", 404, "not_found"},
      {"/api/v2/summary", 404, "not_found"},
      {"//api/v1/summary", 404, "not_found"},
      {"/../etc/passwd", 404, "not_found"},
  }));
  INFO(row.target);
  Fixture fixture;
  fixture.store();

  const auto response = fixture.get(row.target);

  CHECK(response.status == row.status);
  CHECK(response.get_header_value("Content-Type") == "application/problem+json");
  const auto problem = json::parse(response.body);
  CHECK(problem["status"] == row.status);
  CHECK(problem["code"] == row.code);
  CHECK_FALSE(problem["detail"].get<std::string>().empty());
}

TEST_CASE("a store that cannot be read is a problem, not an end", "[admin]") {
  const std::string content = GENERATE("", "this is no database");
  Fixture fixture;
  if (!content.empty()) std::ofstream(fixture.config.store) << content;

  const auto response = fixture.get("/api/v1/findings");

  CHECK(response.status == 503);
  CHECK(response.has_header("Retry-After"));
  CHECK(json::parse(response.body)["code"] == "store_unreadable");
  CHECK(fixture.get("/livez").status == 200);
  CHECK(fixture.get("/metrics").status == 200);
}

TEST_CASE("a store that comes later is read without a restart", "[admin]") {
  Fixture fixture;
  REQUIRE(fixture.get("/api/v1/findings").status == 503);

  fixture.write({report_of(fixture.config)});

  CHECK(fixture.get_json("/api/v1/findings")["items"].size() == 1);
}

TEST_CASE("reading changes nothing", "[admin]") {
  Fixture fixture;
  storage::Batch batch;
  add_tally(batch, fixture.config, "get-invoice", storage::Outcome::mismatch, 3);
  batch.evidence = reports_with_own_findings(fixture.config, 3);
  fixture.write(batch);
  const std::vector<std::string> targets{"/api/v1/summary",
                                         "/api/v1/routes",
                                         "/api/v1/routes/get-invoice",
                                         "/api/v1/findings",
                                         "/api/v1/findings/1",
                                         "/api/v1/reports",
                                         "/api/v1/reports/1",
                                         "/api/v1/gate",
                                         "/api/v1/gate/get-invoice",
                                         "/metrics",
                                         "/livez",
                                         "/readyz",
                                         "/",
                                         "/api/v1/reports/12345",
                                         "/openapi.json"};
  std::vector<std::string> first;
  for (const auto& target : targets) first.push_back(fixture.get(target).body);
  const auto file = bytes_of(fixture.config.store);
  const auto log = bytes_of(fixture.config.store + "-wal");

  std::vector<std::string> second;
  for (const auto& target : targets) second.push_back(fixture.get(target).body);

  CHECK(first == second);
  CHECK(bytes_of(fixture.config.store) == file);
  CHECK(bytes_of(fixture.config.store + "-wal") == log);
}
