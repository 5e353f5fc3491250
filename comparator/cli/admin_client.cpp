#include "comparator/cli/admin_client.h"

#include <fmt/format.h>
#include <httplib.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <utility>

#include "comparator/cli/exit_code.h"
#include "comparator/cli/input.h"
#include "comparator/cli/terminal.h"
#include "comparator/config/endpoint.h"

namespace comparator::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto kConnectTimeout = 5s;
constexpr auto kAnswerTimeout = 30s;  // the store may be busy; people at a terminal do not wait longer
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20;

struct HttpAnswer {
  int status = 0;
  std::string body;
};

AdminFailure unreachable(const AdminAddress& address, std::string_view why) {
  return {kUnreachable, fmt::format("no twinrun answers at {} ({}); is `twinrun serve` running, and is --admin right?",
                                    printable(address.url), why)};
}

std::string_view reason(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection: return "the connection was refused, or the host is unknown";
    case httplib::Error::ConnectionTimeout: return "no connection within 5 s";
    case httplib::Error::Read: return "it closed, or was silent for 30 s";
    case httplib::Error::Canceled: return "its answer takes longer than 30 s or is larger than 64 MiB";
    default: return "it does not speak HTTP";
  }
}

/// The token in the file without the line break at its end; without a file, that of the environment.
std::variant<std::string, AdminFailure> read_token(const std::string& file) {
  if (file.empty()) {
    const char* token = std::getenv("TWINRUN_TOKEN");
    return std::string(token == nullptr ? "" : token);
  }
  Input input = read_input(file);
  if (!input.problem.empty()) return AdminFailure{kUsage, input.problem};
  while (!input.bytes.empty() && (input.bytes.back() == '\n' || input.bytes.back() == '\r')) input.bytes.pop_back();
  const bool good =
      !input.bytes.empty() && input.bytes.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  if (!good) return AdminFailure{kUsage, fmt::format("{} does not hold one line with a token", printable(file))};
  return std::move(input.bytes);
}

std::variant<HttpAnswer, AdminFailure> get(const AdminAddress& address, const std::string& target,
                                           const std::string& token) {
  const auto endpoint = parse_url(address.url);
  if (const auto* wrong = std::get_if<std::string>(&endpoint)) {
    return AdminFailure{kUsage, fmt::format("--admin: {} is not http://host:port: {}", printable(address.url), *wrong)};
  }
  httplib::Client client(std::get<Endpoint>(endpoint).host, std::get<Endpoint>(endpoint).port);
  client.set_connection_timeout(kConnectTimeout);
  client.set_read_timeout(kAnswerTimeout);
  httplib::Headers headers{{"Accept", "application/json"}};
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);

  HttpAnswer answer;
  const auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  // The library's read timeout begins again with every byte, so the whole has its own deadline here.
  const auto result = client.Get(target, headers, [&](const char* bytes, std::size_t count) {
    answer.body.append(bytes, count);
    return answer.body.size() <= kMaxAnswer && std::chrono::steady_clock::now() < deadline;
  });
  if (!result) return unreachable(address, reason(result.error()));
  answer.status = result->status;
  return answer;
}

/// What a problem document says, or the bare status.
std::string detail(const HttpAnswer& answer) {
  const auto problem = json::parse(answer.body, nullptr, false);
  const auto found = problem.is_object() ? problem.find("detail") : problem.end();
  return problem.is_object() && found != problem.end() && found->is_string() ? printable(found->get<std::string>())
                                                                             : fmt::format("status {}", answer.status);
}

}  // namespace

std::variant<json, AdminFailure> ask_admin(const AdminAddress& address, const std::string& path,
                                           const std::map<std::string, std::string>& parameters) {
  auto token = read_token(address.token_file);
  if (auto* failure = std::get_if<AdminFailure>(&token)) return std::move(*failure);
  httplib::Params given;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) given.emplace(name, value);
  }
  auto got =
      get(address, given.empty() ? path : httplib::append_query_params(path, given), std::get<std::string>(token));
  if (auto* failure = std::get_if<AdminFailure>(&got)) return std::move(*failure);
  const auto& answer = std::get<HttpAnswer>(got);
  if (answer.status == 401) return AdminFailure{kUsage, detail(answer) + "; see --token-file"};
  if (answer.status >= 400 && answer.status < 500) return AdminFailure{kUsage, detail(answer)};
  if (answer.status != 200) return AdminFailure{kFailure, detail(answer)};
  auto body = json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) return unreachable(address, "what answers there is something else");
  return body;
}

}  // namespace comparator::cli
