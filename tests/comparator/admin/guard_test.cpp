#include "comparator/admin/guard.h"

#include "tests/comparator/admin/fixture.h"
#include "tests/support/catch.h"

using namespace admin_test;

TEST_CASE("without a token nothing but health and the empty page is told", "[admin]") {
  struct Row {
    std::string target;
    int without_token;
  };
  const auto row = GENERATE(values<Row>({
      {"/api/v1/summary", 401},
      {"/api/v1/findings", 401},
      {"/api/v1/findings?nonsense", 401},
      {"/api/v1/reports/1", 401},
      {"/api/v1/gate?strict", 401},
      {"/metrics", 401},
      {"/livez", 200},
      {"/readyz", 200},
      {"/openapi.json", 200},
      {"/", 200},
  }));
  INFO(row.target);
  Fixture fixture;
  fixture.config.admin.tokens = {"a secret"};
  fixture.store();

  const auto response = fixture.get(row.target);

  CHECK(response.status == row.without_token);
  CHECK(response.has_header("WWW-Authenticate") == (row.without_token == 401));
}

TEST_CASE("each token opens, and only as it is", "[admin]") {
  struct Row {
    std::string authorization;
    int status;
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"Bearer first", 200, "the first"},
      {"Bearer second", 200, "any of them"},
      {"bearer first", 200, "the scheme's name has no case"},
      {"Bearer  first", 200, "one or more spaces"},
      {"Bearer firs", 401, "a beginning"},
      {"Bearer firstfirst", 401, "a repetition"},
      {"Bearer FIRST", 401, "tokens have case"},
      {"Bearer first second", 401, "one at a time"},
      {"Bearer ", 401, "empty"},
      {"Bearer", 401, "none"},
      {"Basic first", 401, "another scheme"},
      {"first", 401, "no scheme"},
      {"", 401, "empty field"},
  }));
  INFO(row.why);
  Fixture fixture;
  fixture.config.admin.tokens = {"first", "second"};
  fixture.store();

  CHECK(fixture.get("/api/v1/summary", {{"Authorization", row.authorization}}).status == row.status);
}

TEST_CASE("an empty token opens nothing", "[admin]") {
  comparator::AdminConfig config;
  config.tokens = {""};

  CHECK_THROWS_AS(comparator::admin::require_token({"GET", "/", {}, {"Bearer "}}, config), comparator::admin::ApiError);
  CHECK_THROWS_AS(comparator::admin::require_token({"GET", "/", {}, {}}, config), comparator::admin::ApiError);
}

TEST_CASE("on loopback only names of this machine are answered", "[admin]") {
  struct Row {
    std::string host;
    int status;
  };
  const auto row = GENERATE(values<Row>({
      {"localhost", 200},
      {"LocalHost:9400", 200},
      {"127.0.0.1", 200},
      {"127.0.0.1:1", 200},
      {"[::1]", 200},
      {"[::1]:9400", 200},
      {"attacker.example", 421},
      {"attacker.example:9400", 421},
      {"localhost.attacker.example", 421},
      {"127.0.0.1.attacker.example", 421},
      {"localhost:80@attacker.example", 421},
      {"localhost:80:80", 421},
      {"localhost:x", 421},
      {"[::1", 421},
      {"[::1]x", 421},
      {"127.0.0.2", 421},
      {"0.0.0.0", 421},
      {"", 400},
  }));
  INFO(row.host);
  Fixture fixture;
  fixture.store();

  CHECK(fixture.get("/api/v1/summary", {{"Host", row.host}}).status == row.status);
  CHECK(fixture.get("/", {{"Host", row.host}}).status == row.status);
}

TEST_CASE("listening where others reach it, any host is answered, given a token", "[admin]") {
  Fixture fixture;
  fixture.config.admin.listen = {"0.0.0.0", 0};
  fixture.config.admin.tokens = {"secret"};
  fixture.store();

  CHECK(fixture.get("/api/v1/summary", {{"Host", "twinrun.example"}}).status == 401);
  CHECK(fixture.get("/api/v1/summary", {{"Host", "twinrun.example"}, {"Authorization", "Bearer secret"}}).status ==
        200);
}

TEST_CASE("listening where others reach it without a token is refused", "[admin]") {
  Fixture fixture;
  fixture.config.admin.listen = {"0.0.0.0", 0};

  CHECK_THROWS_WITH(fixture.port(),
                    "the admin side will not listen on 0.0.0.0 without admin.tokens: everybody could read it");
}

TEST_CASE("nothing but GET and HEAD is answered", "[admin]") {
  const std::string method = GENERATE("POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  const std::string target = GENERATE("/", "/api/v1/summary", "/api/v1/reports/1", "/livez", "/nothing");
  INFO(method << ' ' << target);
  Fixture fixture;
  fixture.store();
  httplib::Client client("127.0.0.1", fixture.port());
  httplib::Request request;
  request.method = method;
  request.path = target;
  if (method == "POST") request.body = "a body that nobody reads";

  const auto result = client.send(request);

  REQUIRE(result);
  CHECK(result->status == 405);
  CHECK(result->get_header_value("Allow") == "GET, HEAD");
}

TEST_CASE("HEAD is GET without the body", "[admin]") {
  Fixture fixture;
  fixture.store();
  httplib::Client client("127.0.0.1", fixture.port());

  const auto head = client.Head("/api/v1/summary");
  const auto get = client.Get("/api/v1/summary");

  REQUIRE(head);
  REQUIRE(get);
  CHECK(head->status == 200);
  CHECK(head->body.empty());
  CHECK(head->get_header_value("Content-Length") == std::to_string(get->body.size()));
}

TEST_CASE("every answer forbids what a hostile body would need", "[admin]") {
  const std::string target = GENERATE("/", "/api/v1/summary", "/nothing", "/metrics", "/livez");
  INFO(target);
  Fixture fixture;
  fixture.store();

  const auto response = fixture.get(target);

  const auto policy = response.get_header_value("Content-Security-Policy");
  CHECK(policy.find("default-src 'none'") != std::string::npos);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
  CHECK(policy.find("http") == std::string::npos);
  CHECK(response.get_header_value("X-Content-Type-Options") == "nosniff");
  CHECK(response.get_header_value("X-Frame-Options") == "DENY");
  CHECK(response.get_header_value("Cache-Control") == "no-store");
  CHECK_FALSE(response.has_header("Access-Control-Allow-Origin"));
}
