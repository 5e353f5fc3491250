#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "diffing/rules.h"

/// The configuration as plain values, every one with its default. Nothing here opens a file's sockets or looks up
/// names.
namespace comparator {

enum class Stage : std::uint8_t { old, shadow, canary, reverse, new_ };
std::string_view name(Stage stage);

/// Host and port to listen on, or to connect to; or a Unix socket. `host` may be a name; IPv6 addresses are without
/// brackets.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string path{};  ///< Of the Unix socket; then the others are empty.
  bool operator==(const Endpoint&) const = default;
};

/// How a side is spoken to over TLS.
struct SideTlsConfig {
  bool verify = true;
  std::string ca{};           ///< File of the certificates to trust; empty: those of the system.
  std::string server_name{};  ///< To ask for and to verify; empty: the URL's host.
  std::string certificate{};  ///< File of the certificate that the side may ask for, with its key.
  std::string key{};
  bool operator==(const SideTlsConfig&) const = default;
};

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// How clients are spoken to over TLS. Files are read again when the configuration is.
struct ClientTlsConfig {
  std::string certificate{};  ///< PEM, with the chain behind it.
  std::string key{};
  TlsVersion min_version = TlsVersion::tls_1_2;
};

/// What is changed in requests on their way to a side, beside what every proxy changes.
struct RewriteConfig {
  using Pair = std::pair<std::string, std::string>;  ///< A name and its value.

  std::string prefix_from{};                ///< Of the path, in whole segments; empty: every path begins with it.
  std::string prefix_to{};                  ///< Stands for it.
  std::string host{};                       ///< Replaces Host; empty: kept.
  std::vector<std::string> remove_query{};  ///< Names of parameters, as they are written in the query.
  std::vector<Pair> set_query{};
  std::vector<std::string> remove_headers{};  ///< In lower case.
  std::vector<Pair> set_headers{};            ///< Also replaces what the client sent under the name.
  bool operator==(const RewriteConfig&) const = default;
};

/// When a side that fails is left alone for a while. For copies only.
struct BreakerConfig {
  std::size_t failures = 50;              ///< One after the other; 0: never.
  std::chrono::milliseconds pause{5000};  ///< Then one request is tried, and ends it or begins it anew.
  bool operator==(const BreakerConfig&) const = default;
};

