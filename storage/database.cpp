#include "storage/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace storage {
namespace {

constexpr int kBusyTimeoutMs = 250;  // with the writer's retries a second or two, so that stopping stays quick

bool is_no_room(int code, int system_error) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  return (code & 0xff) == SQLITE_IOERR && (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

StoreError::Reason reason_of(int code, int system_error) {
  if (is_no_room(code, system_error)) return StoreError::Reason::full;
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return StoreError::Reason::busy;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return StoreError::Reason::cannot_open;
    case SQLITE_NOTADB: return StoreError::Reason::not_ours;
    default: return StoreError::Reason::failed;
  }
}

[[noreturn]] void fail(sqlite3* connection) {
  const int code = sqlite3_extended_errcode(connection);
  const int system_error = sqlite3_system_errno(connection);
  const char* path = sqlite3_db_filename(connection, "main");
  const bool tell_system = system_error != 0 && (code & 0xff) != SQLITE_CONSTRAINT;
  throw StoreError(reason_of(code, system_error),
                   fmt::format("store {}: {}{}{}", path ? path : "", sqlite3_errmsg(connection),
                               tell_system ? ": " : "", tell_system ? std::strerror(system_error) : ""));
}

void check(int code, sqlite3_stmt* statement) {
  if (code != SQLITE_OK) fail(sqlite3_db_handle(statement));
}

}  // namespace

Cursor::~Cursor() { sqlite3_reset(statement_); }

bool Cursor::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(sqlite3_db_handle(statement_));
  return false;
}

std::int64_t Cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Cursor::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Cursor::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), index, value), statement_.get());
}

void Statement::bind(int index, double value) {
  check(sqlite3_bind_double(statement_.get(), index, value), statement_.get());
}

void Statement::bind(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  check(sqlite3_bind_text64(statement_.get(), index, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                            SQLITE_UTF8),
        statement_.get());
}

void Statement::bind(int index, Blob blob) {
  const std::string_view bytes = blob.bytes;
  check(sqlite3_bind_blob64(statement_.get(), index, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT),
        statement_.get());
}

void Database::Close::operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }

Database::Database(const std::string& path, Mode mode) : path_(path) {
  const int flags = (mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  connection_.reset(opened);
  if (!opened) throw StoreError(StoreError::Reason::failed, fmt::format("store {}: out of memory", path));
  if (code != SQLITE_OK) fail(opened);
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, kBusyTimeoutMs);
  if (mode == Mode::read) checkpoint_on_close(false);
  // SQLite falls back to reading where it may not write.
  if (mode == Mode::write && sqlite3_db_readonly(opened, "main") == 1) {
    throw StoreError(StoreError::Reason::cannot_open, fmt::format("store {}: the file is not writable", path));
  }
}

Statement Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(connection_.get());
  return Statement(statement);
}

void Database::execute(const char* script) {
  if (sqlite3_exec(connection_.get(), script, nullptr, nullptr, nullptr) != SQLITE_OK) fail(connection_.get());
}

std::int64_t Database::number(const char* sql) {
  Statement statement = prepare(sql);
  auto row = statement.query();
  return row.next() ? row.integer(0) : 0;
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(connection_.get()); }

std::int64_t Database::changes() const { return sqlite3_total_changes64(connection_.get()); }

bool Database::in_transaction() const { return sqlite3_get_autocommit(connection_.get()) == 0; }

void Database::checkpoint_on_close(bool wanted) {
  sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, nullptr);
}

Transaction::Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  // SQLite has rolled back by itself after some errors, a full disk among them.
  if (!database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const StoreError&) {  // nothing more can be done; the file rolls back when it is next opened
  }
}

void Transaction::commit() { database_.execute("COMMIT"); }

}  // namespace storage
