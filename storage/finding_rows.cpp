#include "storage/finding_rows.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "storage/tally_rows.h"

namespace storage {
namespace {

constexpr std::string_view kFindingExists = R"sql(
SELECT id FROM finding WHERE route = ?1 AND signature = ?2 AND kind = ?3 ORDER BY id)sql";

constexpr std::string_view kFindingsOfRoute = R"sql(
SELECT COUNT(*) FROM finding WHERE route = ?1 ORDER BY 1)sql";

// Seen again after it was fixed, a finding is open once more; accepted it stays.
constexpr std::string_view kPutFinding = R"sql(
INSERT INTO finding (route, signature, kind, severity, state, epoch, requests, first_seen_us, last_seen_us,
                     example_path, example_old, example_new)
VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (route, signature, kind) DO UPDATE SET
  severity = MAX(severity, excluded.severity),
  state = CASE state WHEN 'fixed' THEN 'reopened' ELSE state END,
  epoch = excluded.epoch,
  requests = requests + excluded.requests,
  first_seen_us = MIN(first_seen_us, excluded.first_seen_us),
  last_seen_us = MAX(last_seen_us, excluded.last_seen_us),
  example_path = excluded.example_path, example_old = excluded.example_old, example_new = excluded.example_new
RETURNING id, requests)sql";

constexpr std::string_view kKeptReports = R"sql(
SELECT report_id, slot FROM finding_report WHERE finding_id = ?1 ORDER BY report_id)sql";

constexpr std::string_view kLinkReport = R"sql(
INSERT INTO finding_report (finding_id, report_id, slot) VALUES (?1, ?2, ?3)
ON CONFLICT (finding_id, report_id) DO UPDATE SET slot = excluded.slot)sql";

constexpr std::string_view kUnlinkReport = R"sql(
DELETE FROM finding_report WHERE finding_id = ?1 AND report_id = ?2)sql";

constexpr std::string_view kDropUnlinked = R"sql(
DELETE FROM report WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM finding_report WHERE report_id = ?1))sql";

// Which place in the reservoir a kept report has.
enum Slot : std::int64_t { kFirst, kLatest, kBetween };

constexpr std::size_t kExampleBytes = 4096;  // as much as the differ shows of a value

struct Key {
  std::string_view route;
  std::string_view signature;
  std::string_view kind;
  auto operator<=>(const Key&) const = default;
};

diffing::Severity severity_of(const Report& report) {
  if (report.severity) return *report.severity;
  return report.outcome == Outcome::new_failed ? diffing::Severity::critical : diffing::Severity::major;
}

std::string_view example(std::string_view text) { return text.substr(0, kExampleBytes); }

}  // namespace

// One finding as a batch shows it. Views are of the batch's reports.
struct FindingRows::Sighting {
  Key key;
  diffing::Severity severity = diffing::Severity::minor;
  std::vector<std::size_t> reports;  // indexes into the batch, growing
  std::int64_t first_seen_us = 0;
  std::int64_t last_seen_us = 0;
  std::string_view epoch;
  const diffing::Difference* difference = nullptr;  // of the latest; none where there was nothing to compare

  void see(const Report& report, std::size_t index, const diffing::Difference* shown, diffing::Severity worst) {
    severity = reports.empty() ? worst : std::max(severity, worst);
    if (!reports.empty() && reports.back() == index) return;
    first_seen_us = reports.empty() ? report.recorded_at_us : std::min(first_seen_us, report.recorded_at_us);
    last_seen_us = std::max(last_seen_us, report.recorded_at_us);
    epoch = report.epoch;
    difference = shown;
    reports.push_back(index);
  }

  void merge(const Sighting& other) {
    if (reports.empty()) {
      const Key own = key;
      *this = other;
      key = own;
      return;
    }
    severity = std::max(severity, other.severity);
    first_seen_us = std::min(first_seen_us, other.first_seen_us);
    last_seen_us = std::max(last_seen_us, other.last_seen_us);
    if (other.reports.back() > reports.back()) {
      epoch = other.epoch;
      difference = other.difference;
    }
    std::vector<std::size_t> both;
    std::set_union(reports.begin(), reports.end(), other.reports.begin(), other.reports.end(),
                   std::back_inserter(both));
    reports = std::move(both);
  }
};

struct FindingRows::Sightings {
  std::map<Key, Sighting> by_key;

  void see(const Report& report, std::size_t index) {
    if (report.differences.empty()) {
      at({report.route, report.cause, name(report.outcome)}).see(report, index, nullptr, severity_of(report));
      return;
    }
    std::size_t signatures = 0;
    for (const diffing::Difference& difference : report.differences) {
      Key key{report.route, difference.signature, name(difference.kind)};
      const auto known = by_key.find(key);
      const bool is_seen = known != by_key.end() && known->second.reports.back() == index;
      if (!is_seen && (signatures == kSignaturesPerReport || difference.signature.size() > kSignatureBytes)) {
        key.signature = kOverflow;
      } else if (!is_seen) {
        ++signatures;
      }
      at(key).see(report, index, &difference, difference.severity);
    }
  }

  Sighting& at(const Key& key) {
    Sighting& sighting = by_key[key];
    sighting.key = key;
    return sighting;
  }
};

// What the reservoir of one finding was and has become. Items at or above zero are ids of reports, those below are
// -1 - index into the batch.
struct FindingRows::Sample {
  std::int64_t finding = 0;
  Reservoir<std::int64_t> before;
  Reservoir<std::int64_t> after;

