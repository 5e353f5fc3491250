#include "comparator/front/client.h"

namespace comparator::front {
namespace {

constexpr std::size_t kGiveBackBytes = 64 * 1024;  // a larger buffer is freed once empty

}  // namespace

void Client::consume(std::size_t bytes) {
  input_at += bytes;
  if (input_at == input.size()) {
    input.clear();
    input_at = 0;
    if (input.capacity() > kGiveBackBytes) input.shrink_to_fit();
  }
}

void Client::keep_more(std::string_view bytes) {
  input.erase(0, input_at);  // what is done with would pile up under requests that never end with a read
  input_at = 0;
  input += bytes;
}

}  // namespace comparator::front
