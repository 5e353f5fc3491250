#include "dashboard/assets.h"

#include <array>

namespace dashboard {

extern const std::string_view kIndexHtml;
extern const std::string_view kStyleCss;
extern const std::string_view kIconSvg;
extern const std::string_view kApiJs;
extern const std::string_view kAppJs;
extern const std::string_view kBodiesJs;
extern const std::string_view kChartsJs;
extern const std::string_view kDomJs;
extern const std::string_view kFindingsJs;
extern const std::string_view kFormatJs;
extern const std::string_view kJsonLinesJs;
extern const std::string_view kKeysJs;
extern const std::string_view kPartsJs;
extern const std::string_view kReportJs;
extern const std::string_view kRoutesJs;
extern const std::string_view kThemeJs;

namespace {

constexpr std::string_view kScript = "text/javascript; charset=utf-8";

}  // namespace

std::span<const Asset> assets() {
  static const std::array table{
      Asset{"/", "text/html; charset=utf-8", kIndexHtml},
      Asset{"/style.css", "text/css; charset=utf-8", kStyleCss},
      Asset{"/icon.svg", "image/svg+xml", kIconSvg},
      Asset{"/api.js", kScript, kApiJs},
      Asset{"/app.js", kScript, kAppJs},
      Asset{"/bodies.js", kScript, kBodiesJs},
      Asset{"/charts.js", kScript, kChartsJs},
      Asset{"/dom.js", kScript, kDomJs},
      Asset{"/findings.js", kScript, kFindingsJs},
      Asset{"/format.js", kScript, kFormatJs},
      Asset{"/json_lines.js", kScript, kJsonLinesJs},
      Asset{"/keys.js", kScript, kKeysJs},
      Asset{"/parts.js", kScript, kPartsJs},
      Asset{"/report.js", kScript, kReportJs},
      Asset{"/routes.js", kScript, kRoutesJs},
      Asset{"/theme.js", kScript, kThemeJs},
  };
  return table;
}

}  // namespace dashboard
