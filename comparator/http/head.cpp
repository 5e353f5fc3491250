#include "comparator/http/head.h"

#include <algorithm>

#include "comparator/http/lines.h"
#include "comparator/http/start_line.h"

namespace comparator::http {
namespace {

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

// Every field is looked for among the options, so they are bounded: nobody has use for so many.
constexpr int kMaxConnectionOptions = 32;

bool note_connection(Head& head, std::string_view value, Refusal& refusal) {
  each_list_item(value, [&](std::string_view token) {
    ++head.connection_options;
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
  if (head.connection_options <= kMaxConnectionOptions) return true;
  refusal = {400, "too many options in Connection"};
  return false;
}

bool note(Head& head, const Field& field, Refusal& refusal) {
  switch (field.kind) {
    case Known::content_length: return note_content_length(head, field.value, refusal);
    case Known::transfer_encoding: return note_transfer_encoding(head, field.value, refusal);
    case Known::connection: return note_connection(head, field.value, refusal);
    case Known::twinrun_loop: head.loop_mark = true; return true;
    case Known::framing_lookalike: refusal = {400, "a framing header with an underscore"}; return false;
    default: return true;
  }
}

void reset(Head& head) {
  head.minor_version = 1;
  head.start_line = {};
  head.fields.clear();
  head.content_length.reset();
  head.chunked = head.close = head.keep_alive = head.upgrade = head.connection_names = head.loop_mark = false;
  head.connection_options = 0;
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
      refusal = {431, kTooManyFields};
      return Parsed::bad;
    }
    field.kind = known(field.name);
    if (field.kind != Known::other && !note(head, field, refusal)) return Parsed::bad;
    head.fields.push_back(field);
  }
}

// For other methods it says nothing, and passes.
bool note_max_forwards(RequestHead& head, std::string_view value) {
  if (head.method != "OPTIONS" && head.method != "TRACE") return true;
  std::uint64_t left = 0;
  if (head.max_forwards || !parse_length(value, left)) return false;
  head.max_forwards = left;
  return true;
}

Parsed check_request(RequestHead& head, Refusal& refusal) {
  head.hosts = 0;
  head.max_forwards.reset();
  bool bad_host = false;
  for (const auto& field : head.fields) {
    if (field.kind == Known::host) {
      ++head.hosts;
      bad_host |= !valid_authority(field.value);
    } else if (field.kind == Known::expect) {
      head.expect_continue = head.minor_version == 1 && same_name(field.value, "100-continue");
    } else if (field.kind == Known::max_forwards && !note_max_forwards(head, field.value)) {
      return refusal = {400, "bad Max-Forwards"}, Parsed::bad;
    }
  }
  if (head.hosts > 1) return refusal = {400, "more than one Host"}, Parsed::bad;
  if (head.hosts == 0 && head.minor_version == 1) return refusal = {400, "no Host"}, Parsed::bad;
  if (bad_host) return refusal = {400, "bad Host"}, Parsed::bad;
  if (head.chunked && head.content_length) {
    return refusal = {400, "Content-Length beside Transfer-Encoding"}, Parsed::bad;
  }
  if (head.chunked && head.minor_version == 0) return refusal = {400, "Transfer-Encoding in HTTP/1.0"}, Parsed::bad;
  return Parsed::whole;
}

// A head that is not whole within the limit never will be.
Parsed within(Parsed parsed, std::string_view bytes, const Reader& reader, const HeadLimits& limits, Refusal& refusal) {
  const auto used = parsed == Parsed::whole ? static_cast<std::size_t>(reader.at - bytes.data()) : bytes.size();
  if (parsed != Parsed::bad && used > limits.bytes) return refusal = {431, "header section too large"}, Parsed::bad;
  return parsed;
}

}  // namespace

bool has_token(std::string_view list, std::string_view token) {
  bool found = false;
  each_list_item(list, [&](std::string_view item) { found |= same_name(item, token); });
  return found;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), token_char); }

Known known(std::string_view field_name) {
  const auto is = [&](std::string_view name) {
    return lower(field_name.front()) == name.front() && same_name(field_name, name);
  };
  switch (field_name.size()) {
    case 2: return is("te") ? Known::te : Known::other;
    case 4: return is("host") ? Known::host : Known::other;
    case 6: return is("expect") ? Known::expect : Known::other;
    case 7: return is("upgrade") ? Known::upgrade : is("trailer") ? Known::trailer : Known::other;
    case 10: return is("connection") ? Known::connection : is("keep-alive") ? Known::keep_alive : Known::other;
    case 12: return is("content-type") ? Known::content_type : is("max-forwards") ? Known::max_forwards : Known::other;
    case 14:
      return is("content-length")   ? Known::content_length
             : is("x-twinrun-role") ? Known::twinrun_role
             : is("x-twinrun-loop") ? Known::twinrun_loop
             : is("http2-settings") ? Known::http2_settings
             : is("content_length") ? Known::framing_lookalike
                                    : Known::other;
    case 16:
      return is("proxy-connection")   ? Known::proxy_connection
             : is("content-encoding") ? Known::content_encoding
                                      : Known::other;
    case 17:
      return is("transfer-encoding")   ? Known::transfer_encoding
             : is("transfer_encoding") ? Known::framing_lookalike
                                       : Known::other;
    default: return Known::other;
  }
}

std::string_view Head::value_of(Known kind) const {
  for (const auto& field : fields) {
    if (field.kind == kind) return field.value;
  }
  return {};
}

bool Head::ends_here(const Field& field) const {
  switch (field.kind) {
    case Known::connection:
    case Known::keep_alive:
    case Known::proxy_connection:
    case Known::te:
    case Known::upgrade:
    case Known::http2_settings: return true;
    case Known::host:  // naming one of these in Connection is an attack, not a wish (RFC 9110 section 7.6.1)
    case Known::content_length:
    case Known::transfer_encoding:
    case Known::content_type:
    case Known::twinrun_loop: return false;
    default: break;
  }
  if (!connection_names) return false;
  return std::any_of(fields.begin(), fields.end(), [&](const Field& other) {
    return other.kind == Known::connection && has_token(other.value, field.name);
  });
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
