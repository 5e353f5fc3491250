#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "comparator/admin/live.h"
#include "comparator/compare/ledger.h"
#include "comparator/compare/workers.h"
#include "comparator/front/front.h"
#include "storage/writer.h"

namespace comparator {

/// The counters of the running program as the admin side reads them. Thread-safe once every front end is added.
class LiveService final : public admin::Live {
 public:
  LiveService(const compare::Ledger& ledger, const storage::Writer& writer, const compare::Workers& workers,
              const front::Shared& shared)
      : ledger_(ledger), writer_(writer), workers_(workers), shared_(shared) {}

  void add(const front::Front& front) { fronts_.push_back(&front); }
  /// What is in force from now on.
  void set_plan(std::shared_ptr<const Plan> plan);
  void set_listening(Endpoint endpoint) { listening_ = std::move(endpoint); }
  void set_ready(bool ready) { ready_.store(ready); }

  std::vector<admin::MetricFamily> metrics() const override;
  storage::WriterHealth writer_health() const override { return writer_.health(); }
  std::shared_ptr<const Config> config() const override;
  bool ready() const override { return ready_.load(); }
  std::optional<Endpoint> listening() const override { return listening_; }

 private:
  const compare::Ledger& ledger_;
  const storage::Writer& writer_;
  const compare::Workers& workers_;
  const front::Shared& shared_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Plan> plan_;  // under the mutex
  std::vector<const front::Front*> fronts_;
  std::optional<Endpoint> listening_;
  std::atomic<bool> ready_{false};
};

}  // namespace comparator
