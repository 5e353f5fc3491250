#include "comparator/admin/readers.h"

namespace comparator::admin {

std::unique_ptr<storage::Reader> Readers::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return std::make_unique<storage::Reader>(path_);
}

void Readers::give_back(std::unique_ptr<storage::Reader> reader) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(reader));
}

}  // namespace comparator::admin
