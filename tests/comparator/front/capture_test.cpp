#include "comparator/front/capture.h"

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "comparator/compare/judge.h"
#include "comparator/compare/ledger.h"
#include "comparator/compare/workers.h"
#include "storage/store.h"
#include "storage/writer.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace comparator::front {
namespace {

using Pieces = std::vector<std::pair<Side, std::string>>;  // as they come

// Both sides answer one request with 200 and no headers.
class TwoAnswers {
 public:
  explicit TwoAnswers(Side serving = Side::old_side, std::size_t max_body = 1000, std::size_t max_held = 1000) {
    auto config = std::get<Config>(config_for("http://127.0.0.1:1", "http://127.0.0.1:2"));
    config.compare.max_body_bytes = max_body;
    config.compare.max_held_bytes = max_held;
    plan_ = std::make_shared<const Plan>(std::get<Plan>(make_plan(std::move(config))));
    settler_ = std::make_unique<compare::Settler>(plan_, ledger_, workers_, held_);
    exchange_ = settler_->begin();
    exchange_->route = &plan_->route("GET", "/");
    exchange_->serving = serving;
    exchange_->selected = true;
    exchange_->open_legs = 2;
  }

  void play(const Pieces& pieces) {
    Capture captures[] = {Capture(*settler_, *exchange_, Side::old_side),
                          Capture(*settler_, *exchange_, Side::new_side)};
    for (const auto& [side, piece] : pieces) captures[static_cast<std::size_t>(side)].body(piece);
    for (const auto side : {Side::old_side, Side::new_side}) {
      captures[static_cast<std::size_t>(side)].end();
      exchange_->on(side).state = Observation::State::answered;
      exchange_->on(side).status = 200;
    }
  }

  std::string outcome() const {
    const auto judgement = compare::judge_without_comparing(*exchange_);
    if (!judgement) return "to be compared";
    return std::string(storage::name(judgement->outcome)) +
           (judgement->cause == Cause::none ? "" : "/" + std::string(name(judgement->cause)));
  }

  Exchange& exchange() { return *exchange_; }
  compare::Settler& settler() { return *settler_; }

 private:
  support::TemporaryDirectory folder_;
  storage::Store store_{folder_ / "a.db"};
  compare::Ledger ledger_;
  storage::Writer writer_{store_, ledger_.tallies()};
  std::atomic<std::size_t> held_{0};
  compare::Workers workers_{CompareConfig(), ledger_, writer_, held_};
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<compare::Settler> settler_;
  std::unique_ptr<Exchange> exchange_;
};

constexpr Side kOld = Side::old_side;
constexpr Side kNew = Side::new_side;

TEST_CASE("What the other side sends is compared as it comes, and kept only where it differs", "[front]") {
  struct Row {
    const char* name;
    Pieces pieces;
    const char* outcome;
    std::size_t held;  // for both sides, before anything is shown
  };
  const std::vector<Row> rows{
      {"the same behind old", {{kOld, "abcd"}, {kNew, "ab"}, {kNew, "cd"}}, "match", 4},
      {"the same while old goes on", {{kOld, "ab"}, {kNew, "ab"}, {kOld, "cd"}, {kNew, "cd"}}, "match", 4},
      {"the same ahead of old", {{kNew, "abcd"}, {kOld, "abcd"}}, "match", 8},
      {"the same, past what old has sent", {{kOld, "ab"}, {kNew, "abcd"}, {kOld, "cd"}}, "match", 8},
      {"another from the start", {{kOld, "abcd"}, {kNew, "xbcd"}}, "to be compared", 8},
      {"another later", {{kOld, "abcd"}, {kNew, "ab"}, {kNew, "xd"}}, "to be compared", 8},
      {"shorter", {{kOld, "abcd"}, {kNew, "ab"}}, "to be compared", 4},
      {"shorter, of what came so far", {{kOld, "ab"}, {kNew, "ab"}, {kOld, "cd"}}, "to be compared", 4},
      {"longer", {{kOld, "ab"}, {kNew, "ab"}, {kNew, "cd"}}, "to be compared", 6},
      {"empty", {{kOld, "ab"}, {kNew, ""}}, "to be compared", 2},
      {"both empty", {}, "match", 0},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      TwoAnswers answers;
      answers.play(row.pieces);

      CHECK(answers.outcome() == row.outcome);
      CHECK(answers.exchange().held_bytes == row.held);
      REQUIRE(answers.settler().keep_same(answers.exchange()));
      CHECK(answers.outcome() == row.outcome);
      std::string sent[2];
      for (const auto& [side, piece] : row.pieces) sent[static_cast<std::size_t>(side)] += piece;
      CHECK(answers.exchange().on(kOld).body == sent[0]);
      CHECK(answers.exchange().on(kNew).body == sent[1]);
      CHECK(answers.exchange().on(kNew).body_bytes == sent[1].size());
    }
  }
}

