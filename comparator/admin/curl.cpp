#include "comparator/admin/curl.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace comparator::admin {
namespace {

constexpr std::size_t kMaxWord = 96 * 1024;  // Linux takes 128 KiB for one argument, MAX_ARG_STRLEN

/// Fields of one hop (RFC 9110 section 7.6.1), and those that describe the message that curl writes anew.
constexpr std::array<std::string_view, 11> kNotRepeated{
    "connection", "keep-alive",        "proxy-connection",  "te",
    "trailer",    "transfer-encoding", "upgrade",           "content-length",
    "expect",     "http2-settings",    "proxy-authenticate"};

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

template <class List>
bool contains(const List& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

/// For printf's format: nothing but octal escapes, so that no byte means anything to the shell, printf or a terminal.
std::string octal(std::string_view bytes) {
  std::string escaped;
  for (const unsigned char c : bytes) escaped += fmt::format("\\{:03o}", c);
  return escaped;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

/// Whether curl sends it as the path of a URL unchanged, with --path-as-is and --globoff.
bool fits_in_url(std::string_view target) {
  return target.starts_with('/') && std::all_of(target.begin(), target.end(), [](unsigned char c) {
           return std::isalnum(c) ||
                  std::string_view("-._~!$&'()*+,;=:@/?%").find(static_cast<char>(c)) != std::string::npos;
         });
}

std::string method_words(const std::string& method) {
  if (method == "GET") return "";
  if (method == "HEAD") return " --head";
  return " --request " + shell_word(method);
}

std::string url_words(std::string_view url, std::string_view target) {
  constexpr std::string_view kUnix = "unix:";
  if (url.starts_with(kUnix)) {
    return " --unix-socket " + shell_word(url.substr(kUnix.size())) + url_words("http://localhost", target);
  }
  if (fits_in_url(target)) return " " + shell_word(std::string(url) + std::string(target));
  return " --request-target " + shell_word(target) + " " + shell_word(url);
}

/// An empty value needs curl's `name;`, since `name:` takes the field away.
std::string header_words(const std::string& name, const std::string& value) {
  return " \\\n  --header " + shell_word(value.empty() ? name + ";" : name + ": " + value);
}

/// Fields that curl would add of its own accord.
std::string unwanted_fields(const std::vector<std::string>& present, bool has_body) {
  std::string words;
  if (!contains(present, "accept")) words += " \\\n  --header 'Accept:'";
  if (!contains(present, "user-agent")) words += " \\\n  --header 'User-Agent:'";
  if (has_body && !contains(present, "content-type")) words += " \\\n  --header 'Content-Type:'";
  return words;
}

bool fits_in_word(std::string_view body) {
  return body.size() <= kMaxWord &&
         std::all_of(body.begin(), body.end(), [](char c) { return is_printable(c) || c == '\n'; });
}

}  // namespace

std::string shell_word(std::string_view bytes) {
  if (std::all_of(bytes.begin(), bytes.end(), is_printable)) return single_quoted(bytes);
  return "\"$(printf '" + octal(bytes) + "')\"";
}

CurlLine curl_line(const storage::Report& report, std::string_view url, const RedactConfig& redact) {
  CurlLine line;
  std::string fields;
  std::vector<std::string> present;
  for (const auto& header : report.request_headers) {
    const auto name = lower(header.name);
    if (contains(redact.headers, name) || header.value == "[redacted]") {
      line.left_out.push_back(header.name);
    } else if (is_token(name) && !contains(kNotRepeated, name)) {
      fields += header_words(header.name, header.value);
      present.push_back(name);
    }
  }
  const auto& body = report.request_body;
  fields += unwanted_fields(present, !body.empty());
  if (contains(present, "accept-encoding")) fields += " \\\n  --compressed";

  line.command =
      "curl --globoff --path-as-is --include" + method_words(report.method) + url_words(url, report.target) + fields;
  if (body.empty()) return line;
  if (fits_in_word(body)) {
    line.command += " \\\n  --data-raw " + single_quoted(body);
  } else {
    line.command = "printf '" + octal(body) + "' | " + line.command + " \\\n  --data-binary @-";
  }
  return line;
}

}  // namespace comparator::admin
