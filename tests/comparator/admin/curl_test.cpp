#include "comparator/admin/curl.h"

#include <stdio.h>

#include <algorithm>
#include <fstream>

#include "tests/comparator/admin/fixture.h"
#include "tests/comparator/admin/raw_server.h"
#include "tests/support/catch.h"

using namespace admin_test;
using comparator::admin::curl_line;
using comparator::admin::shell_word;

namespace {

/// What a shell prints when it runs a script. The script goes through a file, as long as it may be.
std::string run(const std::string& shell, const std::string& script) {
  TemporaryDirectory directory;
  std::ofstream(directory.file("script"), std::ios::binary) << script;
  FILE* pipe = ::popen((shell + " " + directory.file("script") + " 2>/dev/null").c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  for (int c = 0; (c = ::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  ::pclose(pipe);
  return output;
}

bool has(const std::string& program) { return !run("sh", "command -v " + program).empty(); }

/// Runs the line with a real shell and curl; the bytes that a server got.
std::string repeated(const storage::Report& report, const comparator::RedactConfig& redact = {}) {
  RawServer server;
  const auto line = curl_line(report, "http://127.0.0.1:" + std::to_string(server.port()), redact);
  INFO(line.command);
  CHECK(std::all_of(line.command.begin(), line.command.end(),
                    [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; }));
  const auto shell = has("bash") ? "bash" : "sh";
  const auto answer = run(shell, line.command);
  CHECK(answer.starts_with("HTTP/1.1 200 OK"));
  return server.take();
}

storage::Report request(const std::string& method, const std::string& target,
                        std::vector<storage::StoredHeader> headers = {}, const std::string& body = {}) {
  storage::Report report;
  report.method = method;
  report.target = target;
  report.request_headers = std::move(headers);
  report.request_body = body;
  return report;
}

std::string all_bytes() {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  return bytes;
}

}  // namespace

TEST_CASE("a shell takes a word for exactly the bytes it was made of", "[admin]") {
  const std::string bytes = GENERATE(as<std::string>(), "", "plain", "it's", "'", "''", "$(touch /tmp/x)", "`id`",
                                     "$HOME", "\"; rm -rf / #", "\\", "\\n", "a\nb", "!!", "*", "~", "-e", "%s%n", "\t",
                                     "\x1b[201~\rid\r", "\xff\xfe", "\xc3\xa9", "\x7f", "&&||;<>()[]{}");
  const std::string shell = GENERATE("sh", "bash");
  INFO(shell << ": " << bytes);
  if (!has(shell)) return;

  CHECK(run(shell, "printf '%s.' " + shell_word(bytes)) == bytes + ".");
}

TEST_CASE("the curl line repeats a hostile target byte for byte and runs nothing else", "[admin]") {
  if (!has("curl")) {
    WARN("curl is not installed");
    return;
  }
  const std::string target =
      GENERATE(as<std::string>(), "/", "/invoices/17?lines=1&x=%27", "/a/../b/./c", "/it's", "/$(touch pwned)",
               "/`touch pwned`", "/a;touch pwned", "/a'b\"c\\d", "/[1-3]{a,b}", "/?q=a|b<c>", "*", "/a#fragment",
               "http://elsewhere.example/x", "//elsewhere.example/x", "/\xc3\xa9", "/\xff", "-o/tmp/x", "@/etc/passwd");
  INFO(target);

  const auto got = repeated(request("GET", target, {{"Host", "shop.example"}}));

  CHECK(got == "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n\r\n");
}

TEST_CASE("the curl line repeats methods and header fields as they were, and adds none", "[admin]") {
  if (!has("curl")) {
    WARN("curl is not installed");
    return;
  }
  const std::string method = GENERATE("GET", "HEAD", "DELETE", "OPTIONS");

  const auto got = repeated(request(method, "/x",
                                    {{"Host", "shop.example"},
                                     {"X-Quote", "it's \"$(id)\" `id` \\"},
                                     {"X-Empty", ""},
                                     {"X-Twice", "1"},
                                     {"X-Twice", "2"},
                                     {"X-At", "@/etc/passwd"},
                                     {"X-Byte", "caf\xe9"},
                                     {"User-Agent", "a/1"}}));

  CHECK(got == method +
                   " /x HTTP/1.1\r\nHost: shop.example\r\nX-Quote: it's \"$(id)\" `id` \\\r\nX-Empty:\r\nX-Twice: 1\r\n"
                   "X-Twice: 2\r\nX-At: @/etc/passwd\r\nX-Byte: caf\xe9\r\nUser-Agent: a/1\r\n\r\n");
}

TEST_CASE("the curl line repeats bodies byte for byte", "[admin]") {
  if (!has("curl")) {
    WARN("curl is not installed");
    return;
  }
  const std::string body = GENERATE(as<std::string>(), "{\"it's\": \"$HOME\"}", "@/etc/passwd", "line\nline\n",
                                    all_bytes(), std::string(200'000, 'x'), "%d\\n", "-");

  const auto got = repeated(request("POST", "/x", {{"Host", "h"}, {"Content-Type", "text/plain"}}, body));

  const auto end = got.find("\r\n\r\n");
  REQUIRE(end != std::string::npos);
  CHECK(got.substr(end + 4) == body);
  CHECK(got.starts_with("POST /x HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"));
  CHECK(got.find("Content-Length: " + std::to_string(body.size()) + "\r\n") < end);
}

TEST_CASE("the curl line reaches a side behind a Unix socket", "[admin]") {
  const auto line = curl_line(request("GET", "/a?b=1"), "unix:/run/my app.sock", {});

  CHECK(line.command.find("--unix-socket '/run/my app.sock' 'http://localhost/a?b=1'") != std::string::npos);
}

TEST_CASE("what was redacted is left out of the curl line and named", "[admin]") {
  const auto line = curl_line(
      request("GET", "/x",
              {{"Authorization", "[redacted]"}, {"Cookie", "session=1"}, {"X-Token", "[redacted]"}, {"Accept", "*/*"}}),
      "http://old:1", {});

  CHECK(line.left_out == std::vector<std::string>{"Authorization", "Cookie", "X-Token"});
  CHECK(line.command.find("session=1") == std::string::npos);
  CHECK(line.command.find("redacted") == std::string::npos);
  CHECK(line.command.find("--header 'Accept: */*'") != std::string::npos);
}

TEST_CASE("fields of one hop, and names that are none, are not repeated", "[admin]") {
  const auto line = curl_line(request("GET", "/x",
                                      {{"Connection", "close"},
                                       {"Transfer-Encoding", "chunked"},
                                       {"Content-Length", "5"},
                                       {"Expect", "100-continue"},
                                       {"@/etc/passwd", "x"},
                                       {"X Y", "z"},
                                       {"", "empty"}}),
                              "http://old:1", {});

  CHECK(line.command ==
        "curl --globoff --path-as-is --include 'http://old:1/x' \\\n  --header 'Accept:' \\\n  --header "
        "'User-Agent:'");
}
