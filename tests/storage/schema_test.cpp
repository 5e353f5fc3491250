#include "storage/schema.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "samples.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using storage::Database;
using storage::Store;
using storage::StoreError;
using support::TemporaryDirectory;

namespace {

StoreError refusal(const std::string& path) {
  try {
    Store store(path);
  } catch (const StoreError& error) {
    return error;
  }
  FAIL("the store was opened");
  throw;
}

void make_store(const std::string& path) {
  Store store(path);
  store.write({{{samples::key("a", 1), samples::tally(1)}}, {samples::mismatch("a", "/body")}});
}

}  // namespace

TEST_CASE("a new store names its program and its schema, and only its owner can read it") {
  const TemporaryDirectory folder;
  make_store(folder / "s.db");

  Database database(folder / "s.db", Database::Mode::read);

  CHECK(database.number("PRAGMA application_id") == storage::kApplicationId);
  CHECK(database.number("PRAGMA user_version") == storage::schema_version());
  struct stat status {};
  REQUIRE(::stat((folder / "s.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("opening again keeps what is there") {
  const TemporaryDirectory folder;
  make_store(folder / "s.db");
  make_store(folder / "s.db");

  const storage::Reader reader(folder / "s.db");

  REQUIRE(reader.outcome_counts({}).size() == 1);
  CHECK(reader.outcome_counts({})[0].tally.count == 2);
}

TEST_CASE("a store of a newer version is refused, byte by byte untouched") {
  const TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  make_store(path);
  Database(path, Database::Mode::write).execute("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);");
  const auto before = samples::bytes_of_folder(folder.path());

  const StoreError error = refusal(path);

  CHECK(error.reason() == StoreError::Reason::newer_version);
  CHECK(std::string(error.what()).find("newer") != std::string::npos);
  CHECK(samples::bytes_of_folder(folder.path()) == before);
  CHECK_THROWS_AS(storage::Reader(path), StoreError);
  CHECK(samples::bytes_of_folder(folder.path()) == before);
}

TEST_CASE("a newer version that stands in the log alone is refused, file and log untouched") {
  const TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  make_store(path);
  Database newer(path, Database::Mode::write);
  newer.checkpoint_on_close(false);
  newer.execute("PRAGMA user_version = 99");
  // As after kill -9 of the newer program: its log is there, nobody has it open.
  const TemporaryDirectory other;
  for (const char* end : {"", "-wal"}) std::filesystem::copy(path + end, (other / "s.db") + end);
  const auto file = samples::bytes_of_file(other / "s.db");
  const auto log = samples::bytes_of_file(other / "s.db-wal");
  REQUIRE(!log.empty());

  CHECK(refusal(other / "s.db").reason() == StoreError::Reason::newer_version);
  CHECK_THROWS_AS(storage::Reader(other / "s.db"), StoreError);

  CHECK(samples::bytes_of_file(other / "s.db") == file);
  CHECK(samples::bytes_of_file(other / "s.db-wal") == log);
}

TEST_CASE("a file of another program is refused, byte by byte untouched") {
  const TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  SECTION("text") { std::ofstream(path) << "listen: 0.0.0.0:8080\n"; }
  SECTION("text longer than a header") { std::ofstream(path) << std::string(5000, 'x'); }
  SECTION("a cut header") { std::ofstream(path) << "SQLite format 3"; }
  SECTION("a database of another program") {
    std::ofstream(path).close();
    Database(path, Database::Mode::write).execute("CREATE TABLE t (a); PRAGMA application_id = 5;");
  }
  SECTION("a database of a program without a name, with a log") {
    std::ofstream(path).close();
    Database other(path, Database::Mode::write);
    other.execute("PRAGMA journal_mode = WAL; CREATE TABLE tally (a); INSERT INTO tally VALUES (1);");
    other.checkpoint_on_close(false);
  }
  const auto before = samples::bytes_of_folder(folder.path());

  const StoreError error = refusal(path);

  CHECK(error.reason() == StoreError::Reason::not_ours);
  CHECK(samples::bytes_of_folder(folder.path()) == before);
}

TEST_CASE("an empty file becomes a store") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "s.db").close();

  make_store(folder / "s.db");

  CHECK(samples::integrity(folder / "s.db") == "ok");
}

TEST_CASE("a path that cannot be had is one sentence with the path in it") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "file") << "x";
  struct Row {
    std::string name;
    std::string path;
    std::string says;
  };
  const auto row = GENERATE(values<Row>({
      {"no such folder", "none/s.db", "does not exist"},
      {"a folder", ".", "directory"},
      {"below a file", "file/s.db", "irectory"},
  }));
  DYNAMIC_SECTION(row.name) {
    const StoreError error = refusal(folder / row.path);

    CHECK(error.reason() == StoreError::Reason::cannot_open);
    const std::string what = error.what();
    CHECK(what.find(folder / row.path) != std::string::npos);
    CHECK(what.find(row.says) != std::string::npos);
    CHECK(what.find('\n') == std::string::npos);
  }
}

TEST_CASE("an empty path is refused") { CHECK(refusal("").reason() == StoreError::Reason::cannot_open); }

TEST_CASE("a file without the right to write is refused") {
  if (::geteuid() == 0) return;  // root may write everything
  const TemporaryDirectory folder;
  make_store(folder / "s.db");
  ::chmod((folder / "s.db").c_str(), 0400);

  CHECK(refusal(folder / "s.db").reason() == StoreError::Reason::cannot_open);
}

TEST_CASE("a reader of a file that is not there says so and makes none") {
  const TemporaryDirectory folder;

  CHECK_THROWS_AS(storage::Reader(folder / "s.db"), StoreError);

  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("names that SQLite reads as something else are files all the same") {
  const TemporaryDirectory folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());

  make_store(":memory:");
  make_store("file:s.db?mode=memory");

  std::filesystem::current_path(before);
  CHECK(std::filesystem::exists(folder.path() / ":memory:"));
  CHECK(std::filesystem::exists(folder.path() / "file:s.db?mode=memory"));
}
