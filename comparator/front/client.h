#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "comparator/front/stream.h"

namespace comparator::front {

/// A client's connection as those need it who serve its requests.
struct Client {
  Stream stream;
  OutBuffer out;      ///< Answers the client has not taken yet.
  std::string input;  ///< Bytes that were read but belong to what comes next.
  std::size_t input_at = 0;

  std::string_view waiting() const { return std::string_view(input).substr(input_at); }
  void consume(std::size_t bytes);
  void keep(std::string_view bytes) { input.assign(bytes), input_at = 0; }
};

}  // namespace comparator::front
