#include "storage/report_rows.h"

#include "storage/packing.h"
#include "storage/tally_rows.h"

namespace storage {
namespace {

constexpr std::string_view kInsertReport = R"sql(
INSERT INTO report
  (recorded_at_us, route, epoch, method, target, outcome, cause, severity, score, difference_count,
   old_failure, old_status, old_body_bytes, old_body_truncated, old_elapsed_us,
   new_failure, new_status, new_body_bytes, new_body_truncated, new_elapsed_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20))sql";

constexpr std::string_view kInsertContent = R"sql(
INSERT INTO report_content
  (report_id, request_headers, request_body, differences, old_headers, old_body, new_headers, new_body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8))sql";

constexpr int kObservationColumns = 5;
constexpr int kOldColumn = 11;
constexpr std::size_t kDifferenceTexts = 8;

std::string pack_headers(const std::vector<StoredHeader>& headers) {
  std::vector<std::string_view> texts;
  texts.reserve(headers.size() * 2);
  for (const StoredHeader& header : headers) {
    texts.push_back(header.name);
    texts.push_back(header.value);
  }
  return compress(pack(texts));
}

std::vector<StoredHeader> unpack_headers(std::string_view bytes) {
  std::vector<std::string> texts = unpack(decompress(bytes));
  std::vector<StoredHeader> headers;
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
    headers.push_back({std::move(texts[i]), std::move(texts[i + 1])});
  return headers;
}

std::string pack_differences(const std::vector<diffing::Difference>& differences) {
  std::vector<std::string_view> texts;
  texts.reserve(differences.size() * kDifferenceTexts);
  for (const diffing::Difference& difference : differences) {
    texts.insert(texts.end(),
                 {difference.path, difference.signature, difference.identity, name(difference.kind),
                  name(difference.severity), difference.old_value, difference.new_value, difference.new_path});
  }
  return compress(pack(texts));
}

template <class Enum>
Enum named(std::string_view text, std::size_t values) {
  for (std::size_t i = 0; i < values; ++i) {
    if (name(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  throw StoreError(StoreError::Reason::failed, "store: a stored difference cannot be read");
}

std::vector<diffing::Difference> unpack_differences(std::string_view bytes) {
  std::vector<std::string> texts = unpack(decompress(bytes));
  std::vector<diffing::Difference> differences;
  for (std::size_t i = 0; i + kDifferenceTexts <= texts.size(); i += kDifferenceTexts) {
    std::string* text = &texts[i];
    diffing::Difference& difference = differences.emplace_back();
    difference.path = std::move(text[0]);
    difference.signature = std::move(text[1]);
    difference.identity = std::move(text[2]);
    difference.kind = named<diffing::Kind>(text[3], diffing::kKinds);
    difference.severity = named<diffing::Severity>(text[4], diffing::kSeverities);
    difference.old_value = std::move(text[5]);
    difference.new_value = std::move(text[6]);
    difference.new_path = std::move(text[7]);
  }
  return differences;
}

StoredObservation observation_from(const Cursor& row, int column) {
  StoredObservation observation;
  observation.failure = row.text(column);
  observation.status = static_cast<int>(row.integer(column + 1));
  observation.body_bytes = row.unsigned_integer(column + 2);
  observation.body_truncated = row.integer(column + 3) != 0;
  observation.elapsed_us = row.integer(column + 4);
  return observation;
}

}  // namespace

ReportRows::ReportRows(Database& database)
    : database_(database),
      insert_(database.prepare(kInsertReport)),
      insert_content_(database.prepare(kInsertContent)) {}

std::int64_t ReportRows::insert(const Report& report) {
  const StoredObservation& before = report.old_side;
  const StoredObservation& after = report.new_side;
  insert_.run(report.recorded_at_us, report.route, report.epoch, report.method, report.target, name(report.outcome),
              report.cause, severity_number(report.severity), report.score, report.difference_count, before.failure,
              before.status, before.body_bytes, before.body_truncated, before.elapsed_us, after.failure, after.status,
              after.body_bytes, after.body_truncated, after.elapsed_us);
  const std::int64_t id = database_.last_id();
  insert_content(id, report);
  return id;
}

void ReportRows::insert_content(std::int64_t id, const Report& report) {
  insert_content_.run(id, Blob{pack_headers(report.request_headers)}, Blob{compress(report.request_body)},
                      Blob{pack_differences(report.differences)}, Blob{pack_headers(report.old_side.headers)},
                      Blob{compress(report.old_side.body)}, Blob{pack_headers(report.new_side.headers)},
                      Blob{compress(report.new_side.body)});
}

Report report_from(const Cursor& row) {
  Report report;
  report.id = row.integer(0);
  report.recorded_at_us = row.integer(1);
  report.route = row.text(2);
  report.epoch = row.text(3);
  report.method = row.text(4);
  report.target = row.text(5);
  report.outcome = outcome_named(row.text(6)).value_or(Outcome::mismatch);
  report.cause = row.text(7);
  report.severity = severity_from(row.integer(8));
  report.score = row.real(9);
  report.difference_count = row.unsigned_integer(10);
  report.old_side = observation_from(row, kOldColumn);
  report.new_side = observation_from(row, kOldColumn + kObservationColumns);
  return report;
}

void read_content(const Cursor& row, Report& report) {
  report.request_headers = unpack_headers(row.text(0));
  report.request_body = decompress(row.text(1));
  report.differences = unpack_differences(row.text(2));
  report.old_side.headers = unpack_headers(row.text(3));
  report.old_side.body = decompress(row.text(4));
  report.new_side.headers = unpack_headers(row.text(5));
  report.new_side.body = decompress(row.text(6));
}

}  // namespace storage
