#include "comparator/body_hash.h"

#include <algorithm>
#include <cstring>
#include <random>

namespace comparator {
namespace {

struct Seeds {
  std::array<std::uint64_t, 4> values{};
  Seeds() {
    std::random_device device;
    for (auto& value : values) value = (std::uint64_t{device()} << 32) | device();
  }
};

const std::array<std::uint64_t, 4>& seeds() {
  static const Seeds instance;
  return instance.values;
}

__extension__ using Wide = unsigned __int128;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

}  // namespace

BodyHash::BodyHash() : lanes_{seeds()[0], seeds()[1]} {}

void BodyHash::update(std::string_view bytes) {
  total_ += bytes.size();
  if (rest_bytes_ > 0) {
    const auto take = std::min(bytes.size(), rest_.size() - rest_bytes_);
    std::memcpy(rest_.data() + rest_bytes_, bytes.data(), take);
    rest_bytes_ += take;
    bytes.remove_prefix(take);
    if (rest_bytes_ < rest_.size()) return;
    block(rest_.data());
    rest_bytes_ = 0;
  }
  for (; bytes.size() >= rest_.size(); bytes.remove_prefix(rest_.size())) block(bytes.data());
  std::copy(bytes.begin(), bytes.end(), rest_.begin());
  rest_bytes_ = bytes.size();
}

void BodyHash::block(const char* bytes) {
  const auto first = word(bytes);
  const auto second = word(bytes + 8);
  lanes_[0] = fold(lanes_[0] ^ first, second ^ seeds()[2]) + first;
  lanes_[1] = fold(lanes_[1] ^ second, first ^ seeds()[3]) + second;
}

std::array<std::uint64_t, 2> BodyHash::digest() const {
  BodyHash end = *this;
  std::fill(end.rest_.begin() + static_cast<std::ptrdiff_t>(rest_bytes_), end.rest_.end(), '\0');
  end.block(end.rest_.data());
  return {fold(end.lanes_[0] ^ total_, seeds()[1]), fold(end.lanes_[1] ^ total_, seeds()[0])};
}

}  // namespace comparator
