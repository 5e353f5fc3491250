#include "comparator/admin/counts.h"

#include <nlohmann/json.hpp>
#include <numeric>

namespace comparator::admin {

using nlohmann::json;
using storage::Outcome;

namespace {

json share(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole);
}

json latency(const storage::LatencyHistogram& histogram) {
  if (histogram.count() == 0) return nullptr;
  return {{"p50_us", histogram.quantile(0.5).count()}, {"p99_us", histogram.quantile(0.99).count()}};
}

}  // namespace

void Counts::add(const storage::OutcomeCount& row) {
  outcomes[static_cast<std::size_t>(row.outcome)] += row.tally.count;
  if (!row.cause.empty()) causes[{row.outcome, row.cause}] += row.tally.count;
  if (row.outcome == Outcome::not_selected) return;
  old_latency.add(row.tally.old_latency);
  new_latency.add(row.tally.new_latency);
}

std::uint64_t Counts::requests() const { return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0}); }

std::uint64_t Counts::selected() const { return compared() + uncompared(); }

std::uint64_t Counts::compared() const {
  return of(Outcome::match) + of(Outcome::accepted) + of(Outcome::noise) + of(Outcome::transient) +
         of(Outcome::mismatch);
}

std::uint64_t Counts::uncompared() const {
  return of(Outcome::new_failed) + of(Outcome::not_comparable) + of(Outcome::shed);
}

json to_json(const Counts& counts) {
  json outcomes = json::object();
  for (std::size_t i = 0; i < storage::kOutcomes; ++i) {
    outcomes[std::string(storage::name(static_cast<Outcome>(i)))] = counts.outcomes[i];
  }
  json causes = json::array();
  for (const auto& [what, count] : counts.causes) {
    causes.push_back({{"outcome", storage::name(what.first)}, {"cause", what.second}, {"count", count}});
  }
  return {{"requests", counts.requests()},
          {"selected", counts.selected()},
          {"compared", counts.compared()},
          {"uncompared", counts.uncompared()},
          {"outcomes", std::move(outcomes)},
          {"causes", std::move(causes)},
          {"diff_rate", share(counts.of(Outcome::mismatch), counts.compared())},
          {"uncompared_share", share(counts.uncompared(), counts.selected())},
          {"latency", {{"old", latency(counts.old_latency)}, {"new", latency(counts.new_latency)}}}};
}

}  // namespace comparator::admin
