// Whatever our codec accepts, two parsers that know nothing of it read in the same way, or refuse: node's llhttp and
// Boost.Beast. Where they refuse or differ, explained.cpp says why that is right; anything else is a failure.
//
//   differential [--count 100000] [--seed 1]
//
// Messages are seeds with mutations, all from one random number: two runs are alike. Of each that we accept, two forms
// are read: the bytes as they came, and, for requests, as they go on to a side.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "comparator/front/answer_reader.h"
#include "comparator/front/forward.h"
#include "comparator/http/lines.h"
#include "tests/fuzz/differential/explained.h"
#include "tests/fuzz/differential/messages.h"
#include "tests/fuzz/differential/reading.h"
#include "tests/support/temporary_directory.h"

namespace differential {
namespace {

using namespace comparator;

struct Message {
  Kind kind;
  std::string bytes;  ///< Exactly one message.
  std::string ours;   ///< As reading.h says.
  bool forwarded = false;
};

void add(std::string& text, std::string_view part) { text.append(part).push_back('\0'); }

void add_fields(std::string& text, const http::Head& head) {
  add(text, std::string(1, static_cast<char>('0' + head.minor_version)));
  for (const auto& field : head.fields) {
    add(text, field.name);
    add(text, field.value);
  }
  text.push_back('\0');
}

// The body behind a head, as the front end reads it; nothing if it is bad or not whole.
struct Body {
  std::string data;
  std::string trailer;
  std::size_t bytes = 0;
};

std::optional<Body> read_body(const http::RequestHead& head, std::string_view rest) {
  Body body;
  if (head.framing() == http::Framing::none) return body;
  if (head.framing() == http::Framing::length) {
    if (rest.size() < *head.content_length) return std::nullopt;
    body.bytes = static_cast<std::size_t>(*head.content_length);
    body.data = rest.substr(0, body.bytes);
    return body;
  }
  http::ChunkReader reader;
  for (;;) {
    std::size_t consumed = 0;
    std::string_view piece;
    const auto status = reader.next(rest.substr(body.bytes), consumed, piece);
    body.bytes += consumed;
    if (status == http::ChunkReader::Status::data) body.data += piece;
    if (status == http::ChunkReader::Status::bad || status == http::ChunkReader::Status::more) return std::nullopt;
    if (status == http::ChunkReader::Status::done) break;
  }
  body.trailer = reader.trailer();
  return body;
}

std::string reading_of(const http::RequestHead& head, std::string_view target, const std::string& body) {
  std::string text = "+";
  add(text, head.method);
  add(text, target);
  add_fields(text, head);
  return text + body;
}

// The request as Relay sends it on: its head rewritten, its chunks re-framed.
std::string forwarded(const http::RequestHead& head, const Body& body) {
  Exchange exchange;
  const ForwardConfig nothing_added;
  const Address client;
  front::write_request(head, {.side_url = "http://side", .forward = nothing_added, .client = client}, exchange);
  if (!head.chunked) return exchange.request_head + body.data;
  const http::ChunkLine line(body.data.size());
  const auto chunk = body.data.empty() ? "" : std::string(line.view()) + body.data + "\r\n";
  return exchange.request_head + chunk + "0\r\n" + body.trailer + "\r\n";
}

void accept_request(std::string_view bytes, std::vector<Message>& accepted) {
  http::RequestHead head;
  http::Refusal refusal;
  if (http::parse(bytes, {}, head, refusal) != http::Parsed::whole) return;
  const auto body = read_body(head, bytes.substr(head.bytes));
  if (!body) return;
  accepted.push_back({.kind = Kind::request,
                      .bytes = std::string(bytes.substr(0, head.bytes + body->bytes)),
                      .ours = reading_of(head, head.target, body->data)});
  const auto on = forwarded(head, *body);
  http::RequestHead again;
  if (http::parse(on, {}, again, refusal) != http::Parsed::whole) {
    std::fprintf(stderr, "a request that goes on is none: %s\n", on.c_str());
    std::exit(1);
  }
  accepted.push_back(
      {.kind = Kind::request, .bytes = on, .ours = reading_of(again, again.target, body->data), .forwarded = true});
}

void accept_answer(std::string_view bytes, std::vector<Message>& accepted) {
  front::AnswerReader reader("GET");
  http::AnswerHead head;
  std::string text;
  std::string body;
  std::size_t at = 0;
  while (at < bytes.size() && !reader.finished()) {
    std::size_t consumed = 0;
    std::string_view piece;
    switch (reader.next(bytes.substr(at), head, consumed, piece)) {
      case front::AnswerReader::Event::bad:
      case front::AnswerReader::Event::interim: return;  // several messages: each is a case of its own
      case front::AnswerReader::Event::head:
        if (head.status == 101) return;
        text = "+";
        add(text, std::to_string(head.status));
        add_fields(text, head);
        break;
      case front::AnswerReader::Event::body: body += piece; break;
      case front::AnswerReader::Event::more: break;
    }
    at += consumed;
  }
  if (!reader.whole_at_end()) return;
  accepted.push_back({.kind = Kind::answer, .bytes = std::string(bytes.substr(0, at)), .ours = text + body});
}

const Explained* explanation(const std::string& parser, std::string_view said) {
  const auto found = std::find_if(explained().begin(), explained().end(),
                                  [&](const Explained& row) { return row.parser == parser && said == row.says; });
  return found == explained().end() ? nullptr : &*found;
}

std::vector<std::string> read_with_llhttp(const std::vector<Message>& messages) {
  const support::TemporaryDirectory folder;
  const auto append_length = [](std::string& text, std::size_t length) {
    for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(length >> shift);
  };
  std::string input;
  for (const auto& message : messages) {
    input += static_cast<char>(message.kind);
    append_length(input, message.bytes.size());
    input += message.bytes;
  }
  std::ofstream(folder / "in", std::ios::binary) << input;
  const std::string command = "node " TWINRUN_LLHTTP_ORACLE " " + (folder / "in") + " " + (folder / "out");
  std::vector<std::string> readings;
  if (std::system(command.c_str()) != 0) return readings;
  std::ifstream file(folder / "out", std::ios::binary);
  const std::string output{std::istreambuf_iterator<char>(file), {}};
  for (std::size_t at = 0; at + 4 <= output.size();) {
    std::size_t length = 0;
    for (int i = 3; i >= 0; --i)
      length = length * 256 + static_cast<unsigned char>(output[at + static_cast<std::size_t>(i)]);
    readings.push_back(output.substr(at + 4, length));
    at += 4 + length;
  }
  return readings;
}

// A reading with its fields by name. Beast keeps those of one name together, wherever they stood; among them the order
// counts, and is left.
std::string in_groups(std::string_view reading, Kind kind) {
  const std::size_t fields_from = kind == Kind::request ? 3 : 2;  // behind method, target, version; status, version
  std::vector<std::string_view> parts;
  while (!reading.empty()) {
    const auto end = std::min(reading.find('\0'), reading.size());
    if (end == 0 && parts.size() >= fields_from && (parts.size() - fields_from) % 2 == 0) break;
    parts.push_back(reading.substr(0, end));
    reading.remove_prefix(std::min(end + 1, reading.size()));
  }
  std::vector<std::pair<std::string, std::string_view>> fields;
  for (std::size_t i = fields_from; i + 1 < parts.size(); i += 2) {
    std::string name(parts[i]);
    std::transform(name.begin(), name.end(), name.begin(), http::lower);
    fields.emplace_back(std::move(name), parts[i + 1]);
  }
  std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(fields_from, parts.size()); ++i) add(text, parts[i]);
  for (const auto& [name, value] : fields) {
    add(text, name);
    add(text, value);
  }
  return text.append(reading);
}

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 600)) {
    if (c >= ' ' && c < 0x7f && c != '\\') {
      text += c;
    } else {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned char>(c));
      text += c == '\r' ? "\\r" : c == '\n' ? "\\n" : code;
    }
  }
  return text;
}

