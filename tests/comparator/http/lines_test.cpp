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

TEST_CASE("A token ends at the first character that it may not hold", "[http]") {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 40U}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string made(size, 'a');
        made[at] = static_cast<char>(c);
        const std::string_view text = made;
        const auto* end = text.data() + text.size();
        const auto* expected = std::find_if_not(text.data(), end, token_char);
        if (find_token_end(text.data(), end) != expected) FAIL(size << " " << at << " " << c);
      }
    }
  }
}

TEST_CASE("A value ends at the first control character but HTAB", "[http]") {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 40U}) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string made(size, 'a');
        made[at] = static_cast<char>(c);
        const std::string_view text = made;
        const auto* end = text.data() + text.size();
        const auto* expected = std::find_if(text.data(), end, control);
        if (find_control(text.data(), end) != expected) FAIL(size << " " << at << " " << c);
      }
    }
  }
}

}  // namespace
}  // namespace comparator::http
