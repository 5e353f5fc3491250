// The reader of answers under any bytes: what it tells does not depend on how the bytes are cut. The first byte of the
// input says what was asked for, and how large the pieces are; the rest is what the side sends, up to its end.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "comparator/front/answer_reader.h"

namespace {

using namespace comparator;
using front::AnswerReader;

void require(bool law) {
  if (!law) std::abort();
}

// Everything a caller learns of one answer.
struct Told {
  std::string heads;  ///< Interim and final ones, with what they were taken for.
  std::string body;
  std::size_t used = 0;
  bool bad = false;
  bool finished = false;
  bool whole = false;
  bool keeps_connection = false;
};

void add_head(const http::AnswerHead& head, char kind, std::string& heads) {
  heads += kind;
  heads += std::to_string(head.status);
  heads += '0' + static_cast<char>(head.minor_version);
  for (const auto& field : head.fields) heads.append(field.line);
  heads += head.chunked ? 'c' : ' ';
  heads += head.content_length ? std::to_string(*head.content_length) : "-";
}

Told read(std::string_view method, std::string_view bytes, std::size_t step) {
  AnswerReader reader(method);
  http::AnswerHead head;
  Told told;
  bool switched = false;
  while (told.used < bytes.size() && !told.bad && !reader.finished() && !switched) {
    auto piece_of_input = bytes.substr(told.used, step);
    while (!piece_of_input.empty() && !told.bad && !reader.finished() && !switched) {
      std::size_t consumed = 0;
      std::string_view piece;
      const auto event = reader.next(piece_of_input, head, consumed, piece);
      require(consumed <= piece_of_input.size());
      switch (event) {
        case AnswerReader::Event::bad: told.bad = true; break;
        case AnswerReader::Event::interim: add_head(head, 'i', told.heads); break;
        case AnswerReader::Event::head:
          add_head(head, 'h', told.heads);
          switched = head.status == 101;
          require(reader.head_seen());
          break;
        case AnswerReader::Event::body: told.body += piece; break;
        case AnswerReader::Event::more: break;
      }
      require(told.bad || consumed > 0);  // or a caller would turn for ever
      told.used += consumed;
      piece_of_input.remove_prefix(consumed);
    }
  }
  told.finished = reader.finished();
  told.whole = !told.bad && !switched && reader.whole_at_end();
  told.keeps_connection = reader.keeps_connection();
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "POST", "OPTIONS"};
  const auto method = kMethods[data[0] % 4];
  const std::size_t step = 1 + data[0] / 4;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const Told in_one = read(method, bytes, bytes.size() + 1);
  const Told in_pieces = read(method, bytes, step);
  const Told in_bytes = read(method, bytes, 1);
  for (const auto* cut : {&in_pieces, &in_bytes}) {
    // What waits for the end of its line is not looked at before it has come, so a bad head may be noticed later.
    require(!cut->bad || in_one.bad);
    require(cut->heads == in_one.heads && cut->body == in_one.body);
    if (cut->bad != in_one.bad) continue;
    require(cut->finished == in_one.finished && cut->whole == in_one.whole);
    require(cut->keeps_connection == in_one.keeps_connection);
    require(in_one.bad || cut->used == in_one.used);
  }
  return 0;
}
