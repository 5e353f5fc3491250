#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "comparator/http/names.h"

/// A strict HTTP/1.1 codec (RFC 9110, RFC 9112): pure, range based, no I/O. What is ambiguous is refused, so that
/// nothing that passes can be read in two ways further on.
namespace comparator::http {

/// Fields the codec and the proxy must recognise; everything else is `other`.
enum class Known : std::uint8_t {
  other,
  host,
  connection,
  content_length,
  transfer_encoding,
  expect,
  upgrade,
  keep_alive,
  te,
  trailer,
  proxy_connection,
  max_forwards,
  content_type,
  content_encoding,
  twinrun_role,
  twinrun_loop,
  http2_settings,
  framing_lookalike  ///< Content_Length, Transfer_Encoding: read as the real ones behind CGI and WSGI.
};
Known known(std::string_view field_name);

/// One header line. Views into the parsed bytes.
struct Field {
  std::string_view name;   ///< As written.
  std::string_view value;  ///< Without the white space around it.
  std::string_view line;   ///< From the name to the end of its CRLF, for passing on unchanged.
  Known kind = Known::other;
};

/// Whether a comma-separated list holds a token, whatever its case.
bool has_token(std::string_view list, std::string_view token);
/// tchar of RFC 9110 section 5.6.2, at least one.
bool is_token(std::string_view text);

/// How a body ends.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct HeadLimits {
  std::size_t bytes = 32 * 1024;
  std::size_t fields = 128;
  std::size_t target = 8 * 1024;
};

/// What both heads have. Views are valid as long as the parsed bytes are.
struct Head {
  int minor_version = 1;        ///< HTTP/1.x
  std::string_view start_line;  ///< With its CRLF.
  std::vector<Field> fields;
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;             ///< Connection: close
  bool keep_alive = false;        ///< Connection: keep-alive
  bool upgrade = false;           ///< Connection: upgrade
  bool loop_mark = false;         ///< A twinrun has passed it on: X-Twinrun-Loop.
  int connection_options = 0;     ///< In all Connection fields.
  bool connection_names = false;  ///< Connection names other fields, which are hop-by-hop then.
  std::size_t bytes = 0;          ///< Of the whole head, with the empty line.

  std::string_view value_of(Known kind) const;  ///< Of the first such field; empty when absent.
  /// Whether a field ends at this hop: RFC 9110 section 7.6.1. Transfer-Encoding and Content-Length are not named here.
  bool hop_by_hop(const Field& field) const {
    return (field.kind != Known::other || connection_names) && ends_here(field);
  }

 private:
  bool ends_here(const Field& field) const;
};

struct RequestHead : Head {
  std::string_view method;
  std::string_view target;     ///< As sent.
  std::string_view authority;  ///< Of an absolute-form target; else empty.
  /// Path and query as a side is asked; "*" for asterisk form, also where an absolute form stands for it (RFC 9112
  /// section 3.2.4). A query alone, "?q", has the path "/".
  std::string_view path;
  /// Of OPTIONS and TRACE, how many more may pass the request on: RFC 9110 section 7.6.2.
  std::optional<std::uint64_t> max_forwards;
  bool expect_continue = false;
  int hosts = 0;  ///< Host fields; none only in HTTP/1.0.

  Framing framing() const {
    return chunked ? Framing::chunked : content_length.value_or(0) > 0 ? Framing::length : Framing::none;
  }
  bool keeps_connection() const { return !close && (minor_version == 1 || keep_alive); }
};

struct AnswerHead : Head {
  int status = 0;

  /// RFC 9112 section 6.3, for an answer to a request of this method.
  Framing framing(std::string_view request_method) const;
  bool keeps_connection() const { return !close && (minor_version == 1 || keep_alive); }
};

/// The reason of that refusal; a 431 for anything else is for HeadLimits::bytes.
inline constexpr std::string_view kTooManyFields = "too many header lines";

enum class Parsed : std::uint8_t { whole, partial, bad };

/// Why a head was refused: the status a client is told, and a sentence.
struct Refusal {
  int status = 400;
  std::string_view reason;
};

/// Parses the head at the start of `bytes`. `whole`: `head` is filled and head.bytes are consumed. `partial`: more
/// bytes are needed, and those seen so far may still become a head. `bad`: `refusal` says why (400, 414, 431, 501,
/// 505). Linear in the bytes given; the head's vectors are reused.
Parsed parse(std::string_view bytes, const HeadLimits& limits, RequestHead& head, Refusal& refusal);
/// Likewise for the head of an answer; any refusal means that this connection cannot be trusted any more.
Parsed parse(std::string_view bytes, const HeadLimits& limits, AnswerHead& head, Refusal& refusal);

/// Parses header lines alone, such as a trailer section: `bytes` must end with the empty line. False when one is bad.
bool parse_fields(std::string_view bytes, std::vector<Field>& fields);

}  // namespace comparator::http
