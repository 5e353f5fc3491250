#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// Log lines on stderr: an event name and fields, `2026-11-22T12:00:00.000Z warn shed reason=queue_full`. Never bodies,
/// cookies or authorization. Thread-safe; a line is written at once, so no loop logs per request.
namespace comparator::log {

using Field = std::pair<std::string_view, std::string_view>;

void info(std::string_view event, std::initializer_list<Field> fields = {});
void warn(std::string_view event, std::initializer_list<Field> fields = {});
void error(std::string_view event, std::initializer_list<Field> fields = {});

/// The fields as `name=value`, quoted where a value has spaces, quotes or control characters.
std::string format_fields(std::string_view event, std::initializer_list<Field> fields);

}  // namespace comparator::log
