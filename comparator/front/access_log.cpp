#include "comparator/front/access_log.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "comparator/compare/redaction.h"
#include "comparator/http/head.h"
#include "comparator/log.h"

namespace comparator::front {
namespace {

using Format = AccessLogConfig::Format;
using Out = std::back_insert_iterator<std::string>;

constexpr std::int64_t kSecondUs = 1'000'000;

int open_file(const std::string& file) {
  if (file.empty()) return -1;
  const int fd = file == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                             : open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0)
    throw std::runtime_error(fmt::format("cannot write the access log \"{}\": {}", file, std::strerror(errno)));
  return fd;
}

std::tm utc(std::int64_t at_us) {
  const std::time_t seconds = at_us / kSecondUs;
  std::tm time{};
  gmtime_r(&seconds, &time);
  return time;
}

// Beyond ASCII nothing is known of the encoding: a byte is told as the character of its number.
void append_json_text(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      fmt::format_to(Out(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_quoted(std::string_view text, std::string& out) {
  if (text.empty()) text = "-";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
      fmt::format_to(Out(out), "\\x{:02X}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string client_of(const AccessEntry& entry) {
  return entry.client->storage.ss_family == AF_UNIX ? "unix:" : host_of(*entry.client);
}

// The value of a field within a raw head; empty when there is none.
std::string_view field_of(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon != name.size() || !http::same_name(line.substr(0, colon), name)) continue;
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
  }
  return {};
}

void append_combined(const AccessEntry& entry, std::string& out) {
  fmt::format_to(Out(out), "{} - - [{:%d/%b/%Y:%H:%M:%S} +0000] ", client_of(entry), utc(entry.at_us));
  append_quoted(entry.method.empty() ? "" : fmt::format("{} {} HTTP/1.1", entry.method, entry.target), out);
  fmt::format_to(Out(out), " {} {} ", entry.status, entry.body_bytes);
  const auto referer = field_of(entry.request_head, "referer");
  append_quoted(entry.hidden_query == nullptr ? referer : compare::redact_query(referer, *entry.hidden_query), out);
  out += ' ';
  append_quoted(field_of(entry.request_head, "user-agent"), out);
  out += '\n';
}

void append_json(const AccessEntry& entry, std::string& out) {
  fmt::format_to(Out(out), R"({{"at":"{:%Y-%m-%dT%H:%M:%S}.{:06}Z","client":"{}")", utc(entry.at_us),
                 entry.at_us % kSecondUs, client_of(entry));
  const auto text = [&](std::string_view name, std::string_view value) {
    fmt::format_to(Out(out), ",\"{}\":", name);
    append_json_text(value, out);
  };
  text("method", entry.method);
  text("target", entry.target);
  fmt::format_to(Out(out), ",\"status\":{},\"body_bytes\":{},\"elapsed_us\":{}", entry.status, entry.body_bytes,
                 entry.elapsed.count());
  text("route", entry.route);
  text("side", entry.side);
  text("cause", entry.cause);
  text("user_agent", field_of(entry.request_head, "user-agent"));
  text("request_id", field_of(entry.request_head, "x-request-id"));
  text("traceparent", field_of(entry.request_head, "traceparent"));
  out += "}\n";
}

}  // namespace

void append_entry(const AccessEntry& entry, Format format, std::string& lines) {
  format == Format::json ? append_json(entry, lines) : append_combined(entry, lines);
}

AccessLog::AccessLog(const AccessLogConfig& config) : fd_(open_file(config.file)) {
  thread_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  if (fd_ >= 0) close(fd_);
}

void AccessLog::hand_over(std::string& lines) {
  if (lines.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() + lines.size() > kMaxWaiting) {
      lost_.fetch_add(lines.size(), std::memory_order_relaxed);
    } else {
      waiting_ += lines;
    }
  }
  lines.clear();
  changed_.notify_one();
}

void AccessLog::reopen(const AccessLogConfig& config) {
  int fd = open_file(config.file);
  {
    const std::lock_guard lock(mutex_);
    std::swap(fd, fd_);
  }
  if (fd >= 0) close(fd);
}

void AccessLog::run() {
  std::string lines;
  for (;;) {
    int fd = -1;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      lines.clear();
      lines.swap(waiting_);
      if (fd_ >= 0) fd = fcntl(fd_, F_DUPFD_CLOEXEC, 0);
    }
    write(lines, fd);
    if (fd >= 0) close(fd);
  }
}

void AccessLog::write(const std::string& lines, int fd) {
  std::size_t done = 0;
  while (done < lines.size()) {
    const auto written = ::write(fd, lines.data() + done, lines.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  if (done == lines.size()) return;
  if (lost_.fetch_add(lines.size() - done, std::memory_order_relaxed) == 0) {
    log::error("access_log_failed",
               {{"reason", std::strerror(errno)}});  // once; twinrun_access_log_lost_bytes tells on
  }
}

}  // namespace comparator::front
