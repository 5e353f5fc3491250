#include "comparator/http/lines.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "tests/support/catch.h"

namespace comparator::http {
namespace {

TEST_CASE("Names are equal whatever the case of their letters, and of nothing else", "[http]") {
  // Every byte against every other, alone and at each place of names of each length that is compared in its own way.
  for (const std::size_t size : {1U, 3U, 4U, 7U, 8U, 9U, 15U, 16U, 17U}) {
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      std::string a(size, 'n');
      std::string b(size, 'N');
      for (int x = 0; x < 256; ++x) {
        for (int y = 0; y < 256; ++y) {
          a[at] = static_cast<char>(x);
          b[at] = static_cast<char>(y);
          if (same_name(a, b) != (lower(a[at]) == lower(b[at]))) FAIL(size << " " << at << " " << x << " " << y);
        }
      }
    }
  }
  CHECK(same_name("", ""));
  CHECK(!same_name("a", ""));
  CHECK(!same_name("Content-Length", "Content-Lengths"));
}

// Every character at every place of texts that are shorter than, as long as and longer than what is read at once.
template <class Expected, class Found>
void check_at_every_place(Expected expected, Found found) {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 40U}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string made(size, 'a');
        made[at] = static_cast<char>(c);
        const std::string_view text = made;
        const auto* end = text.data() + text.size();
        if (found(text.data(), end) != expected(text.data(), end)) FAIL(size << " " << at << " " << c);
      }
    }
  }
}

TEST_CASE("A token ends at the first character that it may not hold", "[http]") {
  check_at_every_place([](const char* at, const char* end) { return std::find_if_not(at, end, token_char); },
                       find_token_end);
}

TEST_CASE("A value ends at the first control character but HTAB", "[http]") {
  check_at_every_place([](const char* at, const char* end) { return std::find_if(at, end, control); }, find_control);
}

}  // namespace
}  // namespace comparator::http
