#include "comparator/admin/message.h"

#include <nlohmann/json.hpp>

namespace comparator::admin {
namespace {

std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Unauthorized";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 414: return "Target too long";
    case 421: return "Misdirected request";
    case 503: return "Service unavailable";
    default: return status < 500 ? "Request refused" : "Internal failure";
  }
}

}  // namespace

Answer json_answer(const nlohmann::json& value, int status) {
  return {.status = status, .body = text_of(value), .headers = {}};
}

Answer problem_answer(const ApiError& error) {
  const nlohmann::json problem{{"type", "about:blank"},
                               {"title", title_of(error.status())},
                               {"status", error.status()},
                               {"code", error.code()},
                               {"detail", error.what()}};
  return {
      .status = error.status(), .content_type = "application/problem+json", .body = text_of(problem), .headers = {}};
}

}  // namespace comparator::admin
