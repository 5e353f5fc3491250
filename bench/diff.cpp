// How long diffing::diff takes, as a multiple of the time simdjson's DOM parser takes for both documents, and of
// nlohmann::json::diff. One process, all contestants in turn in every round, medians of the ratios of each round;
// processor time.
//
//   bench_diff DIRECTORY [--only TEXT] [--rule VERB:PATH[:ARGUMENT]]... [--no-nlohmann]
//
// DIRECTORY holds pairs NAME.left.json, NAME.right.json.
#include "diffing/diff.h"

#include <simdjson.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// The time this thread has had a core, so that other work on the machine does not count.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<Clock, duration>;
  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};
using Seconds = std::chrono::duration<double>;

constexpr Seconds kShortest{20e-6};  // of one measurement: shorter work is repeated
constexpr Seconds kPerPair{0.6};     // for all rounds of a pair
constexpr int kFewestRounds = 7;
constexpr Seconds kSlowContestant{0.4};  // a contestant slower than this is measured once

struct Options {
  std::string directory;
  std::string only;
  std::vector<diffing::Rule> rules;
  bool nlohmann = true;
};

std::optional<diffing::Rule> parse_rule(std::string_view text) {
  const std::size_t first = text.find(':');
  const auto verb = diffing::verb_named(text.substr(0, first));
  if (!verb || first == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(first + 1);
  const std::size_t second = rest.find(':');
  diffing::Rule rule;
  rule.verb = *verb;
  rule.path = rest.substr(0, second);
  if (second != std::string_view::npos) {
    rule.argument = rest.substr(second + 1);
    rule.by.push_back(rule.argument);
    rule.absolute = rule.argument;
  }
  return rule;
}

std::optional<Options> parse_arguments(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--no-nlohmann") {
      options.nlohmann = false;
    } else if (argument == "--only" && has_value) {
      options.only = argv[++i];
    } else if (argument == "--rule" && has_value) {
      const auto rule = parse_rule(argv[++i]);
      if (!rule) return std::nullopt;
      options.rules.push_back(*rule);
    } else if (options.directory.empty() && !argument.starts_with("--")) {
      options.directory = argument;
    } else {
      return std::nullopt;
    }
  }
  return options.directory.empty() ? std::nullopt : std::optional(options);
}

/// One run of some work, repeated where it is short.
class Contestant {
 public:
  explicit Contestant(std::function<bool()> work) : work_(std::move(work)) {
    Seconds once{};
    for (int warm = 0; warm < 3 && once < kSlowContestant; ++warm) {
      const Clock::time_point start = Clock::now();
      able_ = work_();
      once = Clock::now() - start;
    }
    slow_ = once > kSlowContestant;
    first_ = once;
    repeats_ = std::clamp(static_cast<int>(kShortest / once), 1, 1000);
  }

  bool able() const { return able_; }

  double measure() {
    if (slow_) return first_.count();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < repeats_; ++i) work_();
    return Seconds(Clock::now() - start).count() / repeats_;
  }

 private:
  std::function<bool()> work_;
  bool able_ = false;
  bool slow_ = false;
  Seconds first_{};
  int repeats_ = 1;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string shown(const std::vector<double>& ratios) {
  if (ratios.empty()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", median(ratios));
  return text;
}

void run_pair(const std::string& name, const Options& options, const diffing::RuleSet& rules) {
  const std::string base = options.directory + "/" + name;
  simdjson::padded_string left;
  simdjson::padded_string right;
  if (simdjson::padded_string::load(base + ".left.json").get(left) != simdjson::SUCCESS) return;
  if (simdjson::padded_string::load(base + ".right.json").get(right) != simdjson::SUCCESS) return;
  const std::string_view old_json(left.data(), left.size());
  const std::string_view new_json(right.data(), right.size());
  diffing::Comparison result;
  simdjson::dom::parser left_parser;
  simdjson::dom::parser right_parser;
  Contestant parse([&] {
    return left_parser.parse(left).error() == simdjson::SUCCESS &&
           right_parser.parse(right).error() == simdjson::SUCCESS;
  });
  Contestant ours([&] {
    result = diffing::diff(old_json, new_json, rules);
    return result.errors.empty();
  });
  std::optional<Contestant> theirs;
  if (options.nlohmann && ours.able()) {
    theirs.emplace([&] {
      const auto a = nlohmann::json::parse(old_json, nullptr, false);
      const auto b = nlohmann::json::parse(new_json, nullptr, false);
      return !nlohmann::json::diff(a, b).is_discarded();
    });
  }
  std::vector<double> of_parse;
  std::vector<double> of_theirs;
  std::vector<double> times;
  const Clock::time_point end = Clock::now() + std::chrono::duration_cast<Clock::duration>(kPerPair);
  while (times.size() < kFewestRounds || Clock::now() < end) {
    const double p2 = parse.measure();
    const double mine = ours.measure();
    times.push_back(mine);
    if (parse.able()) of_parse.push_back(mine / p2);
    if (theirs) of_theirs.push_back(theirs->measure() / mine);
  }
  const double megabytes = static_cast<double>(old_json.size() + new_json.size()) / 1e6;
  std::printf("%-32s %9.3f %10.1f %8s %10s %8llu%s\n", name.c_str(), median(times) * 1e3, megabytes / median(times),
              shown(of_parse).c_str(), shown(of_theirs).c_str(), static_cast<unsigned long long>(result.total()),
              result.approximate ? " approximate" : "");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Options> options = parse_arguments(argc, argv);
  if (!options) {
    std::fputs("usage: bench_diff DIRECTORY [--only TEXT] [--rule VERB:PATH[:ARGUMENT]]... [--no-nlohmann]\n", stderr);
    return 2;
  }
  const auto rules = diffing::RuleSet::compile(options->rules);
  if (const auto* errors = std::get_if<std::vector<diffing::RuleError>>(&rules)) {
    std::fprintf(stderr, "%s\n", errors->front().message.c_str());
    return 2;
  }
  constexpr std::string_view kEnding = ".left.json";
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(options->directory)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(kEnding) || file.find(options->only) == std::string::npos) continue;
    names.push_back(file.substr(0, file.size() - kEnding.size()));
  }
  std::sort(names.begin(), names.end());
  std::printf("%-32s %9s %10s %8s %10s %8s\n", "pair", "ms", "MB/s", "of P2", "nlohmann x", "found");
  for (const std::string& name : names) run_pair(name, *options, std::get<diffing::RuleSet>(rules));
  return 0;
}
