#include "comparator/gate/timestamp.h"

#include <fmt/format.h>

#include <chrono>

namespace comparator::gate {

std::string timestamp(std::int64_t time_us) {
  using namespace std::chrono;
  const auto time = floor<seconds>(sys_time<microseconds>(microseconds(time_us)));
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

}  // namespace comparator::gate
