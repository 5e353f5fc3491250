#include "comparator/http/start_line.h"

#include <algorithm>

namespace comparator::http {
namespace {

bool read_version(std::string_view text, int& minor, Refusal& refusal) {
  if (text.size() != 8 || text.substr(0, 5) != "HTTP/" || !digit(text[5]) || text[6] != '.' || !digit(text[7])) {
    refusal = {400, "bad protocol version"};
    return false;
  }
  if (text[5] != '1' || text[7] > '1') {
    refusal = {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
    return false;
  }
  minor = text[7] - '0';
  return true;
}

bool valid_target(std::string_view target) {
  return std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

std::size_t scheme_bytes(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (same_name(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

// RFC 9112 section 3.2.2; https too, since TLS may have ended in front of us.
bool split_absolute(RequestHead& head, std::string_view rest, Refusal& refusal) {
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  head.authority = rest.substr(0, slash);
  head.path = rest.substr(slash);
  if (head.path.empty()) head.path = head.method == "OPTIONS" ? "*" : "/";
  if (!head.authority.empty() && valid_authority(head.authority)) return true;
  refusal = {400, "bad absolute request target"};
  return false;
}

bool split_target(RequestHead& head, Refusal& refusal) {
  const auto target = head.target;
  head.authority = {};
  head.path = target;
  if (head.method == "CONNECT") {
    refusal = {405, "CONNECT is not served here"};
    return false;
  }
  if (target.front() == '/') return true;
  if (target == "*" && head.method == "OPTIONS") return true;
  if (const auto scheme = scheme_bytes(target)) return split_absolute(head, target.substr(scheme), refusal);
  refusal = {400, "bad request target"};
  return false;
}

}  // namespace

bool valid_authority(std::string_view text) {
  std::size_t at = 0;
  if (!text.empty() && text.front() == '[') {
    at = text.find(']');
    if (at == std::string_view::npos || at == 1) return false;
    const auto inside = text.substr(1, at - 1);
    if (inside.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) return false;
    ++at;
  } else {
    at = std::min(text.find(':'), text.size());
    constexpr std::string_view kSubDelims = "-._~!$&'()*+,;=%";
    const auto name_char = [&](char c) {
      return digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || kSubDelims.find(c) != std::string_view::npos;
    };
    if (!std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), name_char)) return false;
  }
  if (at == text.size()) return true;
  const auto port = text.substr(at + 1);
  return text[at] == ':' && port.size() <= 5 && std::all_of(port.begin(), port.end(), digit);
}

Parsed read_request_line(Reader& reader, const HeadLimits& limits, RequestHead& head, Refusal& refusal) {
  const char* start = reader.at;
  const char* method_end = find_token_end(start, reader.end);
  if (method_end - start > 32) return refusal = {501, "method too long"}, Parsed::bad;
  if (method_end == reader.end) return Parsed::partial;
  if (method_end == start || *method_end != ' ') return refusal = {400, "bad request line"}, Parsed::bad;

  const char* target = method_end + 1;
  const char* line_end = find_control(target, reader.end);
  const auto rest = std::string_view(target, static_cast<std::size_t>(line_end - target));
  const auto target_end = std::min(rest.find(' '), rest.size());
  if (target_end > limits.target) return refusal = {414, "request target too long"}, Parsed::bad;
  if (line_end == reader.end) return Parsed::partial;
  reader.at = line_end;
  const Line line = read_crlf(reader, refusal);
  if (line == Line::partial) return Parsed::partial;
  if (line == Line::bad) return Parsed::bad;

  head.method = {start, static_cast<std::size_t>(method_end - start)};
  head.target = rest.substr(0, target_end);
  head.start_line = {start, static_cast<std::size_t>(reader.at - start)};
  if (head.target.empty() || target_end == rest.size() || !valid_target(head.target)) {
    return refusal = {400, "bad request line"}, Parsed::bad;
  }
  if (!read_version(rest.substr(target_end + 1), head.minor_version, refusal)) return Parsed::bad;
  return split_target(head, refusal) ? Parsed::whole : Parsed::bad;
}

Parsed read_status_line(Reader& reader, AnswerHead& head, Refusal& refusal) {
  const char* start = reader.at;
  const char* line_end = find_control(start, reader.end);
  constexpr std::string_view kBegin = "HTTP/1.";
  const auto seen = std::string_view(start, static_cast<std::size_t>(line_end - start));
  if (seen.substr(0, kBegin.size()) != kBegin.substr(0, std::min(kBegin.size(), seen.size()))) {
    return refusal = {502, "not an HTTP/1 answer"}, Parsed::bad;
  }
  if (line_end == reader.end) return Parsed::partial;
  reader.at = line_end;
  const Line line = read_crlf(reader, refusal);
  if (line == Line::partial) return Parsed::partial;
  if (line == Line::bad) return Parsed::bad;
  // HTTP/1.x SP 3DIGIT, then SP and a reason; the SP before an empty reason is often forgotten.
  if (seen.size() < 12 || seen[8] != ' ' || !std::all_of(seen.begin() + 9, seen.begin() + 12, digit) ||
      (seen.size() > 12 && seen[12] != ' ') || seen[9] < '1' || seen[9] > '5') {
    return refusal = {502, "bad status line"}, Parsed::bad;
  }
  if (!read_version(seen.substr(0, 8), head.minor_version, refusal)) return Parsed::bad;
  head.status = (seen[9] - '0') * 100 + (seen[10] - '0') * 10 + (seen[11] - '0');
  head.start_line = {start, static_cast<std::size_t>(reader.at - start)};
  return Parsed::whole;
}

}  // namespace comparator::http
