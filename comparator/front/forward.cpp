#include "comparator/front/forward.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <optional>

#include "comparator/front/trace.h"
#include "comparator/http/lines.h"

namespace comparator::front {
namespace {

constexpr std::size_t kAnyFields = 1 << 20;  // what is parsed again was within its limits before

constexpr std::string_view kAllow = "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";

std::string_view reason_phrase(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "Error";
  }
}

// Of our own answers; those of a side pass as they are, with or without one (RFC 9110 section 6.6.1).
std::string date_line() {
  return fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n", fmt::gmtime(std::time(nullptr)));
}

void write_request_line(const http::RequestHead& head, std::string& out) {
  out += head.method;
  out += ' ';
  if (head.path.front() == '?') out += '/';
  out += head.path;
  out += " HTTP/1.1\r\n";
}

// Of a side: its host, and its port if one is written.
std::string_view authority_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return "localhost";
  const auto authority = url.substr(scheme_end + 3);
  return authority.substr(0, authority.find('/'));
}

bool wants_trailers(const http::RequestHead& head, const http::Field& field) {
  return head.minor_version == 1 && http::has_token(field.value, "trailers");
}

// Passes header lines on. Neighbours lie side by side where they were parsed: what goes on of them goes in one piece.
class Lines {
 public:
  explicit Lines(std::string& out) : out_(out) {}
  void keep(std::string_view line) {
    if (run_.data() + run_.size() == line.data()) {
      run_ = {run_.data(), run_.size() + line.size()};
      return;
    }
    flush();
    run_ = line;
  }
  /// Before anything else is written.
  void flush() {
    out_ += run_;
    run_ = {};
  }

 private:
  std::string& out_;
  std::string_view run_;
};

void write_connection(bool upgrade, bool trailers, std::string& out) {
  if (!upgrade && !trailers) return;
  out += "Connection: ";
  if (upgrade) out += trailers ? "upgrade, " : "upgrade";
  if (trailers) out += "TE";
  out += "\r\n";
}

// What says where the body ends goes on as it was understood, not as it was written: who reads tabs or leading zeros in
// another way would be smuggled to.
bool write_framing(const http::Head& head, const http::Field& field, Lines& lines, std::string& out) {
  const bool length = field.kind == http::Known::content_length;
  if (!length && field.kind != http::Known::transfer_encoding) return false;
  const fmt::format_int digits(head.content_length.value_or(0));
  const auto value = length ? std::string_view(digits.data(), digits.size()) : std::string_view("chunked");
  const bool as_we_write = field.value == value && field.line.size() == field.name.size() + value.size() + 4 &&
                           field.line[field.name.size() + 1] == ' ';
  if (as_we_write) return false;
  lines.flush();
  out.append(field.name).append(": ").append(value).append("\r\n");
  return true;
}

template <class Visit>
void each_upgrade(const http::Head& head, Visit visit) {
  for (const auto& field : head.fields) {
    if (field.kind == http::Known::upgrade) http::each_list_item(field.value, visit);
  }
}

// h2c, HTTP/2.0: the same requests in another coat, which nobody here would read.
bool names_http(std::string_view protocols) {
  bool named = false;
  http::each_list_item(protocols, [&](std::string_view item) {
    const auto name = item.substr(0, item.find('/'));
    named |= http::same_name(name, "h2c") || http::same_name(name, "h2") || http::same_name(name, "http");
  });
  return named;
}

// A 426 without Upgrade would not say to what (RFC 9110 section 15.5.22). What could not be asked for here is not
// named.
bool keeps_upgrade(const http::AnswerHead& head, const AnswerShape& shape) {
  if (shape.switching || head.status != 426 || shape.client_is_1_0) return shape.switching;
  bool any = false;
  bool http = false;
  each_upgrade(head, [&](std::string_view protocol) {
    any = true;
    http |= names_http(protocol);
  });
  return any && !http;
}

}  // namespace

bool asks_to_switch(const http::RequestHead& head) {
  if (!head.upgrade || head.minor_version == 0 || head.framing() != http::Framing::none) return false;
  bool asked = false;
  for (const auto& field : head.fields) {
    if (field.kind == http::Known::http2_settings) return false;
    if (field.kind != http::Known::upgrade) continue;
    if (names_http(field.value)) return false;
    asked |= !field.value.empty();
  }
  return asked;
}

bool switches_as_asked(std::string_view request_head, const http::AnswerHead& answer) {
  http::RequestHead request;
  http::Refusal refusal;
  if (http::parse(request_head, {.bytes = request_head.size(), .fields = kAnyFields, .target = request_head.size()},
                  request, refusal) != http::Parsed::whole) {
    return false;
  }
  bool named = false;
  bool all_asked = true;
  each_upgrade(answer, [&](std::string_view protocol) {
    bool asked = false;
    each_upgrade(request, [&](std::string_view offer) { asked |= http::same_name(offer, protocol); });
    named = true;
    all_asked &= asked;
  });
  return named && all_asked;
}

