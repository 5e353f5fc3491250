#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

/// What is written for people: on a terminal with colours, in a pipe without.
namespace comparator::cli {

/// Whether colours may go there: a terminal that is not dumb, and NO_COLOR is not set (no-color.org).
bool use_colour(std::FILE* stream);

/// Stored text comes from clients and services: control characters, which could drive the terminal, are shown as
/// escapes, and so is what is not UTF-8 or turns the direction of writing.
std::string printable(std::string_view text);

/// The text cut to so many characters, with `...` at its end when cut.
std::string shortened(std::string_view text, std::size_t characters);

/// Rows under a heading, in columns as wide as their widest cell. Cells are made printable; numbers are the caller's
/// to align. Ends with a line break; the last column is not padded.
std::string table(const std::vector<std::string>& heading, const std::vector<std::vector<std::string>>& rows);

/// Unix time in microseconds as `2026-11-22 12:00:00Z`.
std::string time_text(std::int64_t at_us);

}  // namespace comparator::cli
