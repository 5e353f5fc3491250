#include <regex>
#include <string>
#include <vector>

#include "comparator/front/answer_reader.h"
#include "comparator/front/forward.h"
#include "tests/support/catch.h"

namespace comparator::front {
namespace {

struct Read {
  std::vector<int> interims;
  int status = 0;
  std::string body;
  bool bad = false;
  bool finished = false;
  bool keeps = false;
  std::string rest;
};

Read read(const std::string& bytes, std::size_t step, std::string_view method = "GET") {
  AnswerReader reader(method);
  http::AnswerHead head;
  Read result;
  for (std::size_t at = 0; at < bytes.size() && !reader.finished() && !result.bad;) {
    std::string input = bytes.substr(at, step);  // a buffer of its own, as reads into a scratch are
    std::size_t consumed = 0;
    std::string_view piece;
    switch (reader.next(input, head, consumed, piece)) {
      case AnswerReader::Event::interim: result.interims.push_back(head.status); break;
      case AnswerReader::Event::head: result.status = head.status; break;
      case AnswerReader::Event::body: result.body += piece; break;
      case AnswerReader::Event::bad: result.bad = true; break;
      case AnswerReader::Event::more: break;
    }
    at += consumed;
    if (reader.finished()) result.rest = bytes.substr(at);
  }
  result.finished = reader.finished();
  result.keeps = reader.keeps_connection();
  return result;
}

TEST_CASE("An answer reads alike however it is cut", "[front]") {
  const std::string bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\nHTTP";
  const auto step = GENERATE(range(std::size_t{1}, std::size_t{150}));
  CAPTURE(step);

  const Read got = read(bytes, step);

  CHECK(got.interims == std::vector<int>{100, 103});
  CHECK(got.status == 200);
  CHECK(got.body == "hello!");
  CHECK(got.finished);
  CHECK(got.keeps);
  CHECK(got.rest == "HTTP");
}

TEST_CASE("What an answer's end means depends on its framing", "[front]") {
  struct Row {
    const char* name;
    const char* method;
    std::string bytes;
    bool finished;
    bool keeps;
  };
  const auto row = GENERATE(values<Row>({
      {"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", true, true},
      {"length, short", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false, false},
      {"close", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab", true, false},
      {"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", true, false},
      {"until close", "GET", "HTTP/1.1 200 OK\r\n\r\nab", false, false},
      {"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true, true},
      {"endless interims", "GET",
       [] {
         std::string all;
         for (int i = 0; i < 100; ++i) all += "HTTP/1.1 103 Hi\r\n\r\n";
         return all;
       }(),
       false, false},
  }));
  DYNAMIC_SECTION(row.name) {
    const Read got = read(row.bytes, 7, row.method);
    CHECK(got.finished == row.finished);
    CHECK(got.keeps == row.keeps);
  }
}

std::string forwarded(const std::string& bytes) {
  http::RequestHead head;
  http::Refusal refusal;
  REQUIRE(parse(bytes, {}, head, refusal) == http::Parsed::whole);
  Exchange exchange;
  write_request(head, {.side_url = "http://127.0.0.1:1", .forward = {}, .client = {}}, exchange);
  return exchange.request_head;
}

TEST_CASE("A request goes on with nothing changed but what a proxy must", "[front]") {
  struct Row {
    const char* name;
    const char* in;
    const char* out;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "GET /a HTTP/1.1\r\nhOST: h\r\nX:  1 \r\n\r\n", "GET /a HTTP/1.1\r\nhOST: h\r\nX:  1 \r\n\r\n"},
      {"hop-by-hop", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close, x\r\nX: 1\r\nTE: a\r\n\r\n",
       "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"absolute form outranks Host", "GET http://h:1/a?b HTTP/1.1\r\nX: 1\r\nHost: other\r\n\r\n",
       "GET /a?b HTTP/1.1\r\nX: 1\r\nHost: h:1\r\n\r\n"},
      {"HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"},
      {"h2c is not passed on",
       "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n",
       "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"another upgrade is", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
       "GET /a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"},
      {"Upgrade that Connection does not name", "GET /a HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
       "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"Expect from HTTP/1.0", "POST /a HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n",
       "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"},
  }));
  DYNAMIC_SECTION(row.name) { CHECK(forwarded(row.in) == row.out); }
}

TEST_CASE("An answer of our own is a problem document and closes", "[front]") {
  const auto whole = problem_answer(502, "why", false);
  const auto head = problem_answer(502, "why", true);

  CHECK(whole.starts_with("HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/problem+json\r\nContent-Length: "));
  const std::regex date("\r\nDate: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9:]{8} GMT\r\n\r\n");
  CHECK(std::regex_search(whole, date));
  CHECK(whole.find("Connection: close\r\n") != std::string::npos);
  CHECK(whole.ends_with(R"({"type":"about:blank","title":"Bad Gateway","status":502,"detail":"why"})"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(whole.starts_with(head));
}

}  // namespace
}  // namespace comparator::front
