#include "comparator/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

namespace comparator::log {
namespace {

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("twinrun", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f;
         });
}

void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      line += c;
    }
  }
  line += '"';
}

}  // namespace

std::string format_fields(std::string_view event, std::initializer_list<Field> fields) {
  std::string line(event);
  for (const auto& [name, value] : fields) {
    line.append(" ").append(name).append("=");
    if (needs_quotes(value)) {
      append_quoted(line, value);
    } else {
      line += value;
    }
  }
  return line;
}

void info(std::string_view event, std::initializer_list<Field> fields) {
  logger().info("{}", format_fields(event, fields));
}
void warn(std::string_view event, std::initializer_list<Field> fields) {
  logger().warn("{}", format_fields(event, fields));
}
void error(std::string_view event, std::initializer_list<Field> fields) {
  logger().error("{}", format_fields(event, fields));
}

}  // namespace comparator::log
