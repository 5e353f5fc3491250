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
  auto endpoint = parse_url(*url);
  if (const auto* wrong = std::get_if<std::string>(&endpoint)) {
    return reader.not_allowed(node, fmt::format("http://host or http://host:port: {}", *wrong));
  }
  side.url = *url;
  side.endpoint = std::get<Endpoint>(std::move(endpoint));
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

}  // namespace

void read_side(Reader& reader, const Node& node, SideConfig& side) {
  static const Fields<SideConfig> fields{
      {"url", read_url},
      {"build", text_into(&SideConfig::build)},
      {"connect_timeout", duration_into(&SideConfig::connect_timeout, 1ms, 5min)},
      {"timeout", duration_into(&SideConfig::timeout, 1ms, 1h)},
      {"idle_connections", count_into(&SideConfig::idle_connections, 0, 100'000)},
      {"idle_timeout", duration_into(&SideConfig::idle_timeout, 1ms, 1h)},
      {"max_in_flight", count_into(&SideConfig::max_in_flight, 1, 100'000)},
  };
  read_mapping(reader, node, fields, side, "a mapping such as {url: http://10.0.0.5:8080}");
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
      {"connections", count_into(&LimitsConfig::connections, 1, 1'000'000)},
  };
  read_mapping(reader, node, fields, limits, "a mapping such as {body_bytes: 64MiB, head_timeout: 10s}");
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
