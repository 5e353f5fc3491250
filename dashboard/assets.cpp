#include "dashboard/assets.h"

#include <array>

namespace dashboard {

extern const std::string_view kIndexHtml;

std::span<const Asset> assets() {
  static const std::array table{
      Asset{"/", "text/html; charset=utf-8", kIndexHtml},
  };
  return table;
}

}  // namespace dashboard
