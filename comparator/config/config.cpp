#include "comparator/config/config.h"

#include <fmt/format.h>

#include <algorithm>

namespace comparator {
namespace {

/// FNV-1a over texts with their lengths, so that no two lists of texts look alike.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (std::uint64_t size = text.size(), i = 0; i < 8; ++i, size >>= 8) add_byte(static_cast<unsigned char>(size));
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
  }
  void add(const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  }
  std::string hex() const { return fmt::format("{:016x}", hash_); }

 private:
  void add_byte(unsigned char byte) {
    hash_ ^= byte;
    hash_ *= 0x100000001b3;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

void add(Fingerprint& fingerprint, const diffing::Rule& rule) {
  fingerprint.add(diffing::name(rule.verb));
  fingerprint.add(rule.path);
  fingerprint.add(rule.by);
  fingerprint.add(rule.absolute.value_or(""));
  fingerprint.add(rule.relative.value_or(""));
  fingerprint.add(rule.decimals ? std::to_string(*rule.decimals) : "");
  fingerprint.add(rule.time_ms ? std::to_string(*rule.time_ms) : "");
  fingerprint.add(rule.argument);
  fingerprint.add(rule.absent);
}

}  // namespace

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::old: return "old";
    case Stage::shadow: return "shadow";
    case Stage::canary: return "canary";
    case Stage::reverse: return "reverse";
    case Stage::new_: return "new";
  }
  return "";
}

std::string Config::epoch(const RouteConfig& route) const {
  Fingerprint fingerprint;
  fingerprint.add(old_side.build);
  fingerprint.add(new_side.build);
  std::vector<std::string> headers = compare.headers;
  std::sort(headers.begin(), headers.end());
  fingerprint.add(headers);
  for (const RouteRule& each : route.rules) {
    if (!each.expired) add(fingerprint, each.rule);
  }
  return fingerprint.hex();
}

}  // namespace comparator
