#include "tests/fuzz/differential/explained.h"

namespace differential {

// All of these are refusals: nothing that we accept is read in another way by either parser.
const std::vector<Explained>& explained() {
  static const std::vector<Explained> rows{
      {"llhttp", "-HPE_INVALID_METHOD", "it knows a list of methods; any token is one, RFC 9110 9.1"},
      {"llhttp", "-HPE_INVALID_VERSION", "PRI, which begins HTTP/2, is a method to us: RFC 9113 3.4"},
      {"llhttp", "-HPE_INVALID_CHUNK_SIZE", "it bears no space behind a size; old servers pad with it"},
      {"llhttp", "-HPE_STRICT", "it has not all of the grammar of chunk extensions, RFC 9112 7.1.1"},
      {"llhttp", "-HPE_INVALID_TRANSFER_ENCODING", "in a trailer, where we drop it: RFC 9110 6.5.1"},
      {"llhttp", "-HPE_INVALID_CONTENT_LENGTH", "likewise"},
      {"Beast", "-bad method", "it bears no empty line in front of a request, RFC 9112 2.2"},
      {"Beast", "-bad status", "it wants the space behind a status without a reason, which many forget"},
      {"Beast", "-bad value", "in a Connection that is no list of tokens, which we drop"},
      {"Beast", "-bad chunk extension", "it wants a name behind each semicolon"},
      {"Beast", "-bad Transfer-Encoding", "in a trailer, where we drop it: RFC 9110 6.5.1"},
      {"Beast", "-bad Content-Length", "likewise"},
  };
  return rows;
}

}  // namespace differential
