#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "comparator/http/chunks.h"
#include "comparator/http/head.h"

namespace comparator::front {

/// Reads one answer from bytes as they come: interim heads, the final head, the body. Keeps no body.
class AnswerReader {
 public:
  enum class Event : std::uint8_t { more, interim, head, body, bad };

  /// `method` is that of the request and must outlive the reader.
  explicit AnswerReader(std::string_view method) : method_(method) {}

  /// Takes the next part of `bytes`; `consumed` of them are done with. On `interim` and `head`, `head` holds it, with
  /// views into `bytes` or into this reader, valid until the next call. On `body`, `piece` is a view into `bytes`.
  Event next(std::string_view bytes, http::AnswerHead& head, std::size_t& consumed, std::string_view& piece);
  /// The side sends no more: whether the answer is whole all the same.
  bool whole_at_end();

  bool finished() const { return finished_; }    ///< The answer is whole; what follows is not ours.
  bool begun() const { return begun_; }          ///< At least one byte came.
  bool head_seen() const { return head_seen_; }  ///< Of the final answer.
  http::Framing framing() const { return framing_; }
  bool keeps_connection() const { return finished_ && keeps_connection_; }
  const http::ChunkReader& chunks() const { return chunks_; }

 private:
  Event read_head(std::string_view bytes, http::AnswerHead& head, std::size_t& consumed);
  Event read_body(std::string_view bytes, std::size_t& consumed, std::string_view& piece);

  std::string_view method_;
  std::string pending_;  // the beginning of a head that came in parts
  std::size_t taken_ = 0;
  int interims_ = 0;
  bool begun_ = false;
  bool head_seen_ = false;
  bool finished_ = false;
  bool keeps_connection_ = false;
  http::Framing framing_ = http::Framing::none;
  std::uint64_t left_ = 0;
  http::ChunkReader chunks_;
};

}  // namespace comparator::front
