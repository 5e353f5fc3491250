// The reader of chunks under any bytes: it tells the same however they are cut, and what it understood, in chunks of
// our own and with the trailer it kept, reads as the same again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "comparator/http/chunks.h"

namespace {

using comparator::http::ChunkLine;
using comparator::http::ChunkReader;

void require(bool law) {
  if (!law) std::abort();
}

struct Body {
  std::string data;
  std::string trailer;
  std::size_t used = 0;
  ChunkReader::Status status = ChunkReader::Status::more;
  bool ended() const { return status == ChunkReader::Status::done || status == ChunkReader::Status::bad; }
};

Body read(std::string_view bytes, std::size_t step) {
  ChunkReader reader;
  Body body;
  bool last = false;
  while (body.used < bytes.size() && !body.ended()) {
    std::size_t consumed = 0;
    std::string_view piece;
    const auto input = bytes.substr(body.used, step);
    body.status = reader.next(input, consumed, piece);
    require(consumed > 0 && consumed <= input.size());
    body.used += consumed;
    if (body.status == ChunkReader::Status::data) {
      require(!piece.empty() && !last);
      body.data += piece;
    }
    if (body.status == ChunkReader::Status::last) {
      require(!last && reader.in_trailer());
      last = true;
    }
    if (body.status == ChunkReader::Status::done) {
      require(last);
      body.trailer = reader.trailer();
    }
  }
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0];
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Body in_one = read(bytes, bytes.size() + 1);
  for (const std::size_t cut : {std::size_t{1}, step}) {
    const Body in_pieces = read(bytes, cut);
    require(in_pieces.data == in_one.data && in_pieces.trailer == in_one.trailer && in_pieces.used == in_one.used);
    require(in_pieces.ended() == in_one.ended());
    require(!in_one.ended() || in_pieces.status == in_one.status);
  }
  if (in_one.status != ChunkReader::Status::done) return 0;
  std::string again;
  if (!in_one.data.empty()) again.append(ChunkLine(in_one.data.size()).view()).append(in_one.data).append("\r\n");
  again.append("0\r\n").append(in_one.trailer).append("\r\n");
  const Body reread = read(again, again.size());
  require(reread.status == ChunkReader::Status::done && reread.used == again.size());
  require(reread.data == in_one.data && reread.trailer == in_one.trailer);
  return 0;
}
