#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "comparator/admin/handlers.h"
#include "comparator/admin/readers.h"

namespace comparator::admin {

/// One row of the table of what is served.
struct Resource {
  using Plain = Answer (*)(const Call&);
  using Reading = Answer (*)(const Call&, const storage::Reader&);

  std::string_view path;  ///< `{name}` stands for one segment.
  std::variant<Plain, Reading> handler;
  std::vector<std::string_view> parameters{};  ///< Of the query; others are refused.
  enum class Access { token, open } access = Access::token;
};

/// All resources but the dashboard's own files.
const std::vector<Resource>& resources();

/// What every request meets, whatever it asks for.
struct Environment {
  const Config& config;
  const Live& live;
  Readers& readers;
  std::int64_t started_at_us = 0;
};

/// Answers a request: guards, resources, the dashboard's files, and errors as problem details. Throws nothing but
/// std::bad_alloc. Thread-safe.
Answer answer(const Environment& environment, const Request& request, std::int64_t now_us);

}  // namespace comparator::admin