/// One implementation.
struct SideConfig {
  std::string url{};    ///< As written: `http://host[:port]`, `https://host[:port]` or `unix:/path`.
  Endpoint endpoint{};  ///< From `url`.
  bool secure = false;  ///< From `url`: over TLS.
  SideTlsConfig tls{};
  std::string build{};  ///< Names the deployed version; a change starts a new epoch.
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds timeout{
      60'000};  ///< Longest silence of the serving side; for the other side the time for its whole answer (2 s).
  std::size_t idle_connections = 256;            ///< Kept open per loop.
  std::chrono::milliseconds idle_timeout{4000};  ///< Below the 5 s after which many servers hang up.
  std::size_t max_in_flight = 256;               ///< Of copies, all loops together; unused on the serving side.
  std::size_t max_rate = 0;                      ///< Copies per second, all loops together; 0: as they come.
  std::chrono::milliseconds warm_up{0};          ///< Copies begin as few and become all over this time.
  BreakerConfig breaker{};
  RewriteConfig rewrite{};
  bool operator==(const SideConfig&) const = default;
};

/// What a client may send. Each has the status of its refusal.
struct LimitsConfig {
  std::size_t head_bytes = 32 * 1024;                 ///< 431
  std::size_t header_count = 128;                     ///< 431
  std::size_t target_bytes = 8 * 1024;                ///< 414
  std::uint64_t body_bytes = std::uint64_t{1} << 30;  ///< 413
  std::chrono::milliseconds head_timeout{10'000};     ///< 408, from the first byte of a head to its end
  std::chrono::milliseconds body_timeout{30'000};     ///< 408; for the next 4 KB of a body, or its rest
  std::chrono::milliseconds idle_timeout{75'000};     ///< Closed without a word.
  std::chrono::milliseconds write_timeout{30'000};  ///< For a client to take the next 4 KB of its answer, or its rest.
  std::chrono::milliseconds request_timeout{0};     ///< 408 or 504, a whole request with its answer; 0: no limit.
  std::size_t requests_per_connection = 10'000;     ///< The last one's answer says `Connection: close`; 0: no limit.
  std::size_t connections = 20'000;                 ///< 503, all loops together.
  std::size_t connections_per_address = 0;          ///< 503; 0: no limit. IPv6: per network of 64 bits.
  std::size_t buffered = 256 * 1024;                ///< Of answers, per connection; then its side is not read on.
  std::size_t buffered_in_all = std::size_t{256} << 20;  ///< Beyond it each connection has 16 KiB of it.
};

/// A line per request.
struct AccessLogConfig {
  enum class Format : std::uint8_t { json, combined };
  std::string file{};  ///< `-` is the standard output; empty: no log.
  Format format = Format::json;
  bool operator==(const AccessLogConfig&) const = default;
};

/// What is compared, and how much is held for it.
struct CompareConfig {
  std::vector<std::string> headers{"content-type", "location", "www-authenticate", "allow"};  ///< In lower case.
  std::size_t max_body_bytes = std::size_t{4}
                               << 20;  ///< Per side; bodies above it are `not_comparable` unless equal by hash.
  std::size_t max_held_bytes = std::size_t{256} << 20;  ///< Of all copies together; beyond it copies are shed.
  std::size_t queue = 1024;                             ///< Exchanges waiting for a worker.
  std::size_t workers = 0;                              ///< 0: half of the cores, at least one.
};

/// What never reaches the disk. Lists in the file add to these, so that no default is lost by naming one more.
struct RedactConfig {
  std::vector<std::string> headers{"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"};
  std::vector<std::string> paths{"/body/**/password", "/body/**/access_token", "/body/**/refresh_token"};
  std::vector<std::string> query{"access_token", "token", "api_key", "apikey", "password", "secret", "signature"};
};

/// Limits of the rate of excess mismatches, as shares (0.001 is 0.1 %), and the other conditions of the gate.
struct GateConfig {
  double critical = 0.0001;
  double major = 0.001;
  double minor = 0.01;
  double alpha_pass = 0.05;
  double alpha_fail = 0.01;  ///< Divided by the number of strata.
  std::uint64_t min_samples = 1000;
  std::chrono::seconds min_span{24 * 3600};
  std::chrono::seconds max_age{24 * 3600};
  double max_uncompared = 0.01;
  double max_accepted = 0.05;
  double max_old_failed = 0.01;
  double max_latency_ratio = 1.2;  ///< New's p99 over old's.
};

/// A rule with what people need to know about it.
struct RouteRule {
  diffing::Rule rule;
  std::string reason;
  std::string owner;
  std::string expires;   ///< YYYY-MM-DD, the last day it holds (UTC); empty: never.
  bool expired = false;  ///< Kept in the list to be told about, but not to be compiled.
  int line = 0;          ///< Where it stands in the file; 0 without one.
};

/// The part of a request that tells whose it is, or what it is about.
struct KeyConfig {
  enum class Source : std::uint8_t { none, header, cookie, path, request };
  Source source = Source::none;
  std::string name{};  ///< Of the header (in lower case), the cookie, or the path's parameter.
};

/// A named request pattern with its own stage and rules. The first that matches wins.
struct RouteConfig {
  std::string name;
  std::vector<std::string> methods;  ///< Empty: GET and HEAD are copied; any method matches.
  std::string path;  ///< Template such as `/invoices/{id}`; `/**` at the end takes the rest; empty matches all.
  Stage stage = Stage::shadow;
  KeyConfig key;
  double sample = 1.0;           ///< Share of requests that are copied; with a key, of keys.
  bool order_per_key = false;    ///< Requests of one key reach the other side in the order of old's answers.
  std::vector<RouteRule> rules;  ///< Global rules come first.
  GateConfig gate;
};

/// What becomes of a field that tells of the client and may be there already.
enum class Forwarding : std::uint8_t { off, append, replace };

/// What requests say of the client and of their way, to both sides. Nothing by default: bytes in, bytes out.
struct ForwardConfig {
  bool via = false;                          ///< RFC 9110 section 7.6.3.
  Forwarding forwarded = Forwarding::off;    ///< RFC 7239.
  Forwarding x_forwarded = Forwarding::off;  ///< X-Forwarded-For, -Proto and -Host.
  bool traceparent = false;                  ///< Made where the client sent none: W3C Trace Context.
  bool request_id = false;                   ///< Likewise: X-Request-Id.
  std::string
      instance{};  ///< Names this twinrun in Via and in the marks of copies; a plan makes one up where none is set.
};

struct AdminConfig {
  Endpoint listen{"127.0.0.1", 9400};
  std::vector<std::string> tokens;  ///< Required unless `listen` is loopback.
};

struct Config {
  Endpoint listen{"127.0.0.1", 8080};
  std::size_t loops = 0;                  ///< 0: one per core.
  std::vector<std::string> name_servers;  ///< `address:port` each; empty: those of the system.
  SideConfig old_side;
  SideConfig new_side{.timeout = std::chrono::milliseconds{2000}};
  std::string store = "twinrun.db";
  AdminConfig admin;
  std::optional<ClientTlsConfig> tls;
  AccessLogConfig access_log;
  LimitsConfig limits;
  ForwardConfig forward;
  CompareConfig compare;
  RedactConfig redact;
  std::vector<RouteConfig> routes;          ///< Ends with the route `default`, which matches everything.
  std::chrono::milliseconds drain{10'000};  ///< For requests in flight when told to stop.

  /// Names the builds, the rules in force and the compared headers of a route: what was counted under another epoch is
  /// no evidence. Stable across runs; who wrote a rule and why changes nothing.
  std::string epoch(const RouteConfig& route) const;
};

/// Something wrong with a configuration, with its place: from 1, or 0 where the text has no such place.
struct Problem {
  int line = 0;
  int column = 0;
  std::string message;  ///< What was found and what is allowed.
};

/// What the command line says beside the file, as written; it goes before the file.
struct Overrides {
  std::optional<std::string> old_url;
  std::optional<std::string> new_url;
  std::optional<std::string> listen;
  std::optional<std::string> admin;
  std::optional<std::string> store;
};

/// Reads YAML text. Either the whole configuration or every problem at once, in the order of the text, those of the
/// command line first. `today` is YYYY-MM-DD and decides which rules have expired. Unknown and repeated keys are
/// problems. `${NAME}` in a string is the environment's value; a name that is not set is a problem. Never throws on bad
/// text; hostile text (see yaml_tree.h) is refused in bounded time.
std::variant<Config, std::vector<Problem>> parse_config(std::string_view yaml, std::string_view today,
                                                        const Overrides& overrides = {});

/// The configuration of `serve --old URL --new URL`, or what is wrong with the arguments.
std::variant<Config, std::vector<Problem>> config_for(std::string_view old_url, std::string_view new_url);
std::variant<Config, std::vector<Problem>> config_for(const Overrides& arguments);

/// Reads a YAML list of rules, as a route has it, with paths as they stand; reasons are optional here.
std::variant<std::vector<RouteRule>, std::vector<Problem>> parse_rules(std::string_view yaml, std::string_view today);

}  // namespace comparator
