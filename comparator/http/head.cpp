#include "comparator/http/head.h"

#include <algorithm>
#include <array>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace comparator::http {
namespace {

constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool token_char(char c) { return kTokenChars[static_cast<unsigned char>(c)]; }
bool digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

// The first control character but HTAB, or `end`: a field value ends at its CR and may hold none before it.
const char* find_control(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i high = _mm_set1_epi8(static_cast<char>(0x80));
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Unsigned "below 0x20": flip the top bit and compare signed.
    const __m128i below = _mm_cmplt_epi8(_mm_xor_si128(block, high), _mm_xor_si128(space, high));
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(block, tab), below), _mm_cmpeq_epi8(block, del));
    const int mask = _mm_movemask_epi8(bad);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && !control(*at)) ++at;
  return at;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Visit>
void each_list_item(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto item = trim(list.substr(0, comma));
    if (!item.empty()) visit(item);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

// What one line or section came to.
enum class Line : std::uint8_t { ok, partial, bad, end };

struct Reader {
  const char* at;
  const char* end;

  std::size_t left() const { return static_cast<std::size_t>(end - at); }
};

// CR LF, where `reader.at` stands at what should be the CR.
Line read_crlf(Reader& reader, Refusal& refusal) {
  if (reader.left() == 0) return Line::partial;
  if (*reader.at != '\r') {
    refusal = {400, *reader.at == '\n' ? "bare LF" : "control character"};
    return Line::bad;
  }
  if (reader.left() == 1) return Line::partial;
  if (reader.at[1] != '\n') {
    refusal = {400, "bare CR"};
    return Line::bad;
  }
  reader.at += 2;
  return Line::ok;
}

Line read_field(Reader& reader, Field& field, Refusal& refusal) {
  const char* start = reader.at;
  if (reader.left() == 0) return Line::partial;
  if (*start == '\r' || *start == '\n') {
    const Line line = read_crlf(reader, refusal);
    return line == Line::ok ? Line::end : line;
  }
  if (*start == ' ' || *start == '\t') {
    refusal = {400, "obsolete line folding"};
    return Line::bad;
  }
  const char* colon = start;
  while (colon != reader.end && token_char(*colon)) ++colon;
  if (colon == reader.end) return Line::partial;
  if (*colon != ':' || colon == start) {
    const bool space = *colon == ' ' || *colon == '\t';
    refusal = {400, space ? "white space before the colon of a header" : "bad character in a header name"};
    return Line::bad;
  }
  const char* stop = find_control(colon + 1, reader.end);
  if (stop == reader.end) return Line::partial;
  reader.at = stop;
  const Line line = read_crlf(reader, refusal);
  if (line != Line::ok) return line;
  field.name = {start, static_cast<std::size_t>(colon - start)};
  field.value = trim({colon + 1, static_cast<std::size_t>(stop - colon - 1)});
  field.line = {start, static_cast<std::size_t>(reader.at - start)};
  return Line::ok;
}

bool parse_length(std::string_view text, std::uint64_t& length) {
  if (text.empty() || text.size() > 18) return false;  // 10^18 bytes are enough, and cannot overflow
  length = 0;
  for (const char c : text) {
    if (!digit(c)) return false;
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return true;
}

bool note_content_length(Head& head, std::string_view value, Refusal& refusal) {
  std::uint64_t length = 0;
  if (head.content_length) {
    refusal = {400, "repeated Content-Length"};
    return false;
  }
  if (!parse_length(value, length)) {
    refusal = {400, "bad Content-Length"};
    return false;
  }
  head.content_length = length;
  return true;
}

bool note_transfer_encoding(Head& head, std::string_view value, Refusal& refusal) {
  if (head.chunked) {
    refusal = {400, "repeated Transfer-Encoding"};
    return false;
  }
  if (!same_name(value, "chunked")) {
    refusal = {501, "transfer coding other than chunked"};
    return false;
  }
  head.chunked = true;
  return true;
}

void note_connection(Head& head, std::string_view value) {
  each_list_item(value, [&](std::string_view token) {
    if (same_name(token, "close")) {
      head.close = true;
    } else if (same_name(token, "keep-alive")) {
      head.keep_alive = true;
    } else if (same_name(token, "upgrade")) {
      head.upgrade = true;
    } else {
      head.connection_names = true;
    }
  });
}

bool note(Head& head, const Field& field, Known kind, Refusal& refusal) {
  switch (kind) {
    case Known::content_length: return note_content_length(head, field.value, refusal);
    case Known::transfer_encoding: return note_transfer_encoding(head, field.value, refusal);
    case Known::connection: note_connection(head, field.value); return true;
    default: return true;
  }
}

void reset(Head& head) {
  head.minor_version = 1;
  head.start_line = {};
  head.fields.clear();
  head.kinds.clear();
  head.content_length.reset();
  head.chunked = head.close = head.keep_alive = head.upgrade = head.connection_names = false;
  head.bytes = 0;
}

Parsed read_fields(Reader& reader, const HeadLimits& limits, Head& head, Refusal& refusal) {
  for (;;) {
    Field field;
    switch (read_field(reader, field, refusal)) {
      case Line::partial: return Parsed::partial;
      case Line::bad: return Parsed::bad;
      case Line::end: return Parsed::whole;
      case Line::ok: break;
    }
    if (head.fields.size() == limits.fields) {
      refusal = {431, "too many header lines"};
      return Parsed::bad;
    }
    const Known kind = known(field.name);
    if (!note(head, field, kind, refusal)) return Parsed::bad;
    head.fields.push_back(field);
    head.kinds.push_back(kind);
  }
}

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

// reg-name, IPv4 or bracketed IPv6, with an optional port; RFC 9110 section 7.2. Empty is allowed.
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

bool split_target(RequestHead& head, Refusal& refusal) {
  const auto target = head.target;
  head.authority = {};
  head.path = target;
  if (target.front() == '/') return true;
  if (target == "*" && head.method == "OPTIONS") return true;
  const bool absolute = target.size() > 7 && same_name(target.substr(0, 7), "http://");
  if (!absolute) {
    const bool connect = head.method == "CONNECT";
    refusal = connect ? Refusal{405, "CONNECT is not served here"} : Refusal{400, "bad request target"};
    return false;
  }
  const auto rest = target.substr(7);
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  head.authority = rest.substr(0, slash);
  head.path = slash == rest.size() ? std::string_view("/") : rest.substr(slash);
  if (head.authority.empty() || !valid_authority(head.authority) || head.path.front() != '/') {
    refusal = {400, "bad absolute request target"};
    return false;
  }
  return true;
}

Parsed read_request_line(Reader& reader, const HeadLimits& limits, RequestHead& head, Refusal& refusal) {
  const char* start = reader.at;
  const char* method_end = start;
  while (method_end != reader.end && token_char(*method_end)) ++method_end;
  if (method_end - start > 32) return refusal = {400, "method too long"}, Parsed::bad;
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

Parsed check_request(RequestHead& head, Refusal& refusal) {
  int hosts = 0;
  bool bad_host = false;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto value = head.fields[i].value;
    if (head.kinds[i] == Known::host) {
      ++hosts;
      bad_host |= !valid_authority(value);
    } else if (head.kinds[i] == Known::expect) {
      head.expect_continue = head.minor_version == 1 && same_name(value, "100-continue");
    }
  }
  if (hosts > 1) return refusal = {400, "more than one Host"}, Parsed::bad;
  if (hosts == 0 && head.minor_version == 1) return refusal = {400, "no Host"}, Parsed::bad;
  if (bad_host) return refusal = {400, "bad Host"}, Parsed::bad;
  if (head.chunked && head.content_length) {
    return refusal = {400, "Content-Length beside Transfer-Encoding"}, Parsed::bad;
  }
  if (head.chunked && head.minor_version == 0) return refusal = {400, "Transfer-Encoding in HTTP/1.0"}, Parsed::bad;
  return Parsed::whole;
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

// A head that is not whole within the limit never will be.
Parsed within(Parsed parsed, std::string_view bytes, const Reader& reader, const HeadLimits& limits, Refusal& refusal) {
  const auto used = parsed == Parsed::whole ? static_cast<std::size_t>(reader.at - bytes.data()) : bytes.size();
  if (parsed != Parsed::bad && used > limits.bytes) return refusal = {431, "header section too large"}, Parsed::bad;
  return parsed;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool has_token(std::string_view list, std::string_view token) {
  bool found = false;
  each_list_item(list, [&](std::string_view item) { found |= same_name(item, token); });
  return found;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), token_char); }

Known known(std::string_view field_name) {
  const auto is = [&](std::string_view name) { return same_name(field_name, name); };
  switch (field_name.size()) {
    case 2: return is("te") ? Known::te : Known::other;
    case 4: return is("host") ? Known::host : Known::other;
    case 6: return is("expect") ? Known::expect : Known::other;
    case 7: return is("upgrade") ? Known::upgrade : is("trailer") ? Known::trailer : Known::other;
    case 10: return is("connection") ? Known::connection : is("keep-alive") ? Known::keep_alive : Known::other;
    case 12: return is("content-type") ? Known::content_type : Known::other;
    case 14:
      return is("content-length") ? Known::content_length : is("x-twinrun-role") ? Known::twinrun_role : Known::other;
    case 16:
      return is("proxy-connection")   ? Known::proxy_connection
             : is("content-encoding") ? Known::content_encoding
                                      : Known::other;
    case 17: return is("transfer-encoding") ? Known::transfer_encoding : Known::other;
    default: return Known::other;
  }
}

std::string_view Head::value_of(Known kind) const {
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == kind) return fields[i].value;
  }
  return {};
}

