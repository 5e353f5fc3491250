#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/running_service.h"

/// One request's story as a table's row: what the client sends, what each side must see of it, what it says, what the
/// client must get, and what became of the connection and of the counts. All bytes are exact.
namespace http_suite {

/// What a client does, then waits for.
struct ClientTurn {
  enum class Then : std::uint8_t { go_on, end_writing, leave, reset };
  std::string sends;
  /// Exactly, but for a date, which stands as "Date: *". More than this shows in the next turn or in the connection's
  /// fate.
  std::string gets{};
  int problem = 0;  ///< Instead: an answer of twinrun's own with this status, and the connection's end.
  Then then = Then::go_on;
};

/// What a side must see, and says when it has seen so much.
struct SideTurn {
  enum class Then : std::uint8_t { keep, end, reset, hang };
  std::string sees;
  std::string says{};
  Then then = Then::keep;
};

/// How the client finds its connection afterwards.
enum class Fate : std::uint8_t {
  open,   ///< It serves another request, in step.
  ended,  ///< No more bytes, a clean end.
  cut,    ///< No more bytes, a reset: what came must not look whole.
  left,   ///< The client went itself.
};

using Counts = std::map<std::string, std::uint64_t>;

struct Case {
  std::string name;
  std::string why;  ///< The RFC's section, or the mistake that others make.
  std::vector<ClientTurn> client;
  std::vector<SideTurn> old;  ///< Over as many connections as it takes; none: nothing may reach it.
  Fate fate = Fate::open;
  Counts counts{{"match", 1}};  ///< Outcomes, or outcome/cause.
  /// What the other side sees and says. By default: a copy of each request whose outcome compares, else nothing.
  std::optional<std::vector<SideTurn>> other{};
  support::RunningService::Change config{};
  std::string limit{};  ///< That twinrun_limit_reached_total must have counted once.
  int refused = 0;      ///< A status under which twinrun_refused_total must count one.
  /// Whether the next request must, or must not, use the same connection to old; needs Fate::open.
  std::optional<bool> old_is_kept{};
};

/// Plays the row against a service of its own and checks all that it says.
void play(const Case& row);
/// Each row in a section of its own.
void play_all(const std::vector<Case>& rows);
/// The same, with every byte of the client and of the sides sent by itself: nothing may depend on how bytes arrive.
void play_all_byte_by_byte(const std::vector<Case>& rows);

/// "GET /a HTTP/1.1", a Host and these lines, each with its CRLF.
std::string get(const std::string& lines = "");
std::string post(const std::string& lines, const std::string& body);
/// "200 OK" with these lines and a length.
std::string ok(const std::string& body = "ok", const std::string& lines = "");
/// What the other side gets instead of this request.
std::string copy_of(const std::string& request);

/// Rows in short: the request as sent reaches old, and old's answer the client, byte by byte.
Case passes(std::string name, std::string why, std::string request, std::string answer = ok());
/// Old sees something else than was sent.
Case becomes(std::string name, std::string why, std::string request, std::string seen);
/// The client gets something else than old said.
Case answer_becomes(std::string name, std::string why, std::string said, std::string got, Fate fate = Fate::open);
/// No side hears of it; the client gets a problem and the connection's end.
Case refused(std::string name, std::string why, std::string request, int status);
/// Old's answer is worth nothing: the client gets a problem and the connection's end.
Case bad_answer(std::string name, std::string why, std::string said, int status = 502,
                std::string counted = "old_failed/invalid_http");

}  // namespace http_suite
