#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "storage/database.h"
#include "storage/store.h"

/// Evidence and counts as tests want them.
namespace samples {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kMinute = 29'000'000;  ///< A minute of 2025.
constexpr std::int64_t kNowUs = kMinute * kMinuteUs;

inline diffing::Difference difference(const std::string& signature, diffing::Kind kind = diffing::Kind::value,
                                      diffing::Severity severity = diffing::Severity::major) {
  diffing::Difference made;
  made.path = signature;
  made.signature = signature;
  made.kind = kind;
  made.severity = severity;
  made.old_value = "1";
  made.new_value = "2";
  return made;
}

inline storage::Report mismatch(const std::string& route, const std::string& signature) {
  storage::Report report;
  report.recorded_at_us = kNowUs;
  report.route = route;
  report.epoch = "e1";
  report.method = "GET";
  report.target = "/";
  report.outcome = storage::Outcome::mismatch;
  report.severity = diffing::Severity::major;
  report.differences = {difference(signature)};
  report.difference_count = 1;
  report.old_side.status = 200;
  report.new_side.status = 200;
  return report;
}

inline storage::Report failure(const std::string& route, const std::string& cause) {
  storage::Report report = mismatch(route, "");
  report.outcome = storage::Outcome::new_failed;
  report.cause = cause;
  report.severity.reset();
  report.differences.clear();
  report.difference_count = 0;
  report.new_side = {};
  report.new_side.failure = cause;
  return report;
}

inline storage::TallyKey key(const std::string& route, std::int64_t minute,
                             storage::Outcome outcome = storage::Outcome::match) {
  storage::TallyKey made;
  made.route = route;
  made.epoch = "e1";
  made.minute = minute;
  made.outcome = outcome;
  return made;
}

inline storage::Tally tally(std::uint64_t count, std::chrono::microseconds latency = std::chrono::milliseconds(3)) {
  storage::Tally made;
  made.count = count;
  made.old_latency.add(latency, count);
  made.new_latency.add(latency * 2, count);
  return made;
}

inline std::string bytes_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Every file of a folder with its bytes.
inline std::map<std::string, std::string> bytes_of_folder(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files[entry.path().filename().string()] = bytes_of_file(entry.path());
  }
  return files;
}

inline std::string integrity(const std::string& path) {
  storage::Database database(path, storage::Database::Mode::read);
  auto statement = database.prepare("PRAGMA integrity_check");
  auto row = statement.query();
  return row.next() ? row.text(0) : "no answer";
}

}  // namespace samples
