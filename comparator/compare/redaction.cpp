#include "comparator/compare/redaction.h"

#include <algorithm>
#include <cctype>

#include "comparator/http/head.h"
#include "diffing/document.h"

namespace comparator::compare {
namespace {

constexpr std::string_view kHeaders = "/headers/";
constexpr std::string_view kBody = "/body";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_type(std::string_view media_type, std::string_view wanted) {
  const auto name = media_type.substr(0, media_type.find(';'));
  return http::same_name(name.substr(0, name.find_last_not_of(" \t") + 1), wanted);
}

bool is_form(std::string_view media_type) { return is_type(media_type, "application/x-www-form-urlencoded"); }

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && std::string_view("{[\"").find(text[first]) != std::string_view::npos;
}

// What a pattern ends in: the name of a member, in lower case; empty if that is no plain name, and may be anything.
std::string last_name(std::string_view place) {
  const auto name = place.substr(place.rfind('/') + 1);
  const bool index = name.find_first_not_of("0123456789") == std::string_view::npos;
  const bool plain = place != kBody && !index && name.find_first_of("*[~") == std::string_view::npos;
  return plain ? lower(name) : std::string();
}

// Names that hide a value wherever they stand. Empty ones among them: some place has no name of its own.
std::vector<std::string> hidden_names(const RedactConfig& redact) {
  auto names = redact.query;
  for (const auto& place : redact.paths) names.push_back(last_name(place));
  return names;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0;
    out += coded ? static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

// A parameter is hidden by its name, or by the last part of one such as user[password].
bool hides(const std::vector<std::string>& names, std::string_view parameter) {
  const auto name = percent_decoded(parameter);
  if (is_named(names, name)) return true;
  const auto open = name.rfind('[');
  return open != std::string::npos && name.ends_with(']') &&
         is_named(names, std::string_view(name).substr(open + 1, name.size() - open - 2));
}

// Pairs NAME=VALUE, as in a query, a fragment or a form. A pair begins behind any mark; a value ends at the next `&`.
std::string redact_pairs(std::string_view pairs, const std::vector<std::string>& names) {
  std::string out;
  while (!pairs.empty()) {
    auto end = std::min(pairs.find_first_of("&?#"), pairs.size());
    const auto equals = pairs.substr(0, end).find('=');
    if (equals != std::string_view::npos && hides(names, pairs.substr(0, equals))) {
      out.append(pairs.substr(0, equals + 1)).append(kRedacted);
      end = std::min(pairs.find('&'), pairs.size());
    } else {
      out += pairs.substr(0, end);
    }
    if (end < pairs.size()) out += pairs[end];
    pairs.remove_prefix(std::min(end + 1, pairs.size()));
  }
  return out;
}

// Of what cannot be parsed, because it was cut or is not what it says.
bool may_hold_secret(std::string_view text, const RedactConfig& redact) {
  if (text.find("\\u") != std::string_view::npos) return true;  // may write any name
  const auto names = hidden_names(redact);
  const auto all = lower(text);
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return all.find(name) != std::string::npos; });
}

std::string unless_secret(std::string text, const RedactConfig& redact) {
  return may_hold_secret(text, redact) ? std::string(kRedacted) : text;
}

// A value that is missing, extra or of another type as a whole may hold a secret inside; a cut one is not JSON any
// more.
std::string redact_value(std::string value, const std::string& path, std::string_view media_type, const Plan& plan) {
  if (value.empty()) return value;
  if (path.starts_with(kBody) && is_form(media_type) && !looks_like_json(value)) {
    return redact_pairs(value, hidden_names(plan.config.redact));
  }
  const char first = value[std::min(value.find_first_not_of(" \t\r\n"), value.size() - 1)];
  if (first == '{' || first == '[') {
    auto clean = plan.redacted_places.redact(value, path);
    return clean ? std::move(*clean) : std::string(kRedacted);
  }
  const bool whole_body = path == kBody;
  return whole_body && diffing::is_json(media_type) ? redact_body(std::move(value), media_type, plan) : value;
}

}  // namespace

bool is_named(const std::vector<std::string>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& entry) { return http::same_name(entry, name); });
}

bool holds_url(std::string_view field_name) {
  return http::same_name(field_name, "location") || http::same_name(field_name, "content-location") ||
         http::same_name(field_name, "referer");
}

std::string redact_query(std::string_view target, const std::vector<std::string>& names) {
  const auto begin = target.find_first_of("?#");
  if (begin == std::string_view::npos) return std::string(target);
  return std::string(target.substr(0, begin + 1)) + redact_pairs(target.substr(begin + 1), names);
}

std::string redact_body(std::string body, std::string_view media_type, const Plan& plan) {
  const auto& redact = plan.config.redact;
  if (looks_like_json(body) || diffing::is_json(media_type)) {
    if (plan.redacted_places.empty()) return body;
    auto clean = plan.redacted_places.redact(body, kBody);
    return clean ? std::move(*clean) : unless_secret(std::move(body), redact);
  }
  if (is_form(media_type)) return redact_pairs(body, hidden_names(redact));
  return is_type(media_type, "multipart/form-data") ? unless_secret(std::move(body), redact) : body;
}

void redact_differences(std::vector<diffing::Difference>& differences, std::string_view old_type,
                        std::string_view new_type, const Plan& plan) {
  for (auto& difference : differences) {
    bool secret = plan.redacted_places.covers(difference.path);
    if (difference.path.starts_with(kHeaders)) {
      const auto rest = std::string_view(difference.path).substr(kHeaders.size());
      const auto name = rest.substr(0, rest.find('/'));
      secret |= is_named(plan.config.redact.headers, name);
      if (holds_url(name)) {
        difference.old_value = redact_query(difference.old_value, plan.config.redact.query);
        difference.new_value = redact_query(difference.new_value, plan.config.redact.query);
      }
    }
    if (secret) {
      if (!difference.old_value.empty()) difference.old_value = kRedacted;
      if (!difference.new_value.empty()) difference.new_value = kRedacted;
      difference.identity.clear();
      continue;
    }
    difference.old_value = redact_value(std::move(difference.old_value), difference.path, old_type, plan);
    difference.new_value = redact_value(std::move(difference.new_value), difference.path, new_type, plan);
  }
}

}  // namespace comparator::compare
