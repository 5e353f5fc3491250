#include "comparator/http/chunks.h"

#include <string>

#include "tests/support/catch.h"

namespace comparator::http {
namespace {

struct Read {
  std::string body;
  std::string trailer;
  std::string rest;
  ChunkReader::Status status = ChunkReader::Status::more;
};

// Feeds `bytes` in pieces of `step`.
Read read(const std::string& bytes, std::size_t step) {
  ChunkReader reader;
  Read result;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto input = std::string_view(bytes).substr(at, step);
    std::size_t consumed = 0;
    std::string_view piece;
    result.status = reader.next(input, consumed, piece);
    at += consumed;
    if (result.status == ChunkReader::Status::data) result.body += piece;
    if (result.status == ChunkReader::Status::done) {
      result.trailer = reader.trailer();
      result.rest = bytes.substr(at);
      break;
    }
    if (result.status == ChunkReader::Status::bad) break;
  }
  return result;
}

TEST_CASE("Chunks read alike however they are cut", "[http]") {
  const std::string bytes =
      "5  \r\nhello\r\n1;ext=\"a \\\";b\" ; c\r\n \r\n0A\r\n0123456789\r\n00\r\nX-Sum: 1\r\nSet-Cookie: a\r\n\r\nGET";
  const auto step = GENERATE(range(std::size_t{1}, std::size_t{80}));
  CAPTURE(step);

  const auto result = read(bytes, step);

  REQUIRE(result.status == ChunkReader::Status::done);
  CHECK(result.body == "hello 0123456789");
  CHECK(result.trailer == "X-Sum: 1\r\n");
  CHECK(result.rest == "GET");
}

TEST_CASE("A bad chunk is refused wherever it is cut", "[http]") {
  struct Row {
    const char* name;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"no size", "\r\nhello\r\n"},
      {"size with a sign", "+5\r\nhello\r\n"},
      {"size with 0x", "0x5\r\nhello\r\n"},
      {"size in front of a space only", " 5\r\nhello\r\n"},
      {"size that wraps", "10000000000000005\r\nhello\r\n"},
      {"bare LF after the size", "5\nhello\r\n"},
      {"bare CR after the size", "5\r5\r\n"},
      {"NUL in an extension", std::string("5;\0\r\nhello\r\n", 12)},
      {"another size behind a space", "5 5\r\nhello\r\n"},
      {"an extension without its semicolon", "5 a=b\r\nhello\r\n"},
      {"a quote that is open at the line's end", "5;a=\"b\r\nhello\r\n"},
      {"a quote whose end is escaped", "5;a=\"b\\\"\r\nhello\r\n"},
      {"a backslash outside of quotes", "5;a=\\b\r\nhello\r\n"},
      {"longer than told", "5\r\nhello!\r\n"},
      {"LF alone after the data", "5\r\nhello\n"},
      {"bad trailer", "0\r\nX : 1\r\n\r\n"},
      {"folded trailer", "0\r\nX: 1\r\n 2\r\n\r\n"},
      {"bare LF in the trailer", "0\r\nX: 1\n\r\n\r\n"},
      {"endless extension", "5;" + std::string(ChunkReader::kMaxExtensionBytes + 1, 'a')},
      {"endless trailer", "0\r\nX: " + std::string(ChunkReader::kMaxTrailerBytes, 'a')},
  }));
  const auto step = GENERATE(values<std::size_t>({1, 3, 1 << 16}));
  DYNAMIC_SECTION(row.name << " by " << step) { CHECK(read(row.bytes, step).status == ChunkReader::Status::bad); }
}

TEST_CASE("A chunk line is the size in hex", "[http]") {
  CHECK(ChunkLine(0).view() == "0\r\n");
  CHECK(ChunkLine(65535).view() == "ffff\r\n");
  CHECK(ChunkLine(~std::uint64_t{0}).view() == "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace comparator::http
