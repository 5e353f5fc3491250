#include "comparator/http/head.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/catch.h"

namespace comparator::http {
namespace {

struct Result {
  std::unique_ptr<const std::string> bytes;  // what the views in `head` point into
  Parsed parsed;
  RequestHead head;
  Refusal refusal;
};

Result request(std::string bytes, const HeadLimits& limits = {}) {
  Result result;
  result.bytes = std::make_unique<const std::string>(std::move(bytes));
  result.parsed = parse(*result.bytes, limits, result.head, result.refusal);
  return result;
}

std::string with_fields(const std::string& fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"; }

struct Refused {
  const char* name;
  std::string bytes;
  int status;
  const char* why;
};

std::vector<Refused> refused_requests() {
  return {
      {"two Content-Length that differ", with_fields("Content-Length: 1\r\nContent-Length: 2\r\n"), 400,
       "RFC 9112 6.3"},
      {"two Content-Length alike", with_fields("Content-Length: 1\r\nContent-Length: 1\r\n"), 400,
       "not merged: strict"},
      {"Content-Length as a list", with_fields("Content-Length: 1, 1\r\n"), 400, "RFC 9110 8.6"},
      {"Content-Length with a sign", with_fields("Content-Length: +1\r\n"), 400, "1*DIGIT"},
      {"Content-Length negative", with_fields("Content-Length: -1\r\n"), 400, "1*DIGIT"},
      {"Content-Length in hex", with_fields("Content-Length: 0x1\r\n"), 400, "1*DIGIT"},
      {"Content-Length empty", with_fields("Content-Length:\r\n"), 400, "1*DIGIT"},
      {"Content-Length beyond 64 bits", with_fields("Content-Length: 99999999999999999999\r\n"), 400, "would wrap"},
      {"Content-Length beside Transfer-Encoding", with_fields("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
       400, "RFC 9112 6.1: the classic smuggle"},
      {"Transfer-Encoding twice", with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
       "chunked is applied once"},
      {"Transfer-Encoding other than chunked", with_fields("Transfer-Encoding: gzip\r\n"), 501, "RFC 9112 6.1"},
      {"Transfer-Encoding list", with_fields("Transfer-Encoding: gzip, chunked\r\n"), 501, "not decoded here"},
      {"Transfer-Encoding with a hidden character",
       with_fields("Transfer-Encoding: \x0b"
                   "chunked\r\n"),
       400, "control character"},
      {"Transfer-Encoding, identity", with_fields("Transfer-Encoding: identity\r\n"), 501, "gone since RFC 7230"},
      {"Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "RFC 9112 6.1"},
      {"Content_Length", with_fields("Content_Length: 1\r\n"), 400, "CGI takes the underscore for a hyphen"},
      {"Transfer_Encoding", with_fields("Transfer_Encoding: chunked\r\n"), 400,
       "CGI takes the underscore for a hyphen"},
      {"method longer than any", std::string(33, 'G') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "RFC 9112 3"},
      {"space before the colon", with_fields("Content-Length : 1\r\n"), 400, "RFC 9112 5.1"},
      {"tab before the colon", with_fields("X\t: 1\r\n"), 400, "RFC 9112 5.1"},
      {"folded line", with_fields("X: 1\r\n 2\r\n"), 400, "RFC 9112 5.2"},
      {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "RFC 9112 2.2"},
      {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "RFC 9112 2.2"},
      {"bare LF after a header", "GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", 400, "RFC 9112 2.2"},
      {"bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "RFC 9112 2.2"},
      {"bare CR in a value", with_fields("X: a\rb\r\n"), 400, "RFC 9112 2.2"},
      {"NUL in a value", with_fields(std::string("X: a\0b\r\n", 8)), 400, "RFC 9110 5.5"},
      {"NUL in a name", with_fields(std::string("X\0: a\r\n", 7)), 400, "tchar"},
      {"DEL in a value", with_fields("X: a\x7f\r\n"), 400, "RFC 9110 5.5"},
      {"name with a parenthesis", with_fields("X(y): 1\r\n"), 400, "tchar"},
      {"empty name", with_fields(": 1\r\n"), 400, "RFC 9110 5.1"},
      {"no colon", with_fields("Nonsense\r\n"), 400, "RFC 9112 5"},
      {"no Host", "GET / HTTP/1.1\r\nX: 1\r\n\r\n", 400, "RFC 9112 3.2"},
      {"two Hosts", with_fields("Host: b\r\n"), 400, "RFC 9112 3.2"},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, "RFC 9112 3.2"},
      {"Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "RFC 9110 7.2"},
      {"Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "RFC 9110 4.2.4"},
      {"Host with a comma and space", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "a list is not a host"},
      {"Host with a bad port", "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", 400, "RFC 3986 3.2.3"},
      {"Host, open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "RFC 3986 3.2.2"},
      {"two spaces in the request line", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3"},
      {"tab in the request line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3"},
      {"trailing space in the request line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400, "RFC 9112 3"},
      {"no version (HTTP/0.9)", "GET /\r\n\r\n", 400, "RFC 9112 3"},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "RFC 9110 15.6.6"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "only 1.0 and 1.1"},
      {"http in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 2.3: case-sensitive"},
      {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "one digit"},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "prior knowledge is not spoken"},
      {"method with a bracket", "G[T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "tchar"},
      {"TLS handshake", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), 400, "https sent to http"},
      {"target without a slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3.2"},
      {"target with a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3.2"},
      {"target with a raw byte", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 3986 2: percent-encode"},
      {"asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3.2.4: OPTIONS only"},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405, "not a forward proxy"},
      {"absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 3.2.2"},
      {"absolute target without a host", "GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9110 4.2.1"},
      {"two empty lines in front", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 2.2 asks for one"},
      {"bare LF in front", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "RFC 9112 2.2"},
  };
}

TEST_CASE("What smuggles is refused with its status", "[http]") {
  for (const auto& row : refused_requests()) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);

      const auto result = request(row.bytes);

      REQUIRE(result.parsed == Parsed::bad);
      CHECK(result.refusal.status == row.status);
      CHECK_FALSE(result.refusal.reason.empty());
    }
  }
}

TEST_CASE("Limits of a head have statuses of their own", "[http]") {
  const HeadLimits limits{.bytes = 200, .fields = 3, .target = 20};
  struct Row {
    const char* name;
    std::string bytes;
    int status;
  };
  const std::vector<Row> rows{
      {"target", "GET /" + std::string(20, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"target that never ends", "GET /" + std::string(21, 'a'), 414},
      {"count", with_fields("A: 1\r\nB: 1\r\nC: 1\r\n"), 431},
      {"bytes", with_fields("A: " + std::string(200, 'a') + "\r\n"), 431},
      {"line that never ends", "GET / HTTP/1.1\r\nHost: " + std::string(300, 'a'), 431},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const auto result = request(row.bytes, limits);

      REQUIRE(result.parsed == Parsed::bad);
      CHECK(result.refusal.status == row.status);
    }
  }
}

TEST_CASE("A head is partial at every cut and whole at its end", "[http]") {
  const std::string bytes =
      "\r\nPOST /a?b=c HTTP/1.1\r\nHost: [::1]:80\r\nX-Empty:\r\nX-Text: \ta b \t\r\nContent-Length: 5\r\n\r\n";

  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    CAPTURE(cut);
    CHECK(request(bytes.substr(0, cut)).parsed == Parsed::partial);
  }
  const auto result = request(bytes + "hello");

  REQUIRE(result.parsed == Parsed::whole);
  CHECK(result.head.bytes == bytes.size());
  CHECK(result.head.method == "POST");
  CHECK(result.head.path == "/a?b=c");
  REQUIRE(result.head.fields.size() == 4);
  CHECK(result.head.fields[1].value.empty());
  CHECK(result.head.fields[2].value == "a b");
  CHECK(result.head.fields[2].line == "X-Text: \ta b \t\r\n");
  CHECK(result.head.framing() == Framing::length);
}

TEST_CASE("Every target form is taken apart", "[http]") {
  struct Row {
    const char* line;
    const char* authority;
    const char* path;
  };
  const auto row = GENERATE(values<Row>({
      {"GET /a/b?c HTTP/1.1", "", "/a/b?c"},
      {"GET http://h:81/x HTTP/1.1", "h:81", "/x"},
      {"GET HTTP://h HTTP/1.1", "h", "/"},
      {"GET https://h/x HTTP/1.1", "h", "/x"},
      {"GET http://h?q HTTP/1.1", "h", "?q"},
      {"OPTIONS * HTTP/1.1", "", "*"},
      {"OPTIONS http://h HTTP/1.1", "h", "*"},
      {"OPTIONS http://h/ HTTP/1.1", "h", "/"},
  }));
  const std::string bytes = std::string(row.line) + "\r\nHost: a\r\n\r\n";

  const auto result = request(bytes);

  REQUIRE(result.parsed == Parsed::whole);
  CHECK(result.head.authority == row.authority);
  CHECK(result.head.path == row.path);
}

TEST_CASE("A connection is kept as its version and Connection say", "[http]") {
  struct Row {
    const char* version;
    const char* connection;
    bool kept;
  };
  const auto row = GENERATE(values<Row>({{"1.1", "", true},
                                         {"1.1", "Connection: close\r\n", false},
                                         {"1.1", "Connection: x, CLOSE\r\n", false},
                                         {"1.1", "Connection: closely\r\n", true},
                                         {"1.0", "", false},
                                         {"1.0", "Connection: Keep-Alive\r\n", true},
                                         {"1.0", "Connection: keep-alive\r\nConnection: close\r\n", false}}));

  const auto bytes = std::string("GET / HTTP/") + row.version + "\r\nHost: a\r\n" + row.connection + "\r\n";
  CAPTURE(bytes);

  CHECK(request(bytes).head.keeps_connection() == row.kept);
}

TEST_CASE("Hop-by-hop fields are those of the RFC and those that Connection names", "[http]") {
  const auto result = request(
      with_fields("Connection: x-mine, host, content-length\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nUpgrade: a\r\n"
                  "Proxy-Connection: b\r\nX-Yours: 2\r\nContent-Length: 0\r\n"));

  REQUIRE(result.parsed == Parsed::whole);
  std::vector<std::string> stay;
  for (const auto& field : result.head.fields) {
    if (!result.head.hop_by_hop(field)) stay.emplace_back(field.name);
  }
  CHECK(stay == std::vector<std::string>{"Host", "X-Yours", "Content-Length"});
}

TEST_CASE("Connection has a bounded number of options", "[http]") {
  const auto options = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += "a,";
    return "Connection: " + list + "\r\n";
  };
  CHECK(request(with_fields(options(32))).parsed == Parsed::whole);
  CHECK(request(with_fields(options(16) + options(16))).parsed == Parsed::whole);
  CHECK(request(with_fields(options(33))).refusal.status == 400);
  CHECK(request(with_fields(options(16) + options(17))).refusal.status == 400);
}

TEST_CASE("An answer's framing follows RFC 9112 section 6.3", "[http]") {
  struct Row {
    const char* name;
    const char* method;
    const char* head;
    Framing framing;
  };
  const auto row = GENERATE(values<Row>({
      {"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Framing::length},
      {"length zero", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Framing::none},
      {"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n", Framing::chunked},
      {"nothing", "GET", "HTTP/1.1 200 OK\r\n\r\n", Framing::until_close},
      {"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", Framing::none},
      {"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", Framing::none},
      {"304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", Framing::none},
      {"100", "GET", "HTTP/1.1 100 Continue\r\n\r\n", Framing::none},
      {"no space before no reason", "GET", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", Framing::length},
  }));
  DYNAMIC_SECTION(row.name) {
    AnswerHead head;
    Refusal refusal;
    REQUIRE(parse(row.head, {}, head, refusal) == Parsed::whole);
    CHECK(head.framing(row.method) == row.framing);
  }
}

TEST_CASE("An answer that could be read in two ways is not trusted", "[http]") {
  const auto bytes = GENERATE(values<std::string>({
      "HTTP/2 200 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 000 OK\r\n\r\n",
      "HTTP/1.1 999 OK\r\n\r\n",
      "HTTP/1.1200 OK\r\n\r\n",
      "ICY 200 OK\r\n\r\n",
      "garbage",
      "HTTP/1.1 200 OK\nContent-Length: 1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX : 1\r\n\r\n",
  }));
  CAPTURE(bytes);
  AnswerHead head;
  Refusal refusal;

  CHECK(parse(bytes, {}, head, refusal) == Parsed::bad);
}

}  // namespace
}  // namespace comparator::http
