#include "comparator/config/sections.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "comparator/config/characters.h"
#include "comparator/config/endpoint.h"
#include "comparator/config/fields.h"

namespace comparator {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMinToken = 16;  // 96 bits of base64: out of reach of guessing over a network
constexpr std::uint64_t kKiB = std::uint64_t{1} << 10;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;

void read_url(Reader& reader, const Node& node, SideConfig& side) {
  const auto url = reader.text(node);
  if (!url) return;
  auto parsed = parse_service_url(*url);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    return reader.not_allowed(node, fmt::format("http://host, https://host:port or unix:/path: {}", *wrong));
  }
  side.url = *url;
  side.endpoint = std::get<ServiceUrl>(parsed).endpoint;
  side.secure = std::get<ServiceUrl>(parsed).secure;
}

bool is_good_token(std::string_view token) {
  return token.size() >= kMinToken &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void read_tokens(Reader& reader, const Node& node, AdminConfig& admin) {
  reader.each_text(node, [&](const Node& item, std::string token) {
    if (is_good_token(token)) {
      admin.tokens.push_back(std::move(token));
    } else {  // a token is never shown, not even a bad one
      reader.problem(item, fmt::format("a token has at least {} characters, none of them a space or beyond ASCII; this "
                                       "one has {} characters",
                                       kMinToken, token.size()));
    }
  });
}

/// Field names in lower case, behind those in `names` already.
void add_header_names(Reader& reader, const Node& node, std::vector<std::string>& names) {
  reader.each_text(node, [&](const Node& item, const std::string& header) {
    if (!std::all_of(header.begin(), header.end(), is_token)) return reader.not_allowed(item, "the name of a header");
    if (std::find(names.begin(), names.end(), lower(header)) == names.end()) names.push_back(lower(header));
  });
}

void read_redacted_paths(Reader& reader, const Node& node, RedactConfig& redact) {
  reader.each_text(node, [&](const Node& item, const std::string& path) {
    const std::string_view first_step = std::string_view(path).substr(0, path.find('/', 1));
    if (first_step != "/body" && first_step != "/**") {
      return reader.not_allowed(item, "a path that begins with /body or /**");
    }
    const auto compiled = diffing::PlaceSet::compile(std::span(&path, 1));
    if (const auto* errors = std::get_if<std::vector<diffing::RuleError>>(&compiled)) {
      for (const auto& error : *errors) reader.problem(item, error.message);
    } else {
      redact.paths.push_back(path);
    }
  });
}

void read_side_tls(Reader& reader, const Node& node, SideConfig& side) {
  static const Fields<SideTlsConfig> fields{
      {"verify", flag_into(&SideTlsConfig::verify)},
      {"ca", text_into(&SideTlsConfig::ca)},
      {"server_name", text_into(&SideTlsConfig::server_name)},
      {"certificate", text_into(&SideTlsConfig::certificate)},
      {"key", text_into(&SideTlsConfig::key)},
  };
  read_mapping(reader, node, fields, side.tls, "a mapping such as {ca: /etc/ssl/own-ca.pem}");
  if (side.tls.certificate.empty() != side.tls.key.empty()) {
    reader.problem(node, "`certificate` and `key` come together");
  }
}

void read_breaker(Reader& reader, const Node& node, SideConfig& side) {
  static const Fields<BreakerConfig> fields{
      {"failures", count_into(&BreakerConfig::failures, 0, 1'000'000)},
      {"pause", duration_into(&BreakerConfig::pause, 1ms, 1h)},
  };
  read_mapping(reader, node, fields, side.breaker, "a mapping such as {failures: 50, pause: 5s}");
}

void read_min_version(Reader& reader, const Node& node, ClientTlsConfig& tls) {
  const auto text = reader.text(node);
  if (!text) return;
  if (*text != "1.2" && *text != "1.3") return reader.not_allowed(node, "1.2 or 1.3");
  tls.min_version = *text == "1.3" ? TlsVersion::tls_1_3 : TlsVersion::tls_1_2;
}

auto forwarding_into(Forwarding ForwardConfig::*member) {
  return [member](Reader& reader, const Node& node, ForwardConfig& forward) {
    const auto text = reader.text(node);
    if (!text) return;
    constexpr std::pair<std::string_view, Forwarding> kWords[] = {
        {"off", Forwarding::off}, {"append", Forwarding::append}, {"replace", Forwarding::replace}};
    for (const auto& [word, meaning] : kWords) {
      if (*text == word) forward.*member = meaning;
    }
    const bool known = std::any_of(std::begin(kWords), std::end(kWords), [&](auto& w) { return w.first == *text; });
    if (!known) reader.not_allowed(node, "off, append or replace");
  };
}

}  // namespace

