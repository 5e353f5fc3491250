#include "storage/tally.h"

#include <random>

#include "samples.h"
#include "storage/error.h"
#include "tests/support/catch.h"

using std::chrono::microseconds;
using storage::LatencyHistogram;
using storage::Tallies;

TEST_CASE("a quantile is at most a bucket, about nine percent, above the latency") {
  const auto latency = GENERATE(values<std::int64_t>({17, 100, 999, 5'000, 123'456, 2'000'000, 59'000'000}));
  LatencyHistogram histogram;

  histogram.add(microseconds(latency), 3);

  const auto shown = histogram.quantile(0.5).count();
  INFO(latency);
  CHECK(shown >= latency);
  CHECK(static_cast<double>(shown) <= static_cast<double>(latency) * 1.095 + 1);
}

TEST_CASE("a quantile is the bucket in which that share of the latencies is reached") {
  LatencyHistogram histogram;
  histogram.add(microseconds(100), 99);
  histogram.add(microseconds(1'000'000), 1);

  CHECK(histogram.quantile(0.99) < microseconds(110));
  CHECK(histogram.quantile(0.991) >= microseconds(1'000'000));
  CHECK(histogram.quantile(1) >= microseconds(1'000'000));
  CHECK(histogram.count() == 100);
}

TEST_CASE("latencies outside the buckets are counted in the first or the last") {
  LatencyHistogram histogram;
  histogram.add(microseconds(0));
  histogram.add(microseconds(-5));
  histogram.add(std::chrono::hours(3));

  CHECK(histogram.count() == 3);
  CHECK(histogram.quantile(0.5) == microseconds(16));
  CHECK(histogram.quantile(1) > std::chrono::minutes(1));
}

TEST_CASE("an empty histogram has no latency") {
  CHECK(LatencyHistogram().quantile(0.99) == microseconds(0));
  CHECK(LatencyHistogram().encode().empty());
}

TEST_CASE("a histogram survives encoding, also beyond four thousand million") {
  LatencyHistogram histogram;
  for (std::int64_t us = 1; us < 200'000'000; us = us * 5 / 4 + 1) {
    histogram.add(microseconds(us), static_cast<std::uint64_t>(us) << 20);
  }

  CHECK(LatencyHistogram::decode(histogram.encode()) == histogram);
}

TEST_CASE("bytes that are no histogram are an error and nothing else") {
  struct Row {
    std::string name;
    std::string bytes;
  };
  const auto row = GENERATE(values<Row>({
      {"bucket without count", std::string("\x05", 1)},
      {"count of zero", std::string("\x05\x00", 2)},
      {"bucket past the last", std::string("\xb8\x01\x01", 3)},
      {"buckets out of order", std::string("\x05\x01\x04\x01", 4)},
      {"bucket twice", std::string("\x05\x01\x05\x01", 4)},
      {"number without end", std::string("\x05\xff\xff", 3)},
      {"number above 64 bits", "\x05" + std::string(9, '\xff') + "\x02"},
  }));
  DYNAMIC_SECTION(row.name) { CHECK_THROWS_AS(LatencyHistogram::decode(row.bytes), storage::StoreError); }
}

TEST_CASE("any bytes either decode to what encodes to them or are refused") {
  std::mt19937 random(1);
  std::size_t read = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? random() : random() % 0x20);
    try {
      const auto histogram = LatencyHistogram::decode(bytes);
      ++read;
      if (LatencyHistogram::decode(histogram.encode()) != histogram) FAIL("round " << round);
    } catch (const storage::StoreError&) {
    }
  }
  CHECK(read > 1000);
}

TEST_CASE("tallies of one key add up until they are taken") {
  Tallies tallies;
  tallies.add(samples::key("a", 1), samples::tally(2));
  tallies.add({{samples::key("a", 1), samples::tally(3)}, {samples::key("b", 1), samples::tally(1)}});

  const auto taken = tallies.take();

  REQUIRE(taken.size() == 2);
  CHECK(taken.at(samples::key("a", 1)) == samples::tally(5));
  CHECK(tallies.take().empty());
}

TEST_CASE("beyond their bound tallies merge minutes and lose no count") {
  Tallies tallies;
  const std::int64_t minutes = Tallies::kMaxKeys + 500;
  for (std::int64_t minute = 0; minute < minutes; ++minute) tallies.add(samples::key("a", minute), samples::tally(1));
  auto other = samples::key("a", 7, storage::Outcome::shed);
  tallies.add(other, samples::tally(1));
  other.minute = 9;
  tallies.add(other, samples::tally(1));

  const auto taken = tallies.take();

  std::uint64_t matches = 0;
  std::uint64_t sheds = 0;
  for (const auto& [key, tally] : taken) {
    (key.outcome == storage::Outcome::match ? matches : sheds) += tally.count;
  }
  CHECK(matches == static_cast<std::uint64_t>(minutes));
  CHECK(sheds == 2);
  CHECK(taken.size() == Tallies::kMaxKeys + 1);
}
