#include "storage/packing.h"

#include <zlib.h>

#include "storage/error.h"

namespace storage {
namespace {

constexpr char kPlain = 0;
constexpr char kDeflated = 1;
constexpr std::size_t kWorthDeflating = 64;  // below it the container costs what it saves
constexpr int kLevel = 1;                    // the writer has one thread; higher levels save little on JSON
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;  // above any cap on bodies; bounds what a bad length asks
constexpr std::uint64_t kMaxRatio = 1100;  // deflate's own limit is 1032 (https://zlib.net/zlib_tech.html)

[[noreturn]] void fail() { throw StoreError(StoreError::Reason::failed, "store: a stored value cannot be read"); }

std::string inflate(std::string_view bytes, std::uint64_t length) {
  if (length > kMaxBytes || length > kMaxRatio * (bytes.size() + 1)) fail();
  std::string plain(length, '\0');
  uLongf room = length;
  const int code = uncompress(reinterpret_cast<Bytef*>(plain.data()), &room,
                              reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (code != Z_OK || room != length) fail();
  return plain;
}

}  // namespace

void append_number(std::string& bytes, std::uint64_t number) {
  while (number >= 0x80) {
    bytes += static_cast<char>((number & 0x7f) | 0x80);
    number >>= 7;
  }
  bytes += static_cast<char>(number);
}

std::optional<std::uint64_t> take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    number |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

std::string pack(const std::vector<std::string_view>& texts) {
  std::string bytes;
  for (const std::string_view text : texts) {
    append_number(bytes, text.size());
    bytes += text;
  }
  return bytes;
}

std::vector<std::string> unpack(std::string_view bytes) {
  std::vector<std::string> texts;
  while (!bytes.empty()) {
    const auto length = take_number(bytes);
    if (!length || *length > bytes.size()) fail();
    texts.emplace_back(bytes.substr(0, *length));
    bytes.remove_prefix(*length);
  }
  return texts;
}

std::string compress(std::string_view bytes) {
  if (bytes.size() >= kWorthDeflating && bytes.size() <= kMaxBytes) {
    std::string packed(1, kDeflated);
    append_number(packed, bytes.size());
    const std::size_t start = packed.size();
    uLongf room = compressBound(bytes.size());
    packed.resize(start + room);
    const int code = compress2(reinterpret_cast<Bytef*>(&packed[start]), &room,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), kLevel);
    packed.resize(start + room);
    if (code == Z_OK && packed.size() <= bytes.size()) return packed;
  }
  return std::string(1, kPlain).append(bytes);
}

std::string decompress(std::string_view bytes) {
  if (bytes.empty()) fail();
  const char how = bytes.front();
  bytes.remove_prefix(1);
  if (how == kPlain) return std::string(bytes);
  if (how != kDeflated) fail();
  const auto length = take_number(bytes);
  if (!length) fail();
  return inflate(bytes, *length);
}

}  // namespace storage
