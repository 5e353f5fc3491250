#include "comparator/admin/guard.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "comparator/config/endpoint.h"

namespace comparator::admin {
namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

bool is_port(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// `name[:port]` or `[v6][:port]` without the port; empty when it is neither.
std::string_view host_of(std::string_view field) {
  const auto end = field.starts_with('[') ? field.find(']') + 1 : field.find(':');
  if (field.starts_with('[') && end == 0) return {};
  const auto port = end >= field.size() ? std::string_view() : field.substr(end);
  if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) return {};
  return field.substr(0, end);
}

bool same_in_constant_time(std::string_view secret, std::string_view guess) {
  std::size_t different = secret.size() ^ guess.size();
  for (std::size_t i = 0; i < guess.size(); ++i) {
    const char expected = secret.empty() ? '\0' : secret[i % secret.size()];
    different |= static_cast<unsigned char>(expected ^ guess[i]);
  }
  return different == 0;
}

constexpr std::string_view kScheme = "bearer ";  // in lower case; the scheme's name is case-insensitive, RFC 9110 11.1

std::string_view bearer(const Request& request) {
  if (request.authorizations.size() != 1) return {};
  const std::string_view field = request.authorizations.front();
  if (lower(field.substr(0, kScheme.size())) != kScheme) return {};
  const auto start = field.find_first_not_of(' ', kScheme.size());
  return start == std::string_view::npos ? std::string_view() : field.substr(start);
}

}  // namespace

void require_readonly(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") return;
  throw ApiError(405, "method_not_allowed", "this API only reads: use GET or HEAD");
}

void require_local_host(const Request& request, const AdminConfig& config) {
  if (request.hosts.size() != 1) throw ApiError(400, "bad_host", "exactly one Host field is needed");
  if (!is_loopback(config.listen)) return;
  const auto host = lower(host_of(request.hosts.front()));
  if (host == "localhost" || host == "127.0.0.1" || host == "[::1]") return;
  throw ApiError(421, "host_not_allowed",
                 "the admin side listens on loopback and answers to localhost, 127.0.0.1 and "
                 "[::1] only");
}

void require_token(const Request& request, const AdminConfig& config) {
  if (config.tokens.empty()) return;
  const auto guess = bearer(request);
  bool known = false;
  for (const auto& token : config.tokens) {
    const bool same = same_in_constant_time(token, guess);
    known = known || (same && !token.empty());
  }
  if (!known) throw ApiError(401, "token_required", "send 'Authorization: Bearer TOKEN' with one of the admin tokens");
}

}  // namespace comparator::admin
