#include <boost/beast/http.hpp>

#include "tests/fuzz/differential/reading.h"

namespace differential {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

template <bool isRequest>
class Reading {
 public:
  Reading() {
    parser_.header_limit(1 << 20);
    parser_.body_limit(std::uint64_t{1} << 40);  // boost::none is taken for none at all by 1.74
  }

  beast::error_code feed(std::string_view bytes) {
    kept_ += bytes;
    beast::error_code error;
    while (!kept_.empty() && !parser_.is_done()) {
      const auto used = parser_.put(asio::buffer(kept_), error);
      kept_.erase(0, used);
      if (parser_.is_header_done() && start_.empty()) note_head();
      if (error == http::error::need_more) return {};
      if (error || used == 0) break;
    }
    return error;
  }
  bool whole() const { return parser_.is_done() && kept_.empty(); }
  beast::error_code finish() {
    beast::error_code error;
    parser_.put_eof(error);
    return error;
  }
  std::string text() const { return start_ + std::string(1, '\0') + parser_.get().body(); }

 private:
  void note_head() {
    const auto& head = parser_.get();
    const auto add = [&](const auto& text) { start_.append(text.data(), text.size()).push_back('\0'); };
    if constexpr (isRequest) {
      add(head.method_string());
      add(head.target());
    } else {
      add(std::to_string(head.result_int()));
    }
    add(std::to_string(head.version() % 10));
    for (const auto& field : head) {
      add(field.name_string());
      add(field.value());
    }
  }

  http::parser<isRequest, http::string_body> parser_;
  std::string kept_;
  std::string start_;
};

template <bool isRequest>
std::string read(std::string_view bytes) {
  Reading<isRequest> reading;
  auto error = reading.feed(bytes.substr(0, bytes.size() - 1));
  if (!error && reading.whole()) return "-ends earlier";
  if (!error) error = reading.feed(bytes.substr(bytes.size() - 1));
  if (!error && !reading.whole()) error = reading.finish();
  if (error) return "-" + error.message();
  return reading.whole() ? "+" + reading.text() : "-not whole";
}

}  // namespace

std::string read_with_beast(Kind kind, std::string_view bytes) {
  return kind == Kind::request ? read<true>(bytes) : read<false>(bytes);
}

}  // namespace differential