TEST_CASE("Above its caps a body is compared by its hash, however it came", "[front]") {
  struct Row {
    const char* name;
    std::size_t max_body;
    std::size_t max_held;
    Pieces pieces;
    const char* outcome;
  };
  const std::vector<Row> rows{
      {"both, equal", 3, 100, {{kOld, "ab"}, {kNew, "ab"}, {kOld, "cd"}, {kNew, "cd"}}, "match"},
      {"both, unequal",
       3,
       100,
       {{kOld, "ab"}, {kNew, "ab"}, {kOld, "cd"}, {kNew, "cx"}},
       "not_comparable/body_over_cap"},
      {"old alone", 3, 100, {{kOld, "abcd"}, {kNew, "ab"}}, "not_comparable/body_over_cap"},
      {"new alone", 3, 100, {{kOld, "ab"}, {kNew, "abcd"}}, "not_comparable/body_over_cap"},
      {"the budget, equal", 100, 2, {{kOld, "ab"}, {kNew, "ab"}, {kOld, "cd"}, {kNew, "cd"}}, "match"},
      {"the budget, unequal", 100, 2, {{kOld, "ab"}, {kNew, "a"}, {kNew, "x"}}, "shed/held_bytes"},
  };
  for (const auto& row : rows) {
    for (const Side serving : {kOld, kNew}) {
      DYNAMIC_SECTION(row.name << ", served by " << name(serving)) {
        TwoAnswers answers(serving, row.max_body, row.max_held);
        auto pieces = row.pieces;
        if (serving == kNew) {
          for (auto& piece : pieces) piece.first = other(piece.first);
        }
        answers.play(pieces);

        CHECK(answers.outcome() == row.outcome);
        CHECK(answers.exchange().held_bytes <= row.max_held);
      }
    }
  }
}

TEST_CASE("How two bodies are cut and which comes first changes nothing", "[front]") {
  std::mt19937 random(1);  // NOLINT(cert-msc51-cpp): the same cases every time
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 300; ++round) {
    std::string bodies[2];
    for (std::size_t n = below(12); n > 0; --n) bodies[0] += static_cast<char>('a' + below(3));
    bodies[1] = bodies[0];
    if (round % 3 == 1 && !bodies[1].empty()) bodies[1][below(bodies[1].size())] = 'x';
    if (round % 3 == 2) bodies[1].resize(below(14), 'a');
    Pieces pieces;
    std::size_t at[2] = {0, 0};
    while (at[0] < bodies[0].size() || at[1] < bodies[1].size()) {
      std::size_t side = below(2);
      if (at[side] == bodies[side].size()) side = 1 - side;
      const auto size = 1 + below(bodies[side].size() - at[side]);
      pieces.emplace_back(static_cast<Side>(side), bodies[side].substr(at[side], size));
      at[side] += size;
    }
    TwoAnswers answers(round % 2 == 0 ? kOld : kNew);
    CAPTURE(bodies[0], bodies[1], pieces.size());
    answers.play(pieces);

    CHECK(answers.outcome() == (bodies[0] == bodies[1] ? "match" : "to be compared"));
    REQUIRE(answers.settler().keep_same(answers.exchange()));
    CHECK(answers.exchange().on(kOld).body == bodies[0]);
    CHECK(answers.exchange().on(kNew).body == bodies[1]);
  }
}

}  // namespace
}  // namespace comparator::front
