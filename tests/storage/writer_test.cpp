#include "storage/writer.h"

#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "samples.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_directory.h"

using samples::mismatch;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using storage::Reader;
using storage::Store;
using storage::Tallies;
using storage::Writer;

namespace {

struct Fixture {
  support::TemporaryDirectory folder;
  std::string path = folder / "s.db";
  Store store{path};
  Tallies tallies;
};

;

// Another program's write transaction.
class Lock {
 public:
  explicit Lock(const std::string& path) : database_(path, storage::Database::Mode::write), held_(database_) {}

 private:
  storage::Database database_;
  storage::Transaction held_;
};

std::uint64_t counted(const std::string& path) {
  std::uint64_t sum = 0;
  for (const auto& count : Reader(path).outcome_counts({})) sum += count.tally.count;
  return sum;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "what was offered and tallied is in the store after a flush") {
  Writer writer(store, tallies, {.interval = std::chrono::hours(1)});
  tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
  CHECK(writer.offer(mismatch("a", "/body")));

  writer.flush();

  CHECK(counted(path) == 4);
  CHECK(Reader(path).reports({}).rows.size() == 1);
  const auto health = writer.health();
  CHECK(!health.degraded);
  CHECK(health.batches == 1);
  CHECK(health.evidence_written == 1);
  CHECK(health.queued == 0);
}

TEST_CASE_METHOD(Fixture, "the writer writes by itself at its interval, and before the queue is full") {
  SECTION("interval") {
    Writer writer(store, tallies, {.interval = milliseconds(1)});
    tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
    CHECK(support::eventually([&] { return counted(path) == 4; }));
  }
  SECTION("queue") {
    Writer writer(store, tallies, {.interval = std::chrono::hours(1), .queue = 10});
    for (int i = 0; i < 6; ++i) CHECK(writer.offer(mismatch("a", "/body")));
    CHECK(support::eventually([&] { return writer.health().evidence_written == 6; }));
  }
}

TEST_CASE_METHOD(Fixture, "stopping writes what has gathered, and later offers are refused and counted") {
  Writer writer(store, tallies, {.interval = std::chrono::hours(1)});
  tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
  writer.offer(mismatch("a", "/body"));

  writer.stop();
  writer.stop();

  CHECK(counted(path) == 4);
  CHECK(Reader(path).reports({}).rows.size() == 1);
  CHECK(!writer.offer(mismatch("a", "/body")));
  CHECK(writer.health().evidence_refused == 1);
  writer.flush();
}

TEST_CASE_METHOD(Fixture, "offer never waits for the store, and a full queue refuses") {
  Writer writer(store, tallies, {.interval = milliseconds(1), .queue = 8});
  const auto lock = std::make_unique<Lock>(path);
  const auto start = steady_clock::now();

  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += writer.offer(mismatch("a", "/body")) ? 1 : 0;

  CHECK(steady_clock::now() - start < milliseconds(200));
  const auto health = writer.health();
  CHECK(health.evidence_refused == static_cast<std::uint64_t>(1000 - taken));
  CHECK(health.evidence_refused > 900);
}

TEST_CASE_METHOD(Fixture, "the queue is bounded in bytes too") {
  Writer writer(store, tallies, {.interval = std::chrono::hours(1), .queue_bytes = 1 << 20});
  auto large = mismatch("a", "/body");
  large.new_side.body.assign(400'000, 'x');
  const Lock lock(path);

  int taken = 0;
  for (int i = 0; i < 100; ++i) taken += writer.offer(large) ? 1 : 0;

  CHECK(taken <= 6);
  CHECK(writer.health().evidence_refused == static_cast<std::uint64_t>(100 - taken));
}

TEST_CASE_METHOD(Fixture, "a busy file is waited for, and nothing is lost") {
  Writer writer(store, tallies, {.interval = milliseconds(1)});
  auto lock = std::make_unique<Lock>(path);
  tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
  writer.offer(mismatch("a", "/body"));

  REQUIRE(support::eventually([&] { return writer.health().degraded; }));
  lock.reset();
  writer.flush();

  const auto health = writer.health();
  CHECK(!health.degraded);
  CHECK(health.problem.empty());
  CHECK(health.evidence_lost == 0);
  CHECK(counted(path) == 4);
}

TEST_CASE_METHOD(Fixture, "with a full disk counts are kept for later, evidence is given up and counted") {
  store.write({{{samples::key("a", samples::kMinute), samples::tally(1)}}, {}});
  Writer writer(store, tallies, {.interval = std::chrono::hours(1), .retries = 2});
  {
    const support::FileSizeLimit full(4096);
    tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
    for (int i = 0; i < 3; ++i) writer.offer(mismatch("a", "/body"));
    writer.flush();

    const auto health = writer.health();
    CHECK(health.degraded);
    CHECK(health.problem.find(path) != std::string::npos);
    CHECK(health.evidence_lost == 3);
    CHECK(health.queued == 0);
    CHECK(counted(path) == 1);

    tallies.add(samples::key("a", samples::kMinute), samples::tally(8));
    writer.flush();
    CHECK(writer.health().degraded);
  }
  writer.offer(mismatch("a", "/body"));
  writer.flush();

  const auto health = writer.health();
  CHECK(!health.degraded);
  CHECK(health.evidence_lost == 3);
  CHECK(health.evidence_written == 1);
  CHECK(counted(path) == 13);
  CHECK(samples::integrity(path) == "ok");
}

TEST_CASE_METHOD(Fixture, "with room for the counts alone the counts are written") {
  store.write({{{samples::key("a", samples::kMinute), samples::tally(1)}}, {}});
  Writer writer(store, tallies, {.interval = std::chrono::hours(1), .retries = 0});
  {
    const support::FileSizeLimit tight(2 << 20);
    tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
    auto large = mismatch("a", "/body");
    for (int j = 0; j < 4'000'000; ++j) large.old_side.body += static_cast<char>((j * 7919LL * j) >> (j % 23));
    writer.offer(large);
    writer.flush();
  }
  CHECK(writer.health().degraded);
  CHECK(writer.health().evidence_lost == 1);
  CHECK(counted(path) == 5);
}

TEST_CASE_METHOD(Fixture, "stopping is quick also while the store is broken, and the counts are not lost") {
  const auto retries = GENERATE(0, 5, 100);
  Writer writer(store, tallies, {.interval = milliseconds(1), .retries = retries});
  const Lock lock(path);
  tallies.add(samples::key("a", samples::kMinute), samples::tally(4));
  writer.offer(mismatch("a", "/body"));
  REQUIRE(support::eventually([&] { return writer.health().degraded; }));
  const auto start = steady_clock::now();

  writer.stop();

  CHECK(steady_clock::now() - start < std::chrono::seconds(4));
  CHECK(writer.health().degraded);
  CHECK(writer.health().evidence_lost == 1);
  const auto left = tallies.take();
  REQUIRE(left.size() == 1);
  CHECK(left.begin()->second.count == 4);
}

TEST_CASE_METHOD(Fixture, "offers, counts, flushes and looks from many threads at once all add up") {
  Writer writer(store, tallies, {.interval = milliseconds(1), .queue = 64});
  constexpr int kEach = 500;
  std::atomic<std::uint64_t> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < kEach; ++j) {
        tallies.add(samples::key("r" + std::to_string(i), samples::kMinute + j % 3), samples::tally(1));
        if (writer.offer(mismatch("a", "/body/" + std::to_string(j % 5)))) ++taken;
        if (j % 100 == 0) writer.flush();
        if (j % 50 == 0) writer.health();
      }
    });
  }
  for (auto& thread : threads) thread.join();

  writer.stop();

  const auto health = writer.health();
  CHECK(counted(path) == 4 * kEach);
  CHECK(health.evidence_written == taken);
  CHECK(health.evidence_refused == 4 * kEach - taken);
  std::uint64_t seen = 0;
  for (const auto& finding : Reader(path).findings({}).rows) seen += finding.requests;
  CHECK(seen == taken);
}

TEST_CASE_METHOD(Fixture, "the writer applies retention by the clock it was given") {
  std::atomic<std::int64_t> now_us = samples::kNowUs;
  Writer writer(store, tallies, {.interval = milliseconds(1), .tidy_interval = milliseconds(1), .now_us = [&] {
                                   return now_us.load();
                                 }});
  writer.offer(mismatch("a", "/body"));
  writer.flush();
  writer.flush();
  CHECK(Reader(path).reports({}).rows.size() == 1);

  now_us += 40LL * 24 * 60 * samples::kMinuteUs;

  CHECK(support::eventually([&] { return Reader(path).reports({}).rows.empty(); }));
  CHECK(writer.health().tidy_failures == 0);
}
