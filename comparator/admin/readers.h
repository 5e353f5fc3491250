#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/store.h"

namespace comparator::admin {

/// Read-only connections to the store, one for each request that is being answered; as many are kept open as were
/// needed at once, which the number of threads bounds. Opened when first needed, so that a store that is away when
/// we start is no reason not to start.
class Readers {
 public:
  explicit Readers(std::string path) : path_(std::move(path)) {}

  /// Calls `use` with a reader that nobody else has. A reader whose use threw is closed: it may be broken.
  template <class Use>
  auto with(Use use) {
    auto reader = take();
    auto result = use(static_cast<const storage::Reader&>(*reader));
    give_back(std::move(reader));
    return result;
  }

 private:
  std::unique_ptr<storage::Reader> take();
  void give_back(std::unique_ptr<storage::Reader> reader);

  const std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<storage::Reader>> idle_;
};

}  // namespace comparator::admin
