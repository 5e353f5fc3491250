#include "diffing/scratch.h"

#include <algorithm>
#include <bit>

namespace diffing {
namespace {

constexpr std::size_t kSmallest = 4096;

struct Kept {
  std::unique_ptr<std::byte[]> memory;
  std::size_t bytes = 0;
};

std::array<Kept, ScratchBlock::kKeptBlocks>& kept_blocks() {
  thread_local std::array<Kept, ScratchBlock::kKeptBlocks> blocks;
  return blocks;
}

}  // namespace

ScratchBlock::ScratchBlock(std::size_t bytes) {
  if (bytes == 0) return;
  if (bytes <= kLargestKept) {
    for (Kept& kept : kept_blocks()) {
      if (kept.bytes < bytes) continue;
      memory_ = std::move(kept.memory);
      bytes_ = std::exchange(kept.bytes, 0);
      return;
    }
    bytes = std::bit_ceil(std::max(bytes, kSmallest));
  }
  memory_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
  bytes_ = bytes;
}

ScratchBlock::~ScratchBlock() {
  if (memory_ == nullptr || bytes_ > kLargestKept) return;
  auto& blocks = kept_blocks();
  const auto smallest =
      std::min_element(blocks.begin(), blocks.end(), [](const Kept& a, const Kept& b) { return a.bytes < b.bytes; });
  if (smallest->bytes >= bytes_) return;
  smallest->memory = std::move(memory_);
  smallest->bytes = bytes_;
}

}  // namespace diffing
