#include "comparator/front/task.h"

#include <array>
#include <cstdlib>

namespace comparator::front {
namespace {

constexpr std::size_t kClassBytes = 128;
constexpr std::size_t kClasses = 32;         // frames up to 4 KB; ours are far below
constexpr std::size_t kKeptPerClass = 1024;  // beyond it memory goes back after a burst

struct Free {
  Free* next;
};

struct FreeLists {
  struct List {
    Free* first = nullptr;
    std::size_t count = 0;
  };
  std::array<List, kClasses> lists;
  ~FreeLists() {
    for (auto& list : lists) {
      while (list.first != nullptr) std::free(std::exchange(list.first, list.first->next));
    }
  }
};

thread_local FreeLists free_lists;

std::size_t class_of(std::size_t bytes) { return (bytes + kClassBytes - 1) / kClassBytes - 1; }

}  // namespace

void* FramePool::allocate(std::size_t bytes) {
  const auto size_class = class_of(bytes);
  if (size_class < kClasses) {
    auto& list = free_lists.lists[size_class];
    if (list.first != nullptr) {
      --list.count;
      return std::exchange(list.first, list.first->next);
    }
    bytes = (size_class + 1) * kClassBytes;
  }
  void* frame = std::malloc(bytes);
  if (frame == nullptr) throw std::bad_alloc();
  return frame;
}

void FramePool::release(void* frame, std::size_t bytes) noexcept {
  const auto size_class = class_of(bytes);
  if (size_class >= kClasses || free_lists.lists[size_class].count >= kKeptPerClass) {
    std::free(frame);
    return;
  }
  auto& list = free_lists.lists[size_class];
  list.first = new (frame) Free{list.first};
  ++list.count;
}

}  // namespace comparator::front
