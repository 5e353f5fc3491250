#include "tests/fuzz/differential/messages.h"

#include <algorithm>

namespace differential {
namespace {

const std::vector<std::string_view> kRequests{
    "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a/b?c=d&e HTTP/1.1\r\nHost: example.com:80\r\nAccept: */*\r\nAccept: text/html\r\n\r\n",
    "GET http://h/a HTTP/1.1\r\nHost: other\r\n\r\n",
    "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HEAD /a HTTP/1.1\r\nHost: [::1]:8080\r\nX: \ty \t\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
    "DELETE /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    "PATCH /%41;v=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nContent-Type: text/plain\r\n\r\nhello world",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nA  \r\n0123456789\r\n01\r\nx\r\n000\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0;z\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Empty:\r\nX-Colon: a:b\r\n\r\n\r\n\r\n0",
    "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: h\r\nCookie: a=b; c=\xc3\xa4\r\nX-High: \xff\x80\r\n\r\n",
    "GET /a HTTP/1.1\r\nHost: h\r\nConnection: X-Hop, close\r\nX-Hop: 1\r\nTE: trailers\r\n\r\n",
    "\r\nGET /after-post HTTP/1.1\r\nHost: h\r\n\r\n",
    "PROPFIND /dav HTTP/1.1\r\nHost: h\r\nDepth: 1\r\nContent-Length: 3\r\n\r\n<a>",
};

const std::vector<std::string_view> kAnswers{
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end",
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
    "HTTP/1.0 200 OK\r\n\r\nold style",
    "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nSet-Cookie: a=b; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n",
    "HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\nx",
    "HTTP/1.1 503\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\nX-High: \xff\r\n\r\nab",
    "HTTP/1.1 301 Moved\r\nLocation: http://h/\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbye",
};

// What tells parsers apart: RFC 9112 section 11, and what smuggling has been made of.
const std::vector<std::string_view> kPieces{
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "0",
    "-1",
    "+1",
    "0x1",
    "00",
    "1e1",
    std::string_view("\0", 1),
    "\x0b",
    "\x0c",
    "\x7f",
    "\x80",
    "\xff",
    "\"",
    "%00",
    "#",
    "?",
    "//",
    "..",
    "chunked",
    "identity",
    "gzip, chunked",
    "chunked, chunked",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length : 5\r\n",
    "Content_Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked \r\n",
    "Transfer-Encoding\r\n : chunked\r\n",
    "Host: h\r\n",
    "Host: a@b\r\n",
    "Host:\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive, x\r\n",
    "Connection: Host\r\n",
    "Connection: content-length\r\n",
    "Upgrade: h2c\r\n",
    "Expect: 200-ok\r\n",
    "X: y\r\n",
    "X:\r\n",
    "X: y\r\n z\r\n",
    " X: y\r\n",
    ": y\r\n",
    "x y: z\r\n",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/2.0",
    "HTTP/1.10",
    "http/1.1",
    "GET /evil HTTP/1.1\r\nHost: h\r\n\r\n",
    "0\r\n\r\n",
    "1\r\nx\r\n",
    "ffffffffffffffff\r\n",
    "0000000000000005\r\n",
    "5;\r\n",
    "5 ;a\r\n",
    ";a=\"\\\"\"",
    ";a=b;c",
    "GET",
    "M-SEARCH",

    "get",
    "PRI",
};

}  // namespace

std::string Messages::request() { return mutated(kRequests); }
std::string Messages::answer() { return mutated(kAnswers); }

std::string Messages::mutated(const std::vector<std::string_view>& seeds) {
  std::string bytes(seeds[below(seeds.size())]);
  for (auto left = below(4); left > 0; --left) mutate(bytes, seeds);
  return bytes;
}

void Messages::mutate(std::string& bytes, const std::vector<std::string_view>& seeds) {
  const auto at = below(bytes.size() + 1);
  const auto line_start = [&](std::size_t from) {
    const auto end = bytes.find("\r\n", from);
    return end == std::string::npos ? bytes.size() : end + 2;
  };
  const auto piece = kPieces[below(kPieces.size())];
  switch (below(8)) {
    case 0: bytes.insert(at, piece); break;
    case 1:
    case 2: bytes.insert(line_start(at), piece); break;
    case 3: bytes.replace(at, std::min(piece.size(), bytes.size() - at), piece); break;
    case 4: bytes.erase(at, 1 + below(3)); break;
    case 5: bytes.insert(at, 1, static_cast<char>(below(256))); break;
    case 6: {  // a line once more, elsewhere
      const auto from = line_start(at);
      const auto line = bytes.substr(from, line_start(from) - from);
      bytes.insert(line_start(below(bytes.size() + 1)), line);
      break;
    }
    default: {  // the beginning of one message and the end of another
      const auto other = seeds[below(seeds.size())];
      bytes = bytes.substr(0, at).append(other.substr(below(other.size() + 1)));
      break;
    }
  }
  if (bytes.empty()) bytes = "\r\n";
}

}  // namespace differential
