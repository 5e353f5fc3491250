#include <fmt/format.h>
#include <httplib.h>

#include <string>
#include <thread>

#include "tests/comparator/cli/program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace comparator::cli {
namespace {

// One route's verdict as the API gives it.
std::string route_json(const std::string& name, const std::string& verdict) {
  return fmt::format(
      R"({{"route":"{}","epoch":"e1","verdict":"{}","reasons":[{{"code":"stale","message":"old \u001b[31m"}}],
          "strata":[{{"severity":"critical","delta":0.0001,"n":412,"a":2,"b":0,"log10_e_pass":0.1,"log10_e_fail":-1,
                      "upper":0.0125,"lower":0,"verdict":"hold","clean_requests_to_pass":91377}},
                    {{"severity":"major","delta":0.001,"n":412,"a":2,"b":0,"log10_e_pass":0.1,"log10_e_fail":-1,
                      "upper":0.0125,"lower":0,"verdict":"hold","clean_requests_to_pass":null}}],
          "selected":412,"computed_at":"2026-03-01T12:00:00Z","valid_until":"2026-03-02T12:00:00Z"}})",
      name, verdict);
}

std::string all_json(const std::string& verdict, const std::string& routes) {
  return fmt::format(R"({{"verdict":"{}","routes":[{}]}})", verdict, routes);
}

/// An admin side that gives one answer to everything, and remembers what it was asked for.
class FakeGate {
 public:
  explicit FakeGate(std::string body, int status = 200) : body_(std::move(body)), status_(status) {
    server_.Get(".*", [this](const auto& request, auto& response) {
      target_ = request.target;
      response.status = status_;
      response.set_content(body_, "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // before that, stopping is forgotten
  }
  ~FakeGate() { stop(); }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  /// What the last request asked for; nothing is answered any more.
  std::string stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
    return target_;
  }

 private:
  httplib::Server server_;
  std::string body_;
  int status_;
  std::string target_;
  int port_ = 0;
  std::thread thread_;
};

Outcome gate(const FakeGate& admin, std::vector<std::string> more = {}) {
  const support::TemporaryDirectory folder;
  std::vector<std::string> arguments{"gate", "--admin", admin.url()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_twinrun(folder.path().string(), arguments);
}

}  // namespace

TEST_CASE("gate tells a pipeline pass, fail and hold apart") {
  struct Row {
    std::string verdict;
    int exit_code;
  };
  const auto row = GENERATE(values<Row>({{"pass", 0}, {"fail", 3}, {"hold", 4}}));
  DYNAMIC_SECTION(row.verdict << ", all routes") {
    FakeGate admin(all_json(row.verdict, route_json("a", row.verdict)));

    const Outcome outcome = gate(admin);

    CHECK(outcome.exit_code == row.exit_code);
    CHECK(outcome.err.empty());
    CHECK(outcome.out.find("\n" + row.verdict + "\n") != std::string::npos);
    CHECK(admin.stop() == "/api/v1/gate");
  }
  DYNAMIC_SECTION(row.verdict << ", one route") {
    FakeGate admin(route_json("a/b c", row.verdict));

    CHECK(gate(admin, {"--route", "a/b c"}).exit_code == row.exit_code);
    CHECK(admin.stop() == "/api/v1/gate/a%2Fb%20c");
  }
}

TEST_CASE("gate shows each severity and each reason, and no control character") {
  FakeGate admin(all_json("hold", route_json("get-invoice", "hold")));

  const std::string out = gate(admin).out;

  INFO(out);
  CHECK(out.find("get-invoice") != std::string::npos);
  CHECK(out.find("91377") != std::string::npos);
  CHECK(out.find("1.25 %") != std::string::npos);
  CHECK(out.find("0.01 %") != std::string::npos);
  CHECK(out.find("get-invoice: stale: old") != std::string::npos);
  CHECK(out.find('\x1b') == std::string::npos);
}

TEST_CASE("gate prints what the API said when asked for JSON, with the same exit code") {
  FakeGate admin(all_json("fail", route_json("a", "fail")));

  const Outcome outcome = gate(admin, {"--json"});

  CHECK(outcome.exit_code == 3);
  CHECK(outcome.out.substr(0, 1) == "{");
  CHECK(outcome.out.find(R"("verdict":"fail")") != std::string::npos);
}

TEST_CASE("what is not plainly a verdict on what was asked is never a pass") {
  struct Row {
    std::string name;
    std::string body;
    int status;
    std::vector<std::string> arguments;
    int exit_code;
  };
  const auto row = GENERATE(values<Row>({
      {"no routes", all_json("pass", ""), 200, {}, 1},
      {"a held route within", all_json("pass", route_json("a", "hold")), 200, {}, 1},
      {"an unknown verdict", all_json("PASS", route_json("a", "pass")), 200, {}, 1},
      {"a verdict that is no text", R"({"verdict":true,"routes":[]})", 200, {}, 1},
      {"another shape", R"(["pass"])", 200, {}, 1},
      {"nothing", "null", 200, {}, 1},
      {"another route", route_json("b", "pass"), 200, {"--route", "a"}, 1},
      {"another route's hold", route_json("b", "hold"), 200, {"--route", "a"}, 1},
      {"the server broken", R"({"verdict":"pass"})", 500, {}, 1},
      {"the store away", R"({"detail":"the store cannot be read"})", 503, {}, 1},
      {"an unknown route", R"({"detail":"there is no route a"})", 404, {"--route", "a"}, 2},
      {"no token", R"({"detail":"send a token"})", 401, {}, 2},
      {"no JSON", "pass", 200, {}, 5},
  }));
  DYNAMIC_SECTION(row.name) {
    FakeGate admin(row.body, row.status);

    const Outcome outcome = gate(admin, row.arguments);

    CHECK(outcome.exit_code == row.exit_code);
    CHECK(outcome.out.empty());
    CHECK(!outcome.err.empty());
  }
}

TEST_CASE("gate without a twinrun to ask says so, with a code of its own") {
  FakeGate admin("{}");
  admin.stop();

  const Outcome outcome = gate(admin);

  CHECK(outcome.exit_code == 5);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find(admin.url()) != std::string::npos);
}

}  // namespace comparator::cli
