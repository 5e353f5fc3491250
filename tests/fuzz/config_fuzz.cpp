// Any text is a configuration or a list of problems, in bounded time; nothing is thrown.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "comparator/config/config.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <typename Value>
void check_problems(const std::variant<Value, std::vector<comparator::Problem>>& result) {
  const auto* problems = std::get_if<std::vector<comparator::Problem>>(&result);
  if (problems == nullptr) return;
  require(!problems->empty() && problems->size() <= 1001);
  for (const auto& problem : *problems) {
    require(problem.line >= 0 && problem.column >= 0 && !problem.message.empty());
    for (const char c : problem.message) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = comparator::parse_config(text, "2026-11-22");
  check_problems(config);
  if (const auto* good = std::get_if<comparator::Config>(&config)) {
    require(!good->routes.empty() && good->routes.back().name == "default");
    for (const auto& route : good->routes) require(good->epoch(route).size() == 16);
  }
  check_problems(comparator::parse_rules(text, "2026-11-22"));
  return 0;
}
