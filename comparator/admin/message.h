#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// What the admin side is asked and answers: plain values, free of any HTTP library.
namespace comparator::admin {

/// A request as far as the admin side reads it. Bodies are never read.
struct Request {
  std::string method;
  std::string target;                       ///< As sent: path and query, percent-encoded.
  std::vector<std::string> hosts;           ///< Values of all `Host` fields.
  std::vector<std::string> authorizations;  ///< Values of all `Authorization` fields.
};

struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Beyond those that every answer gets.
};

/// Why a request is not answered with what it asked for. Becomes application/problem+json in one place.
class ApiError : public std::runtime_error {
 public:
  /// `code` is a stable word for programs, `message` a sentence for people.
  ApiError(int status, std::string code, const std::string& message)
      : std::runtime_error(message), status_(status), code_(std::move(code)) {}

  int status() const { return status_; }
  const std::string& code() const { return code_; }

 private:
  int status_;
  std::string code_;
};

/// The value as an answer. Text that is not UTF-8 is shown with U+FFFD, never refused.
Answer json_answer(const nlohmann::json& value, int status = 200);

/// The error as problem details (RFC 9457): `type`, `title`, `status`, `code`, `detail`.
Answer problem_answer(const ApiError& error);

}  // namespace comparator::admin
