#include "storage/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

namespace storage {
namespace {

using Reason = StoreError::Reason;

// Severities are stored as diffing::Severity counts them, -1 for none, so that the worst sorts last.
// `tally_total` is what `tally` sums to over all minutes, those that retention has deleted included: the gate is
// asked often and must not read a month of minutes each time.
constexpr const char* kFirstTables = R"sql(
CREATE TABLE tally (
  route TEXT NOT NULL,
  minute INTEGER NOT NULL,
  epoch TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  severity INTEGER NOT NULL,
  count INTEGER NOT NULL,
  old_latency BLOB NOT NULL,
  new_latency BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX tally_key ON tally (route, minute, epoch, outcome, cause, severity);
CREATE INDEX tally_lines ON tally (minute, route, epoch, outcome, count);

CREATE TABLE tally_total (
  route TEXT NOT NULL,
  epoch TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  severity INTEGER NOT NULL,
  first_minute INTEGER NOT NULL,
  last_minute INTEGER NOT NULL,
  count INTEGER NOT NULL,
  old_latency BLOB NOT NULL,
  new_latency BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX tally_total_key ON tally_total (route, epoch, outcome, cause, severity);

CREATE TABLE finding (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  route TEXT NOT NULL,
  signature TEXT NOT NULL,
  kind TEXT NOT NULL,
  severity INTEGER NOT NULL,
  state TEXT NOT NULL,
  epoch TEXT NOT NULL,
  requests INTEGER NOT NULL,
  first_seen_us INTEGER NOT NULL,
  last_seen_us INTEGER NOT NULL,
  example_path TEXT NOT NULL,
  example_old TEXT NOT NULL,
  example_new TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX finding_key ON finding (route, signature, kind);
CREATE INDEX finding_rank ON finding (severity, requests, id);
CREATE INDEX finding_rank_of_route ON finding (route, severity, requests, id);
CREATE INDEX finding_unreviewed ON finding (route, severity, epoch) WHERE state IN ('open', 'reopened');
CREATE INDEX finding_age ON finding (last_seen_us);

CREATE TABLE report (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recorded_at_us INTEGER NOT NULL,
  route TEXT NOT NULL,
  epoch TEXT NOT NULL,
  method TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cause TEXT NOT NULL,
  severity INTEGER NOT NULL,
  score REAL NOT NULL,
  difference_count INTEGER NOT NULL,
  old_failure TEXT NOT NULL,
  old_status INTEGER NOT NULL,
  old_body_bytes INTEGER NOT NULL,
  old_body_truncated INTEGER NOT NULL,
  old_elapsed_us INTEGER NOT NULL,
  new_failure TEXT NOT NULL,
  new_status INTEGER NOT NULL,
  new_body_bytes INTEGER NOT NULL,
  new_body_truncated INTEGER NOT NULL,
  new_elapsed_us INTEGER NOT NULL
) STRICT;
CREATE INDEX report_time ON report (recorded_at_us, id);
CREATE INDEX report_time_of_route ON report (route, recorded_at_us, id);

CREATE TABLE report_content (
  report_id INTEGER PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
  request_headers BLOB NOT NULL,
  request_body BLOB NOT NULL,
  differences BLOB NOT NULL,
  old_headers BLOB NOT NULL,
  old_body BLOB NOT NULL,
  new_headers BLOB NOT NULL,
  new_body BLOB NOT NULL
) STRICT;

CREATE TABLE finding_report (
  finding_id INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
  report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  PRIMARY KEY (finding_id, report_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_report_of_report ON finding_report (report_id);
)sql";

// Entry i leads from version i to i + 1. Append only: a released entry is never edited.
constexpr std::array kMigrations{kFirstTables};

struct Header {
  std::int64_t application_id = 0;
  std::int64_t user_version = 0;
};

std::int64_t big_endian(const unsigned char* bytes) {
  return (std::int64_t{bytes[0]} << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3];
}

[[noreturn]] void refuse(Reason reason, const std::string& path, std::string_view why) {
  throw StoreError(reason, fmt::format("store {}: {}", path, why));
}

[[noreturn]] void refuse_newer(const std::string& path, std::int64_t version) {
  refuse(Reason::newer_version, path,
         fmt::format("written by a newer twinrun (schema {}, this program knows {}); use that version or another file",
                     version, schema_version()));
}

std::string missing_or(const std::string& path, int error) {
  const auto folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (error == ENOENT && !std::filesystem::exists(folder, ignored)) {
    return fmt::format("the folder {} does not exist", folder.string());
  }
  return std::strerror(error);
}

class File {
 public:
  File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {
    if (descriptor_ < 0) refuse(Reason::cannot_open, path, missing_or(path, errno));
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Reads the header without SQLite, which would lock, recover and checkpoint. The numbers are where the file format
// (https://www.sqlite.org/fileformat.html, section 1.3) says; nullopt for an empty file, which is a store to be.
// So is one page without a schema: all that a program leaves that was killed while it made its store.
std::optional<Header> read_header(const std::string& path, int flags) {
  constexpr std::string_view kMagic{"SQLite format 3\0", 16};
  std::array<unsigned char, 100> bytes{};
  const File file(path, flags);
  const ssize_t length = ::read(file.get(), bytes.data(), bytes.size());
  if (length < 0) refuse(Reason::cannot_open, path, std::strerror(errno));
  if (length == 0) return std::nullopt;
  const bool is_sqlite =
      length == static_cast<ssize_t>(bytes.size()) && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
  const Header header{big_endian(&bytes[68]), big_endian(&bytes[60])};
  const bool blank = header.application_id == 0 && header.user_version == 0 && big_endian(&bytes[40]) == 0;
  const bool has_log = std::filesystem::exists(path + "-wal");  // it would hold what the page does not
  if (is_sqlite && blank && !has_log) return std::nullopt;
  if (!is_sqlite || header.application_id != kApplicationId) {
    refuse(Reason::not_ours, path, "this file belongs to another program; choose another path");
  }
  if (header.user_version > schema_version()) refuse_newer(path, header.user_version);
  return header;
}

// A path such as ":memory:" means something else to SQLite.
std::string absolute(const std::string& path) {
  if (path.empty()) refuse(Reason::cannot_open, path, "the path is empty");
  return std::filesystem::absolute(path).string();
}

void migrate(Database& database) {
  Transaction transaction(database);
  const std::int64_t version = database.number("PRAGMA user_version");
  for (auto next = static_cast<std::size_t>(version); next < kMigrations.size(); ++next) {
    database.execute(kMigrations[next]);
  }
  database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str());
  database.execute(fmt::format("PRAGMA user_version = {}", schema_version()).c_str());
  transaction.commit();
}

}  // namespace

std::int64_t schema_version() { return static_cast<std::int64_t>(kMigrations.size()); }

Database open_for_writing(const std::string& given) {
  const std::string path = absolute(given);
  const bool is_new = !read_header(path, O_RDWR | O_CREAT);
  Database database(path, Database::Mode::write);
  database.checkpoint_on_close(false);  // a newer version may stand in the log alone
  if (is_new) database.execute("PRAGMA auto_vacuum = INCREMENTAL");
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version > schema_version()) refuse_newer(path, version);
  database.checkpoint_on_close(true);
  // A new file gets its tables with the rollback journal, so that its header names us before there is a log.
  if (version < schema_version()) migrate(database);
  database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
      "PRAGMA journal_size_limit = 67108864;");
  return database;
}

Database open_for_reading(const std::string& given) {
  const std::string path = absolute(given);
  if (!read_header(path, O_RDONLY)) refuse(Reason::not_ours, path, "the file is empty");
  Database database(path, Database::Mode::read);
  const std::int64_t version = database.number("PRAGMA user_version");
  if (version > schema_version()) refuse_newer(path, version);
  if (version < schema_version()) {
    refuse(Reason::cannot_open, path, "written by an older twinrun; it is brought up to date when `serve` opens it");
  }
  return database;
}

}  // namespace storage