class Verdict {
 public:
  void compare(const char* parser, const Message& message, const std::string& said) {
    ++compared_[parser];
    if (said == message.ours || in_groups(said, message.kind) == in_groups(message.ours, message.kind)) return;
    if (const auto* row = explanation(parser, said)) {
      ++explained_[row];
      return;
    }
    ++unexplained_;
    const auto key = parser + (said.starts_with('-') ? said : "another reading");
    if (++shown_[key] > 1) return;
    std::printf("%s%s\n  bytes: %s\n  ours:  %s\n  %s: %s\n", message.kind == Kind::request ? "request" : "answer",
                message.forwarded ? ", as it goes on" : "", printable(message.bytes).c_str(),
                printable(message.ours).c_str(), parser, printable(said).c_str());
  }
  int report() const {
    for (const auto& [parser, count] : compared_) std::printf("%s read %zu messages\n", parser.c_str(), count);
    for (const auto& row : explained()) {
      const auto found = explained_.find(&row);
      std::printf("  %7zu x %s says %s: %s\n", found == explained_.end() ? 0 : found->second, row.parser, row.says + 1,
                  row.why);
    }
    std::printf("%zu differences without an explanation\n", unexplained_);
    return unexplained_ == 0 ? 0 : 1;
  }

 private:
  std::map<std::string, std::size_t> compared_;
  std::map<const Explained*, std::size_t> explained_;
  std::map<std::string, std::size_t> shown_;  ///< One of each is.
  std::size_t unexplained_ = 0;
};

int run(std::size_t count, std::uint64_t seed) {
  Messages messages(seed);
  std::vector<Message> accepted;
  for (std::size_t i = 0; i < count; ++i) {
    accept_request(messages.request(), accepted);
    accept_answer(messages.answer(), accepted);
  }
  std::printf("of %zu requests and as many answers, %zu are read\n", count, accepted.size());
  const auto llhttp = read_with_llhttp(accepted);
  if (llhttp.size() != accepted.size()) {
    std::fputs("node read nothing: is it there?\n", stderr);
    return 1;
  }
  Verdict verdict;
  for (std::size_t i = 0; i < accepted.size(); ++i) {
    verdict.compare("llhttp", accepted[i], llhttp[i]);
    verdict.compare("Beast", accepted[i], read_with_beast(accepted[i].kind, accepted[i].bytes));
  }
  return verdict.report();
}

}  // namespace
}  // namespace differential

int main(int argc, char** argv) {
  std::size_t count = 100'000;
  std::uint64_t seed = 1;
  for (int i = 1; i + 1 < argc; i += 2) {
    (std::string_view(argv[i]) == "--seed" ? seed : count) = std::strtoull(argv[i + 1], nullptr, 10);
  }
  return differential::run(count, seed);
}
