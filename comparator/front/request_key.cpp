#include "comparator/front/request_key.h"

#include <algorithm>

namespace comparator::front {
namespace {

constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325U;

// FNV-1a (draft-eastlake-fnv): stable, simple; what it lacks in spread the finish below gives.
std::uint64_t hash(std::string_view text, std::uint64_t value = kFnvBasis) {
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return value;
}

// The finish of splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t finish(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::optional<std::string_view> header(const http::RequestHead& head, std::string_view name) {
  for (const auto& field : head.fields) {
    if (http::same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

// RFC 6265 section 4.2: pairs behind semicolons; names have a case.
std::optional<std::string_view> cookie(const http::RequestHead& head, std::string_view name) {
  for (const auto& field : head.fields) {
    if (!http::same_name(field.name, "cookie")) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(';'), rest.size());
      auto pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
        return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> segment(std::string_view path, std::size_t index) {
  path = path.substr(0, path.find('?'));
  for (std::size_t i = 0; !path.empty(); ++i) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    if (i == index) return path.substr(0, end);
    path.remove_prefix(end);
  }
  return std::nullopt;
}

std::uint64_t whole(const http::RequestHead& head) {
  std::uint64_t value = hash(head.start_line);
  for (const auto& field : head.fields) value = hash(field.line, value);
  return value;
}

}  // namespace

std::optional<std::uint64_t> key_of(const http::RequestHead& head, const Route& route) {
  using Source = KeyConfig::Source;
  const auto& key = route.config().key;
  std::optional<std::string_view> text;
  switch (key.source) {
    case Source::none: return std::nullopt;
    case Source::request: return finish(whole(head));
    case Source::header: text = header(head, key.name); break;
    case Source::cookie: text = cookie(head, key.name); break;
    case Source::path: text = segment(head.path, route.key_segment()); break;
  }
  if (!text) return std::nullopt;
  return finish(hash(*text));
}

bool in_share(std::uint64_t key, double share) {
  return share >= 1.0 || static_cast<double>(key >> 11) * 0x1.0p-53 < share;
}

}  // namespace comparator::front
