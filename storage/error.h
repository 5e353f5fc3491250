#pragma once

#include <stdexcept>
#include <string>

namespace storage {

/// The one error of this library. `what()` is a sentence a person can act on, with the file's path.
class StoreError : public std::runtime_error {
 public:
  enum class Reason {
    cannot_open,
    newer_version,
    not_ours,
    busy,
    full,
    failed,
    bad_cursor,  ///< A cursor that no page gave: the caller's mistake, not the store's.
  };
  StoreError(Reason reason, const std::string& message) : std::runtime_error(message), reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

}  // namespace storage