bool Head::hop_by_hop(std::size_t field) const {
  switch (kinds[field]) {
    case Known::connection:
    case Known::keep_alive:
    case Known::proxy_connection:
    case Known::te:
    case Known::upgrade: return true;
    case Known::host:  // naming one of these in Connection is an attack, not a wish (RFC 9110 section 7.6.1)
    case Known::content_length:
    case Known::transfer_encoding:
    case Known::content_type: return false;
    default: break;
  }
  if (!connection_names) return false;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (kinds[i] == Known::connection && has_token(fields[i].value, fields[field].name)) return true;
  }
  return false;
}

Framing AnswerHead::framing(std::string_view request_method) const {
  if (status < 200 || status == 204 || status == 304 || request_method == "HEAD") return Framing::none;
  if (chunked) return Framing::chunked;
  if (content_length) return *content_length == 0 ? Framing::none : Framing::length;
  return Framing::until_close;
}

Parsed parse(std::string_view bytes, const HeadLimits& limits, RequestHead& head, Refusal& refusal) {
  reset(head);
  head.expect_continue = false;
  Reader reader{bytes.data(), bytes.data() + bytes.size()};
  // An empty line before the request line: RFC 9112 section 2.2. One, as old clients send after a POST.
  if (reader.left() > 0 && (*reader.at == '\r' || *reader.at == '\n')) {
    const Line line = read_crlf(reader, refusal);
    if (line == Line::partial) return Parsed::partial;
    if (line == Line::bad) return Parsed::bad;
  }
  Parsed parsed = read_request_line(reader, limits, head, refusal);
  if (parsed == Parsed::whole) parsed = read_fields(reader, limits, head, refusal);
  parsed = within(parsed, bytes, reader, limits, refusal);
  if (parsed != Parsed::whole) return parsed;
  head.bytes = static_cast<std::size_t>(reader.at - bytes.data());
  return check_request(head, refusal);
}

