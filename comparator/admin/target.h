#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace comparator::admin {

/// The query of a request, decoded. Every accessor throws ApiError 400 with a sentence that names the parameter.
class Query {
 public:
  Query() = default;
  explicit Query(std::vector<std::pair<std::string, std::string>> pairs) : pairs_(std::move(pairs)) {}

  /// Refuses parameters that are not known and those that come twice: a filter that was misspelt would otherwise
  /// answer with everything and be believed.
  void require_known(const std::vector<std::string_view>& known) const;

  std::string text(std::string_view name) const;  ///< Empty when absent.
  std::string one_of(std::string_view name, const std::vector<std::string_view>& allowed) const;
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t greatest, std::int64_t otherwise) const;
  bool flag(std::string_view name) const;  ///< `?x`, `?x=1` and `?x=true` are true.

 private:
  const std::string* find(std::string_view name) const;
  std::vector<std::pair<std::string, std::string>> pairs_;
};

/// A request target taken apart: `/a/b%2Fc?x=1` has the segments `a`, `b/c`; `/` has one, which is empty.
struct Target {
  std::vector<std::string> segments;
  Query query;
};

/// Throws ApiError 400 for a target that is no path, or with a broken percent-encoding.
Target parse_target(std::string_view target);

}  // namespace comparator::admin