void read_side(Reader& reader, const Node& node, SideConfig& side) {
  static const Fields<SideConfig> fields{
      {"url", read_url},
      {"build", text_into(&SideConfig::build)},
      {"tls", read_side_tls},
      {"connect_timeout", duration_into(&SideConfig::connect_timeout, 1ms, 5min)},
      {"timeout", duration_into(&SideConfig::timeout, 1ms, 1h)},
      {"idle_connections", count_into(&SideConfig::idle_connections, 0, 100'000)},
      {"idle_timeout", duration_into(&SideConfig::idle_timeout, 1ms, 1h)},
      {"max_in_flight", count_into(&SideConfig::max_in_flight, 1, 100'000)},
      {"max_rate", count_into(&SideConfig::max_rate, 0, 10'000'000)},
      {"warm_up", duration_into(&SideConfig::warm_up, 0ms, 24h)},
      {"breaker", read_breaker},
      {"rewrite", [](Reader& r, const Node& n, SideConfig& s) { read_rewrite(r, n, s.rewrite); }},
  };
  read_mapping(reader, node, fields, side, "a mapping such as {url: http://10.0.0.5:8080}");
}

void read_client_tls(Reader& reader, const Node& node, std::optional<ClientTlsConfig>& tls) {
  static const Fields<ClientTlsConfig> fields{
      {"certificate", text_into(&ClientTlsConfig::certificate)},
      {"key", text_into(&ClientTlsConfig::key)},
      {"min_version", read_min_version},
  };
  tls.emplace();
  read_mapping(reader, node, fields, *tls, "a mapping such as {certificate: chain.pem, key: key.pem}");
  if (tls->certificate.empty() || tls->key.empty()) reader.problem(node, "both `certificate` and `key` are needed");
}

void read_endpoint(Reader& reader, const Node& node, Endpoint& endpoint) {
  const auto text = reader.text(node);
  if (!text) return;
  auto parsed = parse_endpoint(*text);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) {
    return reader.not_allowed(node, fmt::format("host:port, such as 127.0.0.1:8080 or [::]:8080: {}", *wrong));
  }
  endpoint = std::get<Endpoint>(std::move(parsed));
}

void read_name_servers(Reader& reader, const Node& node, std::vector<std::string>& servers) {
  reader.each_text(node, [&](const Node& item, const std::string& text) {
    const auto parsed = parse_address(text, 53);
    if (const auto* wrong = std::get_if<std::string>(&parsed)) {
      return reader.not_allowed(item, fmt::format("the address of a name server, such as 10.0.0.2: {}", *wrong));
    }
    const auto& server = std::get<Endpoint>(parsed);
    const bool v6 = server.host.find(':') != std::string::npos;
    servers.push_back(v6 ? fmt::format("[{}]:{}", server.host, server.port)
                         : fmt::format("{}:{}", server.host, server.port));
  });
}

std::string store_problem(std::string_view store) {
  const auto scheme_end = store.find("://");
  const std::string scheme = scheme_end == std::string_view::npos ? "" : lower(store.substr(0, scheme_end));
  if (scheme == "postgresql" || scheme == "postgres")
    return "PostgreSQL is not supported yet; the store is an SQLite file";
  if (!scheme.empty() || lower(store.substr(0, 5)) == "file:") return "the store is the name of a file, not a URL";
  if (store.substr(0, 1) == ":") return "the store is a file; one in memory would be lost with the process";
  return {};
}

void read_store(Reader& reader, const Node& node, std::string& store) {
  const auto text = reader.text(node);
  if (!text) return;
  // What stands in the text may hold a password, so it is not repeated.
  if (const auto problem = store_problem(*text); !problem.empty()) return reader.problem(node, problem);
  store = *text;
}

void read_admin(Reader& reader, const Node& node, AdminConfig& admin) {
  static const Fields<AdminConfig> fields{
      {"listen", [](Reader& r, const Node& n, AdminConfig& a) { read_endpoint(r, n, a.listen); }},
      {"tokens", read_tokens},
  };
  read_mapping(reader, node, fields, admin, "a mapping such as {listen: 127.0.0.1:9400}");
}

void read_access_log(Reader& reader, const Node& node, AccessLogConfig& log) {
  static const Fields<AccessLogConfig> fields{
      {"file", text_into(&AccessLogConfig::file)},
      {"format",
       [](Reader& r, const Node& n, AccessLogConfig& c) {
         const auto text = r.text(n);
         if (!text) return;
         if (*text != "json" && *text != "combined") return r.not_allowed(n, "json or combined");
         c.format = *text == "json" ? AccessLogConfig::Format::json : AccessLogConfig::Format::combined;
       }},
  };
  read_mapping(reader, node, fields, log, "a mapping such as {file: /var/log/twinrun/access.log, format: json}");
  if (log.file.empty()) reader.problem(node, "`file` is missing; `-` is the standard output");
}

void read_limits(Reader& reader, const Node& node, LimitsConfig& limits) {
  static const Fields<LimitsConfig> fields{
      {"head_bytes", size_into(&LimitsConfig::head_bytes, kKiB, 16 * kMiB)},
      {"header_count", count_into(&LimitsConfig::header_count, 1, 10'000)},
      {"target_bytes", size_into(&LimitsConfig::target_bytes, 64, 16 * kMiB)},
      {"body_bytes", size_into(&LimitsConfig::body_bytes, 0, kTiB)},
      {"head_timeout", duration_into(&LimitsConfig::head_timeout, 1ms, 1h)},
      {"body_timeout", duration_into(&LimitsConfig::body_timeout, 1ms, 1h)},
      {"idle_timeout", duration_into(&LimitsConfig::idle_timeout, 1ms, 24h)},
      {"write_timeout", duration_into(&LimitsConfig::write_timeout, 1ms, 1h)},
      {"request_timeout", duration_into(&LimitsConfig::request_timeout, 0ms, 24h)},
      {"requests_per_connection", count_into(&LimitsConfig::requests_per_connection, 0, 1'000'000'000)},
      {"connections", count_into(&LimitsConfig::connections, 1, 1'000'000)},
      {"connections_per_address", count_into(&LimitsConfig::connections_per_address, 0, 1'000'000)},
      {"buffered", size_into(&LimitsConfig::buffered, 16 * kKiB, 16 * kMiB)},
      {"buffered_in_all", size_into(&LimitsConfig::buffered_in_all, kMiB, kTiB)},
  };
  read_mapping(reader, node, fields, limits, "a mapping such as {body_bytes: 64MiB, head_timeout: 10s}");
}

void read_forward(Reader& reader, const Node& node, ForwardConfig& forward) {
  static const Fields<ForwardConfig> fields{
      {"via", flag_into(&ForwardConfig::via)},
      {"forwarded", forwarding_into(&ForwardConfig::forwarded)},
      {"x_forwarded", forwarding_into(&ForwardConfig::x_forwarded)},
      {"traceparent", flag_into(&ForwardConfig::traceparent)},
      {"request_id", flag_into(&ForwardConfig::request_id)},
      {"instance",
       [](Reader& r, const Node& n, ForwardConfig& f) {
         const auto text = r.text(n);
         if (text && (text->empty() || !std::all_of(text->begin(), text->end(), is_token))) {
           return r.not_allowed(n, "a name of letters, digits and hyphens, such as edge-1");
         }
         f.instance = text.value_or("");
       }},
  };
  read_mapping(reader, node, fields, forward, "a mapping such as {x_forwarded: append}");
}

void read_compare(Reader& reader, const Node& node, CompareConfig& compare) {
  static const Fields<CompareConfig> fields{
      {"headers",
       [](Reader& r, const Node& n, CompareConfig& c) {
         c.headers.clear();
         add_header_names(r, n, c.headers);
       }},
      {"max_body", size_into(&CompareConfig::max_body_bytes, 0, std::uint64_t{1} << 30)},
      {"max_held", size_into(&CompareConfig::max_held_bytes, kMiB, kTiB)},
      {"queue", count_into(&CompareConfig::queue, 1, 1'000'000)},
      {"workers", count_into(&CompareConfig::workers, 0, 1024)},
  };
  read_mapping(reader, node, fields, compare, "a mapping such as {headers: [content-type], max_body: 4MiB}");
}

void read_redact(Reader& reader, const Node& node, RedactConfig& redact) {
  static const Fields<RedactConfig> fields{
      {"headers", [](Reader& r, const Node& n, RedactConfig& c) { add_header_names(r, n, c.headers); }},
      {"paths", read_redacted_paths},
      {"query",
       [](Reader& r, const Node& n, RedactConfig& c) {
         for (auto& parameter : r.texts(n)) c.query.push_back(std::move(parameter));
       }},
  };
  read_mapping(reader, node, fields, redact, "a mapping such as {headers: [x-session], paths: [/body/**/pin]}");
}

}  // namespace comparator
