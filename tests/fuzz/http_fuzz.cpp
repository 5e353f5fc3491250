// Heads of requests and answers under any bytes, with laws as the oracle: a head that is whole is whole and the same
// however it arrives, and a prefix of it is partial.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "comparator/http/head.h"

namespace {

using namespace comparator::http;

void require(bool law) {
  if (!law) std::abort();
}

template <class AnyHead>
void check_head(std::string_view bytes) {
  AnyHead head;
  Refusal refusal;
  const HeadLimits limits{.bytes = 4096, .fields = 32, .target = 256};
  const Parsed parsed = parse(bytes, limits, head, refusal);
  if (parsed == Parsed::bad) require(refusal.status >= 400 && !refusal.reason.empty());
  if (parsed != Parsed::whole) return;
  require(head.bytes <= bytes.size() && head.bytes <= limits.bytes && head.fields.size() <= limits.fields);
  const auto whole = bytes.substr(0, head.bytes);
  require(whole.substr(whole.size() - 4) == "\r\n\r\n");
  for (const auto& field : head.fields) {
    require(is_token(field.name));
    require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  const auto fields = head.fields.size();
  const auto length = head.content_length;
  const bool chunked = head.chunked;
  AnyHead again;
  require(parse(whole, limits, again, refusal) == Parsed::whole);
  require(again.fields.size() == fields && again.content_length == length && again.chunked == chunked);
  for (std::size_t cut : {whole.size() - 1, whole.size() / 2}) {
    require(parse(whole.substr(0, cut), limits, again, refusal) == Parsed::partial);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_head<RequestHead>(bytes);
  check_head<AnswerHead>(bytes);
  return 0;
}