  static std::vector<std::pair<std::int64_t, Slot>> items(const Reservoir<std::int64_t>& reservoir) {
    std::vector<std::pair<std::int64_t, Slot>> all;
    if (reservoir.first) all.emplace_back(*reservoir.first, kFirst);
    if (reservoir.latest) all.emplace_back(*reservoir.latest, kLatest);
    for (const std::int64_t item : reservoir.between) all.emplace_back(item, kBetween);
    return all;
  }

  std::vector<std::int64_t> dropped() const {
    std::vector<std::int64_t> gone;
    const auto now = items(after);
    for (const auto& [id, slot] : items(before)) {
      const auto is_it = [wanted = id](const auto& item) { return item.first == wanted; };
      if (std::none_of(now.begin(), now.end(), is_it)) gone.push_back(id);
    }
    return gone;
  }
};

FindingRows::FindingRows(Database& database, std::size_t reports_per_finding)
    : between_(reports_per_finding > 2 ? reports_per_finding - 2 : 0),
      random_(std::random_device{}()),
      reports_(database),
      exists_(database.prepare(kFindingExists)),
      findings_of_(database.prepare(kFindingsOfRoute)),
      put_(database.prepare(kPutFinding)),
      kept_(database.prepare(kKeptReports)),
      link_(database.prepare(kLinkReport)),
      unlink_(database.prepare(kUnlinkReport)),
      drop_(database.prepare(kDropUnlinked)) {}

void FindingRows::add(std::span<const Report> evidence) {
  Sightings sightings;
  for (std::size_t i = 0; i < evidence.size(); ++i) sightings.see(evidence[i], i);
  settle_overflow(sightings);

  std::vector<Sample> samples;
  std::vector<std::int64_t> ids(evidence.size());  // 0: not kept
  for (const auto& [key, sighting] : sightings.by_key) {
    samples.push_back(sample(sighting));
    for (const auto& [item, slot] : Sample::items(samples.back().after)) {
      if (item < 0) ids[static_cast<std::size_t>(-1 - item)] = 1;
    }
  }
  for (std::size_t i = 0; i < evidence.size(); ++i) {
    if (ids[i] != 0) ids[i] = reports_.insert(evidence[i]);
  }
  for (const Sample& each : samples) link(each, ids);
  drop_unlinked(samples);
}

// New findings of a route that has no room left become sightings of its overflow.
void FindingRows::settle_overflow(Sightings& sightings) {
  std::map<std::string_view, std::int64_t> findings;  // per route, those that this batch adds included
  std::vector<Sighting> homeless;
  for (auto place = sightings.by_key.begin(); place != sightings.by_key.end();) {
    const Key& key = place->first;
    const bool is_known = exists_.query(key.route, key.signature, key.kind).next();
    if (is_known || key.signature == kOverflow) {
      ++place;
      continue;
    }
    const auto [route, is_new] = findings.try_emplace(key.route, 0);
    if (is_new) route->second = findings_of(std::string(key.route));
    if (++route->second <= kFindingsPerRoute) {
      ++place;
      continue;
    }
    homeless.push_back(std::move(place->second));
    place = sightings.by_key.erase(place);
  }
  for (const Sighting& sighting : homeless) {
    sightings.at({sighting.key.route, kOverflow, sighting.key.kind}).merge(sighting);
  }
}

std::int64_t FindingRows::findings_of(const std::string& route) {
  auto row = findings_of_.query(route);
  return row.next() ? row.integer(0) : 0;
}

FindingRows::Sample FindingRows::sample(const Sighting& sighting) {
  const diffing::Difference none;
  const diffing::Difference& shown = sighting.difference ? *sighting.difference : none;
  Sample sample;
  std::uint64_t seen = 0;
  {
    auto row =
        put_.query(sighting.key.route, sighting.key.signature, sighting.key.kind, severity_number(sighting.severity),
                   sighting.epoch, sighting.reports.size(), sighting.first_seen_us, sighting.last_seen_us,
                   example(shown.path), example(shown.old_value), example(shown.new_value));
    row.next();
    sample.finding = row.integer(0);
    seen = row.unsigned_integer(1) - sighting.reports.size();
    while (row.next()) {
    }
  }
  sample.before = kept(sample.finding);
  sample.after = sample.before;
  for (const std::size_t index : sighting.reports) {
    sample.after.see(-1 - static_cast<std::int64_t>(index), ++seen, between_, random_);
  }
  return sample;
}

Reservoir<std::int64_t> FindingRows::kept(std::int64_t finding) {
  Reservoir<std::int64_t> reservoir;
  for (auto row = kept_.query(finding); row.next();) {
    switch (row.integer(1)) {
      case kFirst: reservoir.first = row.integer(0); break;
      case kLatest: reservoir.latest = row.integer(0); break;
      default: reservoir.between.push_back(row.integer(0)); break;
    }
  }
  return reservoir;
}

void FindingRows::link(const Sample& sample, std::span<const std::int64_t> ids) {
  for (const std::int64_t id : sample.dropped()) unlink_.run(sample.finding, id);
  const auto before = Sample::items(sample.before);
  for (const auto& kept : Sample::items(sample.after)) {
    if (std::find(before.begin(), before.end(), kept) != before.end()) continue;
    const auto [item, slot] = kept;
    const std::int64_t id = item < 0 ? ids[static_cast<std::size_t>(-1 - item)] : item;
    link_.run(sample.finding, id, static_cast<std::int64_t>(slot));
  }
}

void FindingRows::drop_unlinked(std::span<const Sample> samples) {
  for (const Sample& sample : samples) {
    for (const std::int64_t id : sample.dropped()) drop_.run(id);
  }
}

}  // namespace storage
