#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace comparator::cli {

/// How differences are printed.
enum class DiffFormat : std::uint8_t { text, unified, json, patch };

struct DiffArguments {
  std::string old_file;  ///< `-` is the standard input; of one of them only.
  std::string new_file;
  std::string rules_file;  ///< Empty: no rules.
  DiffFormat format = DiffFormat::text;
  bool allow_byte_order_mark = false;  ///< One at the beginning of a file is passed over.
  std::size_t max_differences = 1000;  ///< Shown; all are counted, and a patch holds all.
};

/// Compares two JSON documents. Returns 0 when they are equal, 1 when they differ, 2 when it cannot tell: something
/// cannot be read, is not JSON, or the rules are wrong, or there is no patch of two documents that differ.
int diff_command(const DiffArguments& arguments);

}  // namespace comparator::cli
