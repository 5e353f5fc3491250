#include "comparator/shadow/rewrite.h"

#include <algorithm>

#include "comparator/http/head.h"

namespace comparator::shadow {
namespace {

// The whole prefix, and not a part of a segment: /shop is none of /shopping.
std::string rewrite_path(std::string_view path, const RewriteConfig& rewrite) {
  const auto& from = rewrite.prefix_from;
  const bool begins = path.starts_with(from) && (path.size() == from.size() || path[from.size()] == '/');
  if (!begins || (from.empty() && rewrite.prefix_to.empty())) return std::string(path);
  std::string out = rewrite.prefix_to;
  out += path.substr(from.size());
  return out.empty() ? "/" : out;
}

bool names(const std::vector<RewriteConfig::Pair>& pairs, std::string_view name) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const auto& pair) { return pair.first == name; });
}

std::string rewrite_query(std::string_view query, const RewriteConfig& rewrite) {
  std::string out;
  const auto add = [&](std::string_view parameter) { (out += out.empty() ? "" : "&") += parameter; };
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto parameter = query.substr(0, end);
    const auto name = parameter.substr(0, parameter.find('='));
    const auto& removed = rewrite.remove_query;
    const bool gone = std::find(removed.begin(), removed.end(), name) != removed.end();
    if (!gone && !names(rewrite.set_query, name) && !parameter.empty()) add(parameter);
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  for (const auto& [name, value] : rewrite.set_query) {
    add(name);
    out.append("=").append(value);
  }
  return out;
}

std::string rewrite_target(std::string_view target, const RewriteConfig& rewrite) {
  if (!target.starts_with('/')) return std::string(target);  // `*` asks about the server, not about a path
  const auto mark = std::min(target.find('?'), target.size());
  std::string out = rewrite_path(target.substr(0, mark), rewrite);
  if (rewrite.remove_query.empty() && rewrite.set_query.empty()) return out.append(target.substr(mark));
  const auto query = rewrite_query(target.substr(std::min(mark + 1, target.size())), rewrite);
  if (!query.empty()) out.append("?").append(query);
  return out;
}

// Nothing where the field goes on as it is.
bool is_replaced(std::string_view name, const RewriteConfig& rewrite) {
  const auto same = [&](std::string_view other) { return http::same_name(name, other); };
  const auto& removed = rewrite.remove_headers;
  return std::any_of(removed.begin(), removed.end(), same) ||
         std::any_of(rewrite.set_headers.begin(), rewrite.set_headers.end(),
                     [&](const auto& pair) { return same(pair.first); });
}

}  // namespace

std::string rewritten(std::string_view head, const RewriteConfig& rewrite) {
  std::string out;
  out.reserve(head.size() + 256);
  const auto target_at = head.find(' ') + 1;
  const auto target_end = head.find(' ', target_at);
  out += head.substr(0, target_at);
  out += rewrite_target(head.substr(target_at, target_end - target_at), rewrite);
  auto at = head.find("\r\n", target_end) + 2;
  out += head.substr(target_end, at - target_end);
  while (at < head.size() && head[at] != '\r') {
    const auto end = head.find("\r\n", at) + 2;
    const auto line = head.substr(at, end - at);
    const auto name = line.substr(0, line.find(':'));
    at = end;
    if (!rewrite.host.empty() && http::same_name(name, "host")) {
      out.append(name).append(": ").append(rewrite.host).append("\r\n");
    } else if (!is_replaced(name, rewrite)) {
      out += line;
    }
  }
  for (const auto& [name, value] : rewrite.set_headers) out.append(name).append(": ").append(value).append("\r\n");
  return out += "\r\n";
}

}  // namespace comparator::shadow
