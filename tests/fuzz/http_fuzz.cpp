// The codec under any bytes, with laws as its oracle: a head that is whole is whole and the same however it arrives,
// a prefix of it is partial, and chunks read alike in one piece and byte by byte.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "comparator/http/chunks.h"
#include "comparator/http/head.h"

namespace {

using namespace comparator::http;

void require(bool law) {
  if (!law) std::abort();
}

template <class AnyHead>
void check_head(std::string_view bytes) {
  AnyHead head;
  Refusal refusal;
  const HeadLimits limits{.bytes = 4096, .fields = 32, .target = 256};
  const Parsed parsed = parse(bytes, limits, head, refusal);
  if (parsed == Parsed::bad) require(refusal.status >= 400 && !refusal.reason.empty());
  if (parsed != Parsed::whole) return;
  require(head.bytes <= bytes.size() && head.bytes <= limits.bytes && head.fields.size() <= limits.fields);
  const auto whole = bytes.substr(0, head.bytes);
  require(whole.substr(whole.size() - 4) == "\r\n\r\n");
  for (const auto& field : head.fields) {
    require(is_token(field.name));
    require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  const auto fields = head.fields.size();
  const auto length = head.content_length;
  const bool chunked = head.chunked;
  AnyHead again;
  require(parse(whole, limits, again, refusal) == Parsed::whole);
  require(again.fields.size() == fields && again.content_length == length && again.chunked == chunked);
  for (std::size_t cut : {whole.size() - 1, whole.size() / 2}) {
    require(parse(whole.substr(0, cut), limits, again, refusal) == Parsed::partial);
  }
}

struct Body {
  std::string data;
  std::string trailer;
  std::size_t used = 0;
  ChunkReader::Status status = ChunkReader::Status::more;
  bool operator==(const Body&) const = default;
};

Body read(std::string_view bytes, std::size_t step) {
  ChunkReader reader;
  Body body;
  while (body.used < bytes.size()) {
    std::size_t consumed = 0;
    std::string_view piece;
    body.status = reader.next(bytes.substr(body.used, step), consumed, piece);
    body.used += consumed;
    if (body.status == ChunkReader::Status::data) body.data += piece;
    if (body.status == ChunkReader::Status::done) body.trailer = reader.trailer();
    if (body.status == ChunkReader::Status::done || body.status == ChunkReader::Status::bad) break;
    require(consumed > 0);
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_head<RequestHead>(bytes);
  check_head<AnswerHead>(bytes);
  const Body in_one = read(bytes, bytes.size() + 1);
  const Body in_bytes = read(bytes, 1);
  require(in_one.data == in_bytes.data && in_one.trailer == in_bytes.trailer && in_one.used == in_bytes.used);
  const bool ended = in_one.status == ChunkReader::Status::done || in_one.status == ChunkReader::Status::bad;
  require(!ended || in_one.status == in_bytes.status);
  return 0;
}
