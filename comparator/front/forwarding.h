#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "comparator/address.h"
#include "comparator/config/config.h"
#include "comparator/http/head.h"

/// What a request is told beside what it says itself: where it comes from, and that it has been here.
namespace comparator::front {

/// Where a request comes from and goes to.
struct Passage {
  std::string_view side_url;  ///< Names the host where a client of HTTP/1.0 does not.
  const ForwardConfig& forward;
  const Address& client;
  bool secure = false;  ///< It came over TLS.
};

/// Whether this twinrun has passed the request on before: its name stands in X-Twinrun-Loop, which every copy bears
/// and every twinrun passes on, or in Via, where that is written. Other twinruns on the way do no harm.
bool came_round(const http::RequestHead& head, const ForwardConfig& forward);

/// The fields of ForwardConfig on one request. An appended list goes on in its last line, behind what is there;
/// X-Forwarded-Proto and -Host, which are no lists, are only added where they are missing. What is replaced is dropped
/// wherever it stands and added at the end.
class Forwarded {
 public:
  Forwarded(const http::RequestHead& head, const Passage& passage);
  /// Whether the field is one of these; then it has been written, as it is or changed, or left out.
  bool take(std::size_t field, std::string& out) const;
  /// Writes those that the request did not have.
  void finish(std::string& out) const;

  static bool wanted(const ForwardConfig& forward) {
    return forward.via || forward.forwarded != Forwarding::off || forward.x_forwarded != Forwarding::off;
  }

 private:
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);
  struct Added {
    std::string_view name;
    std::string value;
    Forwarding how = Forwarding::off;
    bool list = false;
    std::size_t last = kNowhere;  // where the request has it last
  };
  void want(std::string_view name, std::string value, Forwarding how, bool list);
  const Added* find(std::size_t field) const;

  const http::RequestHead& head_;
  std::array<Added, 5> added_;
  std::size_t count_ = 0;
};

}  // namespace comparator::front
