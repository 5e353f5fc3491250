#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "comparator/config/config.h"
#include "tests/support/faults.h"

/// The ways in which a side fails, as a table that several suites walk through.
namespace fault_suite {

/// A side that is made to fail.
class BadSide {
 public:
  explicit BadSide(support::ScriptedSide::Script script) : side_(std::make_unique<support::ScriptedSide>(script)) {}
  explicit BadSide(std::unique_ptr<support::UnusedPort> nobody) : nobody_(std::move(nobody)) {}
  explicit BadSide(std::unique_ptr<support::faults::SilentPort> silent) : silent_(std::move(silent)) {}

  std::uint16_t port() const { return side_ ? side_->port() : nobody_ ? nobody_->port() : silent_->port(); }
  /// How many requests it has read.
  std::size_t requests() const { return side_ ? side_->requests().size() : 0; }

 private:
  std::unique_ptr<support::ScriptedSide> side_;
  std::unique_ptr<support::UnusedPort> nobody_;
  std::unique_ptr<support::faults::SilentPort> silent_;
};

struct Row {
  const char* name;
  const char* why;
  std::function<BadSide()> make;
  std::function<void(comparator::SideConfig&)> change = {};  ///< Of the side, beside what hasten() does.
  /// What the client gets when old does that: a status of our own, nothing of it, or what stands below.
  int status = 0;
  std::string part{};  ///< An answer cut short: at least this, at most `said`.
  std::string said{};
  /// What is counted behind old_failed and new_failed; empty: the answer is good all the same.
  const char* cause = "";
  const char* new_cause = nullptr;  ///< Where it is another one for new, which has a deadline for the whole answer.
  bool slow = false;                ///< Takes a timeout for each request.
};

const std::vector<Row>& rows();

/// Short timeouts where the row ends in one. A side that is slow but good keeps its long ones, so that a machine which
/// halts for a moment fails nobody.
void hasten(comparator::SideConfig& side, const Row& row, bool fails);

}  // namespace fault_suite
