#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "comparator/config/characters.h"
#include "comparator/config/fields.h"
#include "comparator/config/sections.h"

namespace comparator {
namespace {

bool is_name(std::string_view name) { return !name.empty() && std::all_of(name.begin(), name.end(), is_token); }

/// Those that frame a message, belong to one hop or are ours.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 11> kReserved{
      "connection", "content-length",    "expect",  "host",          "keep-alive", "proxy-connection", "te",
      "trailer",    "transfer-encoding", "upgrade", "x-twinrun-role"};
  return std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

void check_header(Reader& reader, const Node& place, const std::string& name) {
  if (!is_name(name)) return reader.not_allowed(place, "the name of a header");
  if (is_reserved(lower(name))) {
    reader.not_allowed(place,
                       "a header that neither frames the message nor belongs to the connection, nor `host`, "
                       "which has a key of its own");
  }
}

/// Nothing but what may stand in a path or query as it is (RFC 3986 section 3.3 and 3.4).
bool is_target_text(std::string_view text, std::string_view also) {
  const auto good = [&](char c) {
    return is_alnum(c) || std::string_view("-._~!$'()*+,;:@%").find(c) != std::string_view::npos ||
           also.find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.end(), good);
}

void read_prefix_part(Reader& reader, const Node& node, std::string& part) {
  const auto text = reader.text(node);
  if (!text) return;
  if (text->front() != '/' || !is_target_text(*text, "/&=")) return reader.not_allowed(node, "a path such as /api/v1");
  part = *text;
  while (!part.empty() && part.back() == '/') part.pop_back();
}

void read_prefix(Reader& reader, const Node& node, RewriteConfig& rewrite) {
  static const Fields<RewriteConfig> fields{
      {"from", [](Reader& r, const Node& n, RewriteConfig& c) { read_prefix_part(r, n, c.prefix_from); }},
      {"to", [](Reader& r, const Node& n, RewriteConfig& c) { read_prefix_part(r, n, c.prefix_to); }},
  };
  read_mapping(reader, node, fields, rewrite, "a mapping such as {from: /shop, to: /v2/shop}");
}

void read_query(Reader& reader, const Node& node, RewriteConfig& rewrite) {
  static const Fields<RewriteConfig> fields{
      {"remove",
       [](Reader& r, const Node& n, RewriteConfig& c) {
         r.each_text(n, [&](const Node& item, std::string name) {
           if (!is_target_text(name, "/?")) return r.not_allowed(item, "a parameter's name as it stands in the query");
           c.remove_query.push_back(std::move(name));
         });
       }},
      {"set",
       [](Reader& r, const Node& n, RewriteConfig& c) {
         r.each_pair(n, [&](const Node& name, const Node& place, std::string value) {
           if (!is_target_text(name.text, "/?") || !is_target_text(value, "/?=")) {
             return r.problem(place, "name and value stand in the query as they are here: percent-encode the rest");
           }
           c.set_query.emplace_back(name.text, std::move(value));
         });
       }},
  };
  read_mapping(reader, node, fields, rewrite, "a mapping such as {remove: [debug], set: {version: 2}}");
}

void read_headers(Reader& reader, const Node& node, RewriteConfig& rewrite) {
  static const Fields<RewriteConfig> fields{
      {"remove",
       [](Reader& r, const Node& n, RewriteConfig& c) {
         r.each_text(n, [&](const Node& item, const std::string& name) {
           check_header(r, item, name);
           c.remove_headers.push_back(lower(name));
         });
       }},
      {"set",
       [](Reader& r, const Node& n, RewriteConfig& c) {
         r.each_pair(n, [&](const Node& name, const Node&, std::string value) {
           check_header(r, name, name.text);
           c.set_headers.emplace_back(name.text, std::move(value));
         });
       }},
  };
  read_mapping(reader, node, fields, rewrite, "a mapping such as {remove: [x-debug], set: {x-env: trial}}");
}

void read_host(Reader& reader, const Node& node, RewriteConfig& rewrite) {
  const auto text = reader.text(node);
  if (!text) return;
  const bool good = std::all_of(text->begin(), text->end(), [](char c) {
    return is_alnum(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
  if (!good) return reader.not_allowed(node, "a host name, perhaps with a port");
  rewrite.host = *text;
}

}  // namespace

void read_rewrite(Reader& reader, const Node& node, RewriteConfig& rewrite) {
  static const Fields<RewriteConfig> fields{
      {"prefix", read_prefix}, {"host", read_host}, {"query", read_query}, {"headers", read_headers}};
  read_mapping(reader, node, fields, rewrite, "a mapping such as {prefix: {from: /shop, to: /v2}, host: new.internal}");
}

}  // namespace comparator