Parsed parse(std::string_view bytes, const HeadLimits& limits, AnswerHead& head, Refusal& refusal) {
  reset(head);
  head.status = 0;
  Reader reader{bytes.data(), bytes.data() + bytes.size()};
  Parsed parsed = read_status_line(reader, head, refusal);
  if (parsed == Parsed::whole) parsed = read_fields(reader, limits, head, refusal);
  parsed = within(parsed, bytes, reader, limits, refusal);
  if (parsed != Parsed::whole) return parsed;
  head.bytes = static_cast<std::size_t>(reader.at - bytes.data());
  if (head.chunked && head.content_length)
    return refusal = {502, "Content-Length beside Transfer-Encoding"}, Parsed::bad;
  if (head.chunked && head.minor_version == 0) return refusal = {502, "Transfer-Encoding in HTTP/1.0"}, Parsed::bad;
  return Parsed::whole;
}

bool parse_fields(std::string_view bytes, std::vector<Field>& fields) {
  Reader reader{bytes.data(), bytes.data() + bytes.size()};
  Refusal refusal;
  for (;;) {
    Field field;
    const Line line = read_field(reader, field, refusal);
    if (line == Line::end) return reader.left() == 0;
    if (line != Line::ok) return false;
    fields.push_back(field);
  }
}

}  // namespace comparator::http
