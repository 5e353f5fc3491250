#include <fmt/format.h>
#include <httplib.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/comparator/cli/program.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace comparator::cli {
namespace {

constexpr const char* kFinding =
    R"({"id":12,"route":"get-invoice","signature":"/body/lines/*/price","kind":"value","severity":"major","state":"open",
        "requests":7,"first_seen_us":1766000000000000,"last_seen_us":1766000060000000,
        "example":{"path":"/body/lines/0/price","old":"1","new":"\u001b[31m2"}})";
constexpr const char* kReport =
    R"({"id":345,"recorded_at_us":1766000000000000,"route":"get-invoice","method":"GET","target":"/invoices/1",
        "outcome":"mismatch","cause":null,"difference_count":1,"old":{"failure":null,"status":200,"elapsed_us":900},
        "new":{"failure":"timeout","status":null,"elapsed_us":2000000},
        "differences":[{"path":"/body/total","kind":"type","severity":"major","old":"1","new":"\"1\""}],
        "curl":{"old":"curl http://a/invoices/1","new":"curl http://b/invoices/1"}})";

/// The admin side with canned answers.
class FakeAdmin {
 public:
  FakeAdmin() {
    server_.Get("/api/v1/findings", [this](const auto& request, auto& response) {
      note(request.target);
      json(response, fmt::format(R"({{"items":[{}],"next":"abc"}})", kFinding));
    });
    server_.Get("/api/v1/findings/12", [](const auto&, auto& response) {
      json(response, fmt::format(R"({},"reports":{{"items":[{}],"next":null}}}})",
                                 std::string(kFinding).substr(0, std::string(kFinding).size() - 1), kReport));
    });
    server_.Get("/api/v1/reports", [this](const auto& request, auto& response) {
      note(request.target);
      json(response, R"({"items":[],"next":null})");
    });
    server_.Get("/api/v1/reports/345", [](const auto& request, auto& response) {
      if (request.get_header_value("Authorization") == "Bearer 0123456789abcdef") return json(response, kReport);
      response.status = 401;
      response.set_content(R"({"detail":"send a token"})", "application/problem+json");
    });
    server_.Get("/api/v1/reports/9", [](const auto&, auto& response) {
      response.status = 404;
      response.set_content(R"({"detail":"there is no report 9"})", "application/problem+json");
    });
    server_.Get("/api/v1/reports/8", [](const auto&, auto& response) {
      response.status = 503;
      response.set_content(R"({"detail":"the store is busy"})", "application/problem+json");
    });
    server_.Get("/api/v1/reports/7", [](const auto&, auto& response) { response.set_content("<html>", "text/html"); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // stop() before that would be lost
  }
  ~FakeAdmin() {
    server_.stop();
    thread_.join();
  }

  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  std::vector<std::string> targets() {
    const std::lock_guard lock(mutex_);
    return targets_;
  }

 private:
  static void json(httplib::Response& response, const std::string& body) {
    response.set_content(body, "application/json");
  }
  void note(const std::string& target) {
    const std::lock_guard lock(mutex_);
    targets_.push_back(target);
  }

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<std::string> targets_;
};

Outcome run_with(const FakeAdmin& admin, std::vector<std::string> arguments) {
  const support::TemporaryDirectory folder;
  write_file(folder / "token", "0123456789abcdef\n");
  arguments.insert(arguments.end(), {"--admin", admin.url()});
  return run_twinrun(folder.path().string(), arguments);
}

TEST_CASE("findings are a table, and what is stored cannot drive the terminal") {
  FakeAdmin admin;

  const Outcome list = run_with(admin, {"findings", "--route", "get-invoice", "--state", "open", "--limit", "5"});
  const Outcome one = run_with(admin, {"findings", "12"});
  const Outcome data = run_with(admin, {"findings", "--json"});

  CHECK(list.exit_code == 0);
  CHECK(list.out.find("ID  SEVERITY  STATE  REQUESTS  ROUTE        KIND   LAST SEEN") == 0);
  CHECK(
      list.out.find("12  major     open   7         get-invoice  value  2025-12-17 19:34:20Z  /body/lines/*/price\n") !=
      std::string::npos);
  CHECK(list.err.find("There are more") != std::string::npos);
  CHECK(admin.targets().front() == "/api/v1/findings?limit=5&route=get-invoice&state=open");
  CHECK(one.exit_code == 0);
  CHECK(one.out.find("\\x1b[31m2") != std::string::npos);
  CHECK(one.out.find("345  2025-12-17 19:33:20Z") != std::string::npos);
  CHECK(one.out.find('\x1b') == std::string::npos);
  CHECK(data.out.substr(0, 10) == R"({"items":[)");
}

TEST_CASE("reports show the differences and how to repeat the request") {
  FakeAdmin admin;

  const Outcome list = run_with(admin, {"reports", "--finding", "12"});
  const Outcome one = run_with(admin, {"reports", "345", "--token-file", "token"});

  CHECK(list.exit_code == 0);
  CHECK(list.out.empty());
  CHECK(list.err == "No reports.\n");
  CHECK(admin.targets().front() == "/api/v1/reports?finding=12&limit=50");
  CHECK(one.exit_code == 0);
  CHECK(one.out.find("major type at /body/total\n") != std::string::npos);
  CHECK(one.out.find("timeout, 2000000 us") != std::string::npos);
  CHECK(one.out.find("curl http://b/invoices/1") != std::string::npos);
}

TEST_CASE("what the API refuses is one sentence and an exit code") {
  FakeAdmin admin;

  const Outcome no_token = run_with(admin, {"reports", "345"});
  const Outcome unknown = run_with(admin, {"reports", "9"});
  const Outcome broken = run_with(admin, {"reports", "8"});
  const Outcome other = run_with(admin, {"reports", "7"});

  CHECK(no_token.exit_code == 2);
  CHECK(no_token.err == "twinrun: send a token; see --token-file\n");
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err == "twinrun: there is no report 9\n");
  CHECK(broken.exit_code == 1);
  CHECK(broken.err == "twinrun: the store is busy\n");
  CHECK(other.exit_code == 5);
  CHECK(other.err.find("what answers there is something else") != std::string::npos);
}

}  // namespace
}  // namespace comparator::cli
