#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "samples.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace {

constexpr int kRuns = 100;
constexpr std::uint64_t kParts = 3;  // counts and requests that each batch brings together

storage::Batch numbered(std::uint64_t number) {
  storage::Batch batch;
  for (std::uint64_t part = 0; part < kParts; ++part) {
    batch.tallies[samples::key("r" + std::to_string(part), samples::kMinute)].count = 1;
    batch.evidence.push_back(samples::mismatch("a", "/body/" + std::to_string(part)));
    batch.evidence.back().old_side.body.assign(2000 + number % 5000, static_cast<char>('a' + number % 26));
  }
  return batch;
}

// In the child: opens the store, writes batch after batch, and says so on the pipe, until it is killed.
[[noreturn]] void write_until_killed(const std::string& path, int pipe) {
  try {
    storage::Store store(path);
    for (std::uint64_t number = 1;; ++number) {
      store.write(numbered(number));
      if (::write(pipe, "x", 1) != 1) ::_exit(1);
    }
  } catch (...) {
    ::_exit(2);
  }
}

// Kills the child `later` than its n-th batch; returns how many batches it said were written.
std::uint64_t acknowledged(const std::string& path, std::uint64_t n, std::chrono::microseconds later) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    write_until_killed(path, ends[1]);
  }
  ::close(ends[1]);
  std::uint64_t count = 0;
  char byte = 0;
  while (count < n && ::read(ends[0], &byte, 1) == 1) ++count;
  // Not a wait for something: the moment of the kill must fall anywhere within a batch.
  const auto moment = std::chrono::steady_clock::now() + later;
  while (std::chrono::steady_clock::now() < moment) {
  }
  ::kill(child, SIGKILL);
  while (::read(ends[0], &byte, 1) == 1) ++count;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  return count;
}

}  // namespace

TEST_CASE("kill -9 loses at most the last batch and never corrupts") {
  const support::TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  std::uint64_t before = 0;
  for (int run = 0; run < kRuns; ++run) {
    INFO("run " << run);
    const std::uint64_t said =
        acknowledged(path, static_cast<std::uint64_t>(run % 7), std::chrono::microseconds(run * 7919 % 4000));
    if (!std::filesystem::exists(path) || std::filesystem::file_size(path) == 0) continue;  // killed while opening

    { const storage::Store reopened(path); }
    REQUIRE(samples::integrity(path) == "ok");
    const storage::Reader reader(path);
    const auto counts = reader.outcome_counts({});
    const auto findings = reader.findings({}).rows;
    const std::uint64_t written = counts.empty() ? 0 : counts[0].tally.count;
    REQUIRE(written >= before + said);
    REQUIRE(written <= before + said + 1);
    REQUIRE(counts.size() == (written == 0 ? 0 : kParts));
    REQUIRE(findings.size() == counts.size());
    for (std::size_t part = 0; part < counts.size(); ++part) {
      REQUIRE(counts[part].tally.count == written);
      REQUIRE(findings[part].requests == written);
    }
    for (const auto& listed : reader.reports({}).rows) REQUIRE(reader.report(listed.id)->old_side.body.size() >= 2000);
    before = written;
  }
  CHECK(before > 0);
}

TEST_CASE("kill -9 while the store is made leaves a path that can be used again") {
  const support::TemporaryDirectory folder;
  for (int run = 0; run < 200; ++run) {
    INFO("run " << run);
    const std::string path = folder / std::to_string(run);

    acknowledged(path, 0, std::chrono::microseconds(run * 37 % 4000));

    CHECK_NOTHROW(storage::Store(path));
    CHECK(samples::integrity(path) == "ok");
  }
}
