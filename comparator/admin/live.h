#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "comparator/config/config.h"
#include "storage/writer.h"

/// What the running program knows that the store does not: read by the admin side at any time, from any thread.
namespace comparator::admin {

/// One counter or gauge with its labels, as the front end and the workers keep it.
struct Sample {
  std::string metric;                                       ///< e.g. `twinrun_requests_total`
  std::vector<std::pair<std::string, std::string>> labels;  ///< Of bounded cardinality.
  double value = 0;

  struct Bucket {
    double up_to = 0;         ///< Inclusive.
    std::uint64_t count = 0;  ///< Of all up to there.
  };
  std::vector<Bucket> buckets{};  ///< Of a histogram, in order; `value` is its sum then.
  std::uint64_t count = 0;        ///< Likewise, of all.
};

struct MetricFamily {
  std::string name;
  std::string help;
  bool counter = true;  ///< Else a gauge.
  std::vector<Sample> samples;
};

/// The seam between the admin side and the rest; a fake stands in for it in tests.
class Live {
 public:
  virtual ~Live() = default;
  virtual std::vector<MetricFamily> metrics() const = 0;
  virtual storage::WriterHealth writer_health() const = 0;
  virtual bool ready() const = 0;  ///< Listening, and not draining.
  /// What is in force now, where it can change while the program runs; nothing: what the server was made with.
  virtual std::shared_ptr<const Config> config() const { return nullptr; }
  /// Where clients connect, if it is another address than the configured one (port 0).
  virtual std::optional<Endpoint> listening() const { return std::nullopt; }
};

}  // namespace comparator::admin
