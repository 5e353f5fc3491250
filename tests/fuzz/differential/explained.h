#pragma once

#include <vector>

namespace differential {

/// Why another parser may say something else about a message that we accept.
struct Explained {
  const char* parser;
  const char* says;  ///< `-` and its error.
  const char* why;
};

const std::vector<Explained>& explained();

}  // namespace differential
