#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/finding.h"
#include "storage/report_rows.h"
#include "storage/reservoir.h"

namespace storage {

/// Turns evidence into findings, and keeps for each finding a few of the reports that show it.
///
/// A difference belongs to the finding of its route, signature and kind; evidence without differences to that of its
/// cause, with the outcome as kind. A route has at most kFindingsPerRoute findings, and one report leads to at most
/// kSignaturesPerReport: beyond either, and for signatures longer than kSignatureBytes, requests are counted at the
/// overflow finding of the kind, whose signature is kOverflow.
class FindingRows {
 public:
  static constexpr std::int64_t kFindingsPerRoute = 10'000;
  static constexpr std::size_t kSignaturesPerReport = 100;
  static constexpr std::size_t kSignatureBytes = 1024;
  static constexpr std::string_view kOverflow = "**";

  FindingRows(Database& database, std::size_t reports_per_finding);

  /// Counts all of it and keeps what the reservoirs choose; within the caller's transaction.
  void add(std::span<const Report> evidence);

 private:
  struct Sighting;
  struct Sample;
  struct Sightings;

  void settle_overflow(Sightings& sightings);
  std::int64_t findings_of(const std::string& route);
  Sample sample(const Sighting& sighting);
  Reservoir<std::int64_t> kept(std::int64_t finding);
  void link(const Sample& sample, std::span<const std::int64_t> ids);
  void drop_unlinked(std::span<const Sample> samples);

  std::size_t between_;  // reports kept beside the first and the latest
  std::mt19937_64 random_;
  ReportRows reports_;
  Statement exists_;
  Statement findings_of_;
  Statement put_;
  Statement kept_;
  Statement link_;
  Statement unlink_;
  Statement drop_;
};

}  // namespace storage
