#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/error.h"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite as values and errors: the only place that includes sqlite3.h. Knows no table.
namespace storage {

/// Marks bytes that are bound as BLOB; strings are bound as TEXT, both with every byte they hold.
struct Blob {
  std::string_view bytes;
};

/// The rows of a running statement; ends it when destroyed. At most one per statement at a time.
class Cursor {
 public:
  explicit Cursor(sqlite3_stmt* statement) : statement_(statement) {}
  ~Cursor();
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  bool next();  ///< Moves to the first or next row; false after the last.
  std::int64_t integer(int column) const;
  std::uint64_t unsigned_integer(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  double real(int column) const;
  std::string text(int column) const;  ///< TEXT or BLOB, all bytes.

 private:
  sqlite3_stmt* statement_;
};

/// A prepared statement, to be run as often as one likes. Parameters are given in order.
class Statement {
 public:
  template <class... Values>
  Cursor query(const Values&... values) {
    bind_all(values...);
    return Cursor(statement_.get());
  }
  template <class... Values>
  void run(const Values&... values) {
    bind_all(values...);
    Cursor cursor(statement_.get());
    while (cursor.next()) {
    }
  }

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }
  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, bool value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const char* text) { bind(index, std::string_view(text)); }
  void bind(int index, Blob blob);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// One connection, for one thread at a time. Everything throws StoreError.
class Database {
 public:
  enum class Mode {
    read,   ///< An existing file; nothing is written, not even when it is closed.
    write,  ///< An existing file.
  };
  Database(const std::string& path, Mode mode);

  Statement prepare(std::string_view sql);
  void execute(const char* script);      ///< Any number of statements without parameters or results.
  std::int64_t number(const char* sql);  ///< The first column of the first row; 0 without a row.
  std::int64_t last_id() const;          ///< Row id of the latest INSERT.
  std::int64_t changes() const;          ///< Rows inserted, updated and deleted since opening.
  bool in_transaction() const;
  /// Whether closing the last connection copies the write-ahead log into the file.
  void checkpoint_on_close(bool wanted);
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> connection_;
};

/// A write transaction; rolled back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
};

}  // namespace storage
