#include <zlib.h>

#include <string>
#include <vector>

#include "comparator/body_hash.h"
#include "comparator/compare/decode.h"
#include "comparator/compare/evidence.h"
#include "comparator/compare/ledger.h"
#include "comparator/compare/redaction.h"
#include "comparator/log.h"
#include "tests/support/catch.h"

namespace comparator::compare {
namespace {

std::string deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

constexpr int kGzip = 16 + MAX_WBITS;

TEST_CASE("Content codings are removed in reverse order", "[compare]") {
  const std::string text = "some text, some text, some text";
  struct Row {
    const char* coding;
    std::string body;
  };
  const std::vector<Row> rows{
      {"", text},
      {"identity", text},
      {"gzip", deflated(text, kGzip)},
      {"X-GZip", deflated(text, kGzip)},
      {"deflate", deflated(text, MAX_WBITS)},
      {"deflate", deflated(text, -MAX_WBITS)},
      {"gzip, identity", deflated(text, kGzip)},
      {"deflate, gzip", deflated(deflated(text, MAX_WBITS), kGzip)},
      {"gzip", deflated("some text, ", kGzip) + deflated("some text, some text", kGzip)},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION("\"" << row.coding << "\" of " << row.body.size() << " bytes") {
      std::string out;
      REQUIRE(decode(row.coding, row.body, 1000, out) == Decoded::ok);
      CHECK(out == text);
    }
  }
}

TEST_CASE("What cannot be decoded is told apart", "[compare]") {
  const std::string bomb = deflated(std::string(10 << 20, '0'), kGzip);
  const std::string whole = deflated("text", kGzip);
  struct Row {
    const char* name;
    const char* coding;
    std::string body;
    Decoded decoded;
  };
  const std::vector<Row> rows{
      {"a bomb", "gzip", bomb, Decoded::too_large},
      {"cut short", "gzip", whole.substr(0, whole.size() - 3), Decoded::corrupt},
      {"not gzip", "gzip", "text", Decoded::corrupt},
      {"something behind", "gzip", whole + "x", Decoded::corrupt},
      {"an unknown coding", "zap", "text", Decoded::unsupported},
      {"too many codings", "gzip,gzip,gzip,gzip,gzip", whole, Decoded::unsupported},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      std::string out;
      CHECK(decode(row.coding, row.body, 1 << 20, out) == row.decoded);
    }
  }
}

TEST_CASE("Named query parameters lose their values", "[compare]") {
  const std::vector<std::string> names{"token", "api_key"};
  struct Row {
    const char* target;
    const char* shown;
  };
  const auto row = GENERATE(values<Row>({
      {"/a", "/a"},
      {"/a?", "/a?"},
      {"/a?token=1", "/a?token=[redacted]"},
      {"/a?x=1&TOKEN=2&y", "/a?x=1&TOKEN=[redacted]&y"},
      {"/a?tokens=1&token", "/a?tokens=1&token"},
      {"/token=1?api_key=a=b&&", "/token=1?api_key=[redacted]&&"},
      {"https://a/cb#token=1&x=2", "https://a/cb#token=[redacted]&x=2"},
      {"/a?x=1#token=2", "/a?x=1#token=[redacted]"},
      {"/#/page?token=1", "/#/page?token=[redacted]"},
      {"/a?token=what?now#or=then&x=1", "/a?token=[redacted]&x=1"},
      {"/a?user[token]=1&user%5Btoken%5D=2&%74oken=3",
       "/a?user[token]=[redacted]&user%5Btoken%5D=[redacted]&%74oken=[redacted]"},
      {"/a?%=1&%2=1&%zz=1&=1&[token=1", "/a?%=1&%2=1&%zz=1&=1&[token=1"},
  }));
  CHECK(redact_query(row.target, names) == row.shown);
}

TEST_CASE("A body is stored without what may be a secret, also when it cannot be parsed", "[compare]") {
  struct Row {
    const char* name;
    const char* type;
    std::string body;
    std::string stored;
  };
  const auto row = GENERATE(values<Row>({
      {"whole", "application/json", R"({"password":"hunter2","a":1})", R"({"password":"[redacted]","a":1})"},
      {"cut within it", "application/json", R"({"user":{"password":"hunt)", "[redacted]"},
      {"cut behind it", "application/json", R"({"user":{"password":"hunter2"},"a":)", "[redacted]"},
      {"cut, its name written with an escape", "application/json", R"({"p\u0061ssword":"hunter2","a":)", "[redacted]"},
      {"no JSON, and nothing hidden", "application/json", R"({"a":1,})", R"({"a":1,})"},
      {"a form", "Application/x-www-form-urlencoded; charset=utf-8", "name=a&password=hunter2",
       "name=a&password=[redacted]"},
      {"a form's own hidden names", "application/x-www-form-urlencoded ;x", "refresh_token=hunter2#?&a=b",
       "refresh_token=[redacted]&a=b"},
      {"JSON that calls itself a form", "application/x-www-form-urlencoded", R"({"password":"hunter2"})",
       R"({"password":"[redacted]"})"},
      {"JSON behind a guard", "application/json", ")]}',\n{\"password\":\"hunter2\"}", "[redacted]"},
      {"a form in parts", "multipart/form-data; boundary=x",
       "--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter2\r\n--x--", "[redacted]"},
      {"text", "text/plain", "a=1&password=hunter2", "a=1&password=hunter2"},
  }));
  INFO(row.name);
  Exchange exchange;
  exchange.plan = std::make_shared<const Plan>(
      std::get<Plan>(make_plan(std::get<Config>(config_for("http://127.0.0.1:1", "http://127.0.0.1:2")))));
  exchange.route = &exchange.plan->route("POST", "/");
  exchange.request_head = std::string("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: ") + row.type + "\r\n\r\n";
  exchange.method_bytes = 4;
  exchange.request_body = row.body;
  for (auto& side : exchange.sides) {
    side.state = Observation::State::answered;
    side.head = std::string("HTTP/1.1 200 OK\r\nContent-Type: ") + row.type + "\r\n\r\n";
    side.body = row.body;
  }

  const auto report = evidence(exchange, {});

  CHECK(report.request_body == row.stored);
  CHECK(report.old_side.body == row.stored);
  CHECK(report.new_side.body == row.stored);
}

TEST_CASE("A difference is stored without what may be a secret", "[compare]") {
  struct Row {
    const char* name;
    const char* type;
    const char* path;
    std::string value;
    std::string stored;
  };
  const auto row = GENERATE(values<Row>({
      {"an object where there was none", "application/json", "/body/user", R"({"password":"hunter2"})",
       R"({"password":"[redacted]"})"},
      {"a whole body behind a line end", "text/html", "/body", "\n{\"password\":\"hunter2\"}",
       "\n{\"password\":\"[redacted]\"}"},
      {"a cut object", "application/json", "/body/user", R"({"password":"hunt)", "[redacted]"},
      {"a form", "application/x-www-form-urlencoded", "/body", "password=hunter2&a=1", "password=[redacted]&a=1"},
      {"no JSON where JSON is said", "application/json", "/body", ")]}'\n{\"password\":1}", "[redacted]"},
      {"a hidden place", "application/json", "/body/user/password", "\"hunter2\"", "[redacted]"},
      {"a hidden field", "text/plain", "/headers/set-cookie/0", "hunter2", "[redacted]"},
      {"a place to go to", "text/plain", "/headers/location", "/a#token=hunter2", "/a#token=[redacted]"},
      {"anything else", "text/plain", "/body", "password=hunter2", "password=hunter2"},
  }));
  INFO(row.name);
  const auto plan = std::get<Plan>(make_plan(std::get<Config>(config_for("http://127.0.0.1:1", "http://127.0.0.1:2"))));
  // The other value is no reason to look away.
  for (const std::string other : {"", "null", "<html>"}) {
    diffing::Difference difference;
    difference.path = row.path;
    difference.old_value = other;
    difference.new_value = row.value;
    std::vector differences{difference, difference};
    std::swap(differences[1].old_value, differences[1].new_value);

    redact_differences(differences, row.type, row.type, plan);

    CHECK(differences[0].new_value == row.stored);
    CHECK(differences[1].old_value == row.stored);
  }
}

TEST_CASE("A request's body is stored without its content coding, or not at all", "[compare]") {
  Exchange exchange;
  exchange.plan = std::make_shared<const Plan>(
      std::get<Plan>(make_plan(std::get<Config>(config_for("http://127.0.0.1:1", "http://127.0.0.1:2")))));
  exchange.route = &exchange.plan->route("POST", "/");
  exchange.request_head =
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n";
  exchange.method_bytes = 4;
  const auto coded = deflated(R"({"password":"hunter2"})", kGzip);

  exchange.request_body = coded;
  CHECK(evidence(exchange, {}).request_body == R"({"password":"[redacted]"})");
  exchange.request_body = coded.substr(0, coded.size() - 3);
  CHECK(evidence(exchange, {}).request_body.find("could not be removed") != std::string::npos);
  exchange.request_body = "";
  CHECK(evidence(exchange, {}).request_body.empty());
}

TEST_CASE("A hash does not depend on how the bytes were cut", "[compare]") {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += static_cast<char>(i * 7);
  BodyHash whole;
  whole.update(bytes);

  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    BodyHash pieces;
    for (std::size_t at = 0; at < bytes.size(); at += step) pieces.update(std::string_view(bytes).substr(at, step));
    CHECK(pieces.digest() == whole.digest());
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto other = bytes;
    other[i] = static_cast<char>(other[i] ^ 1);
    BodyHash changed;
    changed.update(other);
    CHECK(changed.digest() != whole.digest());
  }
  BodyHash longer = whole;
  longer.update(std::string(1, '\0'));
  CHECK(longer.digest() != whole.digest());
}

TEST_CASE("A log line cannot be forged by a value", "[log]") {
  CHECK(log::format_fields("shed", {{"reason", "queue_full"}, {"route", "a b"}}) ==
        "shed reason=queue_full route=\"a b\"");
  CHECK(log::format_fields("x", {{"v", "a\nb\"c\\"}}) == "x v=\"a\\x0ab\\\"c\\\\\"");
  CHECK(log::format_fields("x", {{"v", ""}}) == "x v=\"\"");
}

}  // namespace
}  // namespace comparator::compare
