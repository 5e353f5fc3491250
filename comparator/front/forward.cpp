#include "comparator/front/forward.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "comparator/front/trace.h"
#include "comparator/http/lines.h"

namespace comparator::front {
namespace {

constexpr std::size_t kAnyFields = 1 << 20;  // what is parsed again was within its limits before

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

bool wants_trailers(const http::RequestHead& head, std::size_t field) {
  return head.minor_version == 1 && http::has_token(head.fields[field].value, "trailers");
}

void write_connection(bool upgrade, bool trailers, std::string& out) {
  if (!upgrade && !trailers) return;
  out += "Connection: ";
  if (upgrade) out += trailers ? "upgrade, " : "upgrade";
  if (trailers) out += "TE";
  out += "\r\n";
}

template <class Visit>
void each_upgrade(const http::Head& head, Visit visit) {
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    if (head.kinds[i] == http::Known::upgrade) http::each_list_item(head.fields[i].value, visit);
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

}  // namespace

bool asks_to_switch(const http::RequestHead& head) {
  if (!head.upgrade || head.minor_version == 0 || head.framing() != http::Framing::none) return false;
  bool asked = false;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    if (head.kinds[i] == http::Known::http2_settings) return false;
    if (head.kinds[i] != http::Known::upgrade) continue;
    if (names_http(head.fields[i].value)) return false;
    asked |= !head.fields[i].value.empty();
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
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto kind = head.kinds[i];
    if (kind == http::Known::twinrun_role) continue;
    if (kind == http::Known::host && !head.authority.empty()) {
      // The target's authority outranks Host: RFC 9112 section 3.2.2.
      out.append("Host: ").append(head.authority).append("\r\n");
      continue;
    }
    if (kind == http::Known::te) {
      if (!trailers && wants_trailers(head, i)) out += "TE: trailers\r\n";
      trailers |= wants_trailers(head, i);
      continue;
    }
    if (head.hop_by_hop(i) && !(upgrade && kind == http::Known::upgrade)) continue;
    if (kind == http::Known::expect) {
      if (!head.expect_continue && head.minor_version == 0) continue;
      exchange.expect_at = out.size();
      exchange.expect_bytes = head.fields[i].line.size();
    }
    if (forwarded && kind == http::Known::other && forwarded->take(i, out)) continue;
    out += head.fields[i].line;
  }
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
  out.clear();
  out.reserve(head.bytes + 32);
  out += "HTTP/1.1";
  out += head.start_line.substr(8);
  const bool unframed = head.status < 200 || head.status == 204;
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    const auto kind = head.kinds[i];
    if (head.hop_by_hop(i) && !(shape.switching && kind == http::Known::upgrade)) continue;
    const bool chunks = kind == http::Known::transfer_encoding || kind == http::Known::trailer;
    if (shape.client_is_1_0 && chunks) continue;
    // Must not be there (RFC 9110 section 8.6, RFC 9112 section 6.1), and some clients would wait for a body.
    if (unframed && (chunks || kind == http::Known::content_length)) continue;
    out += head.fields[i].line;
  }
  if (shape.switching) {
    out += "Connection: upgrade\r\n";
  } else if (shape.close) {
    out += "Connection: close\r\n";
  } else if (shape.client_is_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string problem_answer(int status, std::string_view detail, bool head_request) {
  const auto title = reason_phrase(status);
  // The detail is one of our own sentences: nothing in it needs escaping.
  const auto body =
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"detail":"{}"}})", title, status, detail);
  auto answer = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n",
      status, title, body.size(), status == 405 ? "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" : "");
  if (!head_request) answer += body;
  return answer;
}

void write_compared(const http::AnswerHead& head, const Plan& plan, std::string& out) {
  out.clear();
  out += head.start_line.substr(9, 3);
  const auto& wanted = plan.config.compare.headers;
  for (const auto& name : wanted) {
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
      if (head.fields[i].name.size() != name.size() || !http::same_name(head.fields[i].name, name)) continue;
      out += '\n';
      out += name;
      out += ':';
      out += head.fields[i].value;
    }
  }
}

}  // namespace comparator::front
