#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "comparator/config/config.h"

/// Where to listen and whom to ask, from text. Looks up no names.
namespace comparator {

/// `host:port`, `[::1]:port`; the value or what is wrong with it. Port 0 lets the system choose.
std::variant<Endpoint, std::string> parse_endpoint(std::string_view text);

/// `http://host[:port][/]`; the endpoint or what is wrong with it.
std::variant<Endpoint, std::string> parse_url(std::string_view text);

/// An IP address with or without a port, which is `default_port` then; no name.
std::variant<Endpoint, std::string> parse_address(std::string_view text, std::uint16_t default_port);

/// How a service is reached.
struct ServiceUrl {
  Endpoint endpoint;
  bool secure = false;  ///< Over TLS.
};
/// `http://host[:port][/]`, `https://host[:port][/]` or `unix:/path`; or what is wrong with it.
std::variant<ServiceUrl, std::string> parse_service_url(std::string_view text);

/// Whether only this machine can reach it: `localhost`, 127.0.0.0/8 or ::1.
bool is_loopback(const Endpoint& endpoint);

}  // namespace comparator
