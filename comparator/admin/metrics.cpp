#include "comparator/admin/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace comparator::admin {
namespace {

using Families = std::vector<MetricFamily>;

void add(Families& families, std::string name, std::string help, bool counter, double value) {
  families.push_back({name, std::move(help), counter, {{name, {}, value}}});
}

void add_writer(Families& families, const storage::WriterHealth& health) {
  add(families, "twinrun_store_degraded", "1 while the last batch could not be written, else 0.", false,
      health.degraded ? 1 : 0);
  add(families, "twinrun_store_batches_total", "Batches written to the store.", true,
      static_cast<double>(health.batches));
  add(families, "twinrun_store_evidence_written_total", "Exchanges with differences written to the store.", true,
      static_cast<double>(health.evidence_written));
  add(families, "twinrun_store_evidence_lost_total", "Exchanges given up because the store could not be written.", true,
      static_cast<double>(health.evidence_lost));
  add(families, "twinrun_store_evidence_refused_total", "Exchanges not taken because the writer's queue was full.",
      true, static_cast<double>(health.evidence_refused));
  add(families, "twinrun_store_queue_length", "Exchanges that wait for the writer.", false,
      static_cast<double>(health.queued));
}

void add_program(Families& families, std::int64_t started_at_us) {
  families.push_back({"twinrun_build_info",
                      "Always 1; the version is a label.",
                      false,
                      {{"twinrun_build_info", {{"version", TWINRUN_VERSION}}, 1}}});
  add(families, "twinrun_start_time_seconds", "When the admin side started, in seconds since 1970.", false,
      static_cast<double>(started_at_us) / 1e6);
}

prometheus::ClientMetric metric_of(const Sample& sample, bool counter) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (sample.buckets.empty()) {
    (counter ? metric.counter.value : metric.gauge.value) = sample.value;
    return metric;
  }
  metric.histogram.sample_sum = sample.value;
  metric.histogram.sample_count = sample.count;
  for (const auto& bucket : sample.buckets) metric.histogram.bucket.push_back({bucket.count, bucket.up_to});
  metric.histogram.bucket.push_back({sample.count, std::numeric_limits<double>::infinity()});
  return metric;
}

prometheus::MetricFamily family_of(const MetricFamily& family) {
  prometheus::MetricFamily converted;
  converted.name = family.name;
  converted.help = family.help;
  const bool histogram = !family.samples.empty() && !family.samples.front().buckets.empty();
  converted.type = histogram        ? prometheus::MetricType::Histogram
                   : family.counter ? prometheus::MetricType::Counter
                                    : prometheus::MetricType::Gauge;
  for (const auto& sample : family.samples) converted.metric.push_back(metric_of(sample, family.counter));
  return converted;
}

}  // namespace

std::string metrics_text(const Live& live, std::int64_t started_at_us) {
  auto families = live.metrics();
  add_writer(families, live.writer_health());
  add_program(families, started_at_us);
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });

  std::vector<prometheus::MetricFamily> converted;
  for (const auto& family : families) converted.push_back(family_of(family));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, converted);
  return text.str();
}

}  // namespace comparator::admin
