#include "comparator/compare/decode.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

#include "comparator/http/head.h"

namespace comparator::compare {
namespace {

struct Inflater {
  z_stream stream{};
  bool ready;
  explicit Inflater(int window_bits) : ready(inflateInit2(&stream, window_bits) == Z_OK) {}
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

Decoded inflate_all(std::string_view body, int window_bits, std::size_t max_bytes, std::string& out) {
  Inflater inflater(window_bits);
  if (!inflater.ready) return Decoded::corrupt;
  auto& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  std::string plain;
  char block[16 * 1024];
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    const int result = inflate(&stream, Z_NO_FLUSH);
    plain.append(block, sizeof block - stream.avail_out);
    if (plain.size() > max_bytes) return Decoded::too_large;
    if (result == Z_STREAM_END) {
      if (stream.avail_in == 0) break;
      // A gzip file may have several members (RFC 1952 section 2.2).
      if (inflateReset(&stream) != Z_OK) return Decoded::corrupt;
      continue;
    }
    if (result != Z_OK) return Decoded::corrupt;
  }
  out = std::move(plain);
  return Decoded::ok;
}

Decoded remove_coding(std::string_view coding, std::string_view body, std::size_t max_bytes, std::string& out) {
  constexpr int kGzip = 16 + MAX_WBITS;
  if (http::same_name(coding, "identity")) return out = std::string(body), Decoded::ok;
  if (http::same_name(coding, "gzip") || http::same_name(coding, "x-gzip"))
    return inflate_all(body, kGzip, max_bytes, out);
  if (!http::same_name(coding, "deflate")) return Decoded::unsupported;
  // "deflate" means the zlib format (RFC 9110 section 8.4.1.2); some servers send it bare.
  const Decoded zlib = inflate_all(body, MAX_WBITS, max_bytes, out);
  return zlib == Decoded::corrupt ? inflate_all(body, -MAX_WBITS, max_bytes, out) : zlib;
}

std::vector<std::string_view> list_items(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto item = list.substr(0, comma);
    const auto first = item.find_first_not_of(" \t");
    if (first != std::string_view::npos) {
      item = item.substr(first, item.find_last_not_of(" \t") - first + 1);
      items.push_back(item);
    }
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

}  // namespace

Decoded decode(std::string_view content_encoding, std::string_view body, std::size_t max_bytes, std::string& out) {
  constexpr std::size_t kMaxCodings = 4;  // each may multiply the size; nobody needs more
  const auto codings = list_items(content_encoding);
  if (codings.size() > kMaxCodings) return Decoded::unsupported;
  std::string current(body);
  for (auto coding = codings.rbegin(); coding != codings.rend() && !current.empty(); ++coding) {
    std::string plain;
    const Decoded decoded = remove_coding(*coding, current, max_bytes, plain);
    if (decoded != Decoded::ok) return decoded;
    current = std::move(plain);
  }
  out = std::move(current);
  return Decoded::ok;
}

}  // namespace comparator::compare
