#include "comparator/config/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>

#include "comparator/config/characters.h"
#include "comparator/config/values.h"

namespace comparator {
namespace {

using Result = std::variant<Endpoint, std::string>;

constexpr std::size_t kMaxHost = 253;  // RFC 1035 section 2.3.4, as text

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > kMaxHost || host.front() == '.' || host.front() == '-') return false;
  if (host.find("..") != std::string_view::npos) return false;
  // Underscores are no part of a host name, but container names have them.
  return std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; });
}

/// A last label of digits makes it an address (RFC 3986 section 3.2.2 and every resolver), so it must be a good one.
bool looks_numeric(std::string_view host) {
  const std::string_view label = host.substr(host.rfind('.') + 1);
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

Result checked(std::string host, bool bracketed, std::string_view port) {
  const auto number = parse_count(port);
  if (!number || *number > 65535) return fmt::format("the port {} is not a number from 0 to 65535", quote(port));
  if (bracketed && !is_ipv6(host)) return fmt::format("{} is not an IPv6 address", quote(host));
  if (!bracketed && looks_numeric(host) && !is_ipv4(host)) return fmt::format("{} is not an IPv4 address", quote(host));
  if (!bracketed && !is_host_name(host)) return fmt::format("{} is not a host name", quote(host));
  return Endpoint{.host = std::move(host), .port = static_cast<std::uint16_t>(*number)};
}

/// `text` is `host`, `host:port`, `[address]` or `[address]:port`.
Result parse_authority(std::string_view text, std::string_view default_port) {
  const bool bracketed = text.substr(0, 1) == "[";
  if (!bracketed && std::count(text.begin(), text.end(), ':') > 1) {
    return "an IPv6 address is written in brackets, as in [::1]:8080";
  }
  if (text.empty() || text.front() == ':') return "the host is missing";
  const auto host_end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && host_end == std::string_view::npos) return "the `]` of the IPv6 address is missing";
  const std::string_view host = bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
  std::string_view rest = host_end == std::string_view::npos ? "" : text.substr(host_end + (bracketed ? 1 : 0));
  if (rest.empty()) {
    if (default_port.empty()) return "the port is missing";
    return checked(std::string(host), bracketed, default_port);
  }
  if (rest.front() != ':') return fmt::format("{} stands behind the address, where only a port may", quote(rest));
  return checked(std::string(host), bracketed, rest.substr(1));
}

std::string scheme_of(std::string_view text) {
  const auto end = text.find("://");
  return end == std::string_view::npos ? "" : lower(text.substr(0, end));
}

Result parse_behind_scheme(std::string_view text, std::string_view default_port) {
  std::string_view rest = text.substr(text.find("://") + 3);
  if (!rest.empty() && rest.back() == '/' && rest.find('/') == rest.size() - 1) rest.remove_suffix(1);
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return "it has a path, but each side is asked for the path that the client asked for";
  }
  if (rest.find('@') != std::string_view::npos) return "a user or password has no place here; clients bring their own";
  auto endpoint = parse_authority(rest, default_port);
  const auto* good = std::get_if<Endpoint>(&endpoint);
  if (good != nullptr && good->port == 0) return "the port of a service is 1 to 65535";
  return endpoint;
}

std::variant<ServiceUrl, std::string> parse_unix(std::string_view path) {
  if (path.substr(0, 1) != "/") return "the path of a Unix socket is absolute, as in unix:/run/app.sock";
  if (path.size() >= sizeof sockaddr_un::sun_path) {
    return fmt::format("the path of a Unix socket has at most {} bytes", sizeof sockaddr_un::sun_path - 1);
  }
  return ServiceUrl{Endpoint{.host = {}, .port = 0, .path = std::string(path)}, false};
}

}  // namespace

std::variant<Endpoint, std::string> parse_endpoint(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return "it is a URL, where only host and port are wanted";
  if (std::all_of(text.begin(), text.end(), is_digit) && !text.empty()) return "the host is missing";
  return parse_authority(text, "");
}

std::variant<Endpoint, std::string> parse_url(std::string_view text) {
  if (scheme_of(text) != "http") return "it does not begin with http://";
  return parse_behind_scheme(text, "80");
}

std::variant<Endpoint, std::string> parse_address(std::string_view text, std::uint16_t default_port) {
  if (is_ipv6(std::string(text))) return Endpoint{.host = std::string(text), .port = default_port};
  auto parsed = parse_authority(text, std::to_string(default_port));
  const auto* good = std::get_if<Endpoint>(&parsed);
  if (good != nullptr && !is_ipv4(good->host) && !is_ipv6(good->host)) return "it is not an IP address";
  return parsed;
}

std::variant<ServiceUrl, std::string> parse_service_url(std::string_view text) {
  const std::string scheme = scheme_of(text);
  if (lower(text.substr(0, 5)) == "unix:") return parse_unix(text.substr(5));
  if (scheme != "http" && scheme != "https") return "it does not begin with http://, https:// or unix:/";
  auto endpoint = parse_behind_scheme(text, scheme == "https" ? "443" : "80");
  if (auto* wrong = std::get_if<std::string>(&endpoint)) return std::move(*wrong);
  return ServiceUrl{std::get<Endpoint>(std::move(endpoint)), scheme == "https"};
}

bool is_loopback(const Endpoint& endpoint) {
  return lower(endpoint.host) == "localhost" || endpoint.host == "::1" ||
         (is_ipv4(endpoint.host) && endpoint.host.substr(0, 4) == "127.");
}

}  // namespace comparator
