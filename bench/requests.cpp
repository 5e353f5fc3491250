#include "bench/requests.h"

#include <fmt/format.h>

namespace bench {
namespace {

std::uint64_t soak_size(std::uint64_t dice, std::uint64_t spread) {
  if (dice < 2) return 2 << 20;
  if (dice < 5) return 0;
  if (dice < 12) return spread % (200 << 10);
  if (dice < 40) return spread % (20 << 10);
  return spread % 1024;
}

}  // namespace

const Pattern& pattern() {
  static const Pattern one;
  return one;
}

std::string Request::bytes() const {
  auto text = fmt::format("{} /{}/{}/{} HTTP/1.1\r\nHost: load\r\n{}", method, chunked_answer ? "chunks" : "body", seed,
                          size, close ? "Connection: close\r\n" : "");
  if (method != "POST") return text + "\r\n";
  if (!chunked_body) return text + fmt::format("Content-Length: {}\r\n\r\n", body) + pattern().whole(seed + 1, body);
  text += "Transfer-Encoding: chunked\r\n\r\n";
  for (std::uint64_t place = 0; place < body;) {
    const auto piece = pattern().at(seed + 1, place, body - place);
    text += fmt::format("{:x}\r\n", piece.size()).append(piece).append("\r\n");
    place += piece.size();
  }
  return text + "0\r\n\r\n";
}

Request make_request(const Mix& mix, std::uint64_t number, std::chrono::steady_clock::time_point due) {
  Request request{.due = due, .seed = mix.from + number, .size = mix.size};
  if (!mix.soak) return request;
  // Each property from a roll of its own, so that all combinations come up.
  auto roll = [state = request.seed * 16](std::uint64_t sides) mutable { return Pattern::mix(state++) % sides; };
  const auto size = [&roll] {
    const auto dice = roll(100);
    return soak_size(dice, roll(1 << 30));
  };
  request.size = size();
  const auto method = roll(10);
  request.method = method < 6 ? "GET" : method == 6 ? "HEAD" : "POST";
  if (request.method == "POST") request.body = size();
  request.chunked_body = roll(2) == 0;
  request.chunked_answer = roll(3) == 0;
  request.close = roll(10) == 0;
  request.slow = roll(100) == 0;
  const auto leaves = roll(150);
  if (leaves == 0 && request.body > (64 << 10)) request.leaves = Leaves::in_request;
  if (leaves == 1) request.leaves = Leaves::before_answer;
  if (leaves < 6 && request.size > (20 << 10) && request.method != "HEAD") request.leaves = Leaves::in_answer;
  return request;
}

}  // namespace bench
