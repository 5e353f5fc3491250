#pragma once

#include <span>
#include <string_view>

/// The files of the web page, as bytes of the program.
namespace dashboard {

struct Asset {
  std::string_view path;  ///< Where the page expects it: `/`, `/app.js`, ...
  std::string_view content_type;
  std::string_view bytes;
};

std::span<const Asset> assets();

}  // namespace dashboard
