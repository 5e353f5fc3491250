#include "diffing/difference.h"

#include <numeric>

namespace diffing {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::missing: return "missing";
    case Kind::extra: return "extra";
    case Kind::type: return "type";
    case Kind::value: return "value";
    case Kind::order: return "order";
    case Kind::moved: return "moved";
    case Kind::undecodable: return "undecodable";
  }
  return "";
}

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::minor: return "minor";
    case Severity::major: return "major";
    case Severity::critical: return "critical";
  }
  return "";
}

std::uint64_t Comparison::total() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

}  // namespace diffing
