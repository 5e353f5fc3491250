#pragma once

#include <span>
#include <string_view>

namespace storage {

/// Every query of Reader, for the test that none of them reads a whole table.
std::span<const std::string_view> reader_queries();

}  // namespace storage
