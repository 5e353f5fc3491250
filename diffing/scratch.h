#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <utility>

namespace diffing {

/// Memory for one comparison that the next one on this thread can use again: fresh pages cost more than what is
/// written to them. A thread keeps at most kKeptBlocks of kLargestKept bytes.
class ScratchBlock {
 public:
  static constexpr std::size_t kLargestKept = std::size_t{1} << 23;
  static constexpr std::size_t kKeptBlocks = 4;

  /// At least so many bytes, with any content.
  explicit ScratchBlock(std::size_t bytes);
  ~ScratchBlock();
  ScratchBlock(ScratchBlock&& other) noexcept
      : memory_(std::move(other.memory_)), bytes_(std::exchange(other.bytes_, 0)) {}
  ScratchBlock& operator=(ScratchBlock&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  std::byte* data() const { return memory_.get(); }

 private:
  std::unique_ptr<std::byte[]> memory_;
  std::size_t bytes_ = 0;
};

/// An array of plain values in scratch memory.
template <typename T>
class ScratchArray {
 public:
  ScratchArray() : block_(0) {}
  explicit ScratchArray(std::size_t size) : block_(size * sizeof(T)) {}

  T* get() const { return reinterpret_cast<T*>(block_.data()); }
  T& operator[](std::size_t index) const { return get()[index]; }
  bool empty() const { return block_.data() == nullptr; }

 private:
  ScratchBlock block_;
};

}  // namespace diffing
