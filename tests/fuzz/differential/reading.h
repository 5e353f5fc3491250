#pragma once

#include <string>
#include <string_view>

/// What parsers that know nothing of each other say of the same bytes, in one form.
namespace differential {

enum class Kind : char { request = 'q', answer = 'a' };

/// `bytes` as one whole message, and nothing behind it. Either `-` and why it is not, or `+` and, each with a NUL
/// behind it: method and target (of an answer: the status), the digit behind HTTP/1., and name and value of each field;
/// then another NUL and the body without its coding.
std::string read_with_beast(Kind kind, std::string_view bytes);

}  // namespace differential