void write_request(const http::RequestHead& head, const Passage& passage, Exchange& exchange) {
  auto& out = exchange.request_head;
  out.clear();
  out.reserve(head.bytes + 64);
  write_request_line(head, out);
  exchange.method_bytes = head.method.size();
  exchange.marked = head.loop_mark;
  std::optional<Forwarded> forwarded;
  if (Forwarded::wanted(passage.forward)) forwarded.emplace(head, passage);
  const bool upgrade = asks_to_switch(head);
  bool trailers = false;  // wanted by the client; they pass here, so the wish does
  Lines lines(out);
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto& field = head.fields[i];
    const auto kind = field.kind;
    if (kind == http::Known::twinrun_role) continue;
    if (kind == http::Known::host && !head.authority.empty()) {
      // The target's authority outranks Host: RFC 9112 section 3.2.2.
      lines.flush();
      out.append("Host: ").append(head.authority).append("\r\n");
      continue;
    }
    if (kind == http::Known::max_forwards && head.max_forwards) {
      lines.flush();
      fmt::format_to(std::back_inserter(out), "Max-Forwards: {}\r\n", *head.max_forwards - 1);
      continue;
    }
    if (kind == http::Known::te) {
      lines.flush();
      if (!trailers && wants_trailers(head, field)) out += "TE: trailers\r\n";
      trailers |= wants_trailers(head, field);
      continue;
    }
    if (head.hop_by_hop(field) && !(upgrade && kind == http::Known::upgrade)) continue;
    if (write_framing(head, field, lines, out)) continue;
    if (kind == http::Known::expect) {
      if (exchange.expect_bytes > 0) continue;  // said once already
      if (!head.expect_continue && head.minor_version == 0) continue;
      lines.flush();
      exchange.expect_at = out.size();
      exchange.expect_bytes = field.line.size();
    }
    if (forwarded && kind == http::Known::other) {
      lines.flush();
      if (forwarded->take(i, out)) continue;
    }
    lines.keep(field.line);
  }
  lines.flush();
  if (head.hosts == 0) {
    const auto host = head.authority.empty() ? authority_of(passage.side_url) : head.authority;
    out.append("Host: ").append(host).append("\r\n");
  }
  if (forwarded) forwarded->finish(out);
  if (passage.forward.traceparent || passage.forward.request_id) add_trace(head, passage.forward, out);
  if (head.loop_mark) out.append("X-Twinrun-Loop: ").append(passage.forward.instance).append("\r\n");
  write_connection(upgrade, trailers, out);
  out += "\r\n";
}

void write_answer(const http::AnswerHead& head, const AnswerShape& shape, std::string& out) {
  out.reserve(out.size() + head.bytes + 32);
  out += "HTTP/1.1";
  out += head.start_line.substr(8);
  const bool unframed = head.status < 200 || head.status == 204;
  const bool upgrade = keeps_upgrade(head, shape);
  Lines lines(out);
  for (const auto& field : head.fields) {
    const auto kind = field.kind;
    if (head.hop_by_hop(field) && !(upgrade && kind == http::Known::upgrade)) continue;
    const bool chunks = kind == http::Known::transfer_encoding || kind == http::Known::trailer;
    if (shape.client_is_1_0 && chunks) continue;
    // Must not be there (RFC 9110 section 8.6, RFC 9112 section 6.1), and some clients would wait for a body.
    if (unframed && (chunks || kind == http::Known::content_length)) continue;
    if (write_framing(head, field, lines, out)) continue;
    lines.keep(field.line);
  }
  lines.flush();
  if (upgrade) {
    out += shape.close && !shape.switching ? "Connection: upgrade, close\r\n" : "Connection: upgrade\r\n";
  } else if (shape.close) {
    out += "Connection: close\r\n";
  } else if (shape.client_is_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string options_answer() {
  return fmt::format("HTTP/1.1 204 No Content\r\n{}{}Connection: close\r\n\r\n", date_line(), kAllow);
}

std::string problem_answer(int status, std::string_view detail, bool head_request) {
  const auto title = reason_phrase(status);
  // The detail is one of our own sentences: nothing in it needs escaping.
  const auto body =
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"detail":"{}"}})", title, status, detail);
  auto answer = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\nConnection: close\r\n{}{}\r\n",
      status, title, body.size(), status == 405 ? kAllow : "", date_line());
  if (!head_request) answer += body;
  return answer;
}

void write_compared(const http::AnswerHead& head, const Plan& plan, std::string& out) {
  out.clear();
  out += head.start_line.substr(9, 3);
  const auto bit = [](std::size_t length) { return std::uint64_t{1} << (length % 64); };
  std::uint64_t lengths = 0;  // of the names that are there: most of those wanted are not
  for (const auto& field : head.fields) lengths |= bit(field.name.size());
  for (const auto& name : plan.config.compare.headers) {
    if ((lengths & bit(name.size())) == 0) continue;
    for (const auto& field : head.fields) {
      if (!http::same_name(field.name, name)) continue;
      out += '\n';
      out += name;
      out += ':';
      out += field.value;
    }
  }
}

}  // namespace comparator::front
