#pragma once

#include <optional>
#include <string_view>

#include "comparator/body_hash.h"
#include "comparator/compare/settler.h"
#include "comparator/exchange.h"
#include "comparator/http/head.h"

namespace comparator::front {

/// Keeps what comparing needs of one side's answer, within the caps; above them, a hash of the whole body. What the
/// copied side sends is compared in place with what the serving side has sent so far, and kept from the first byte on
/// only where it differs or comes earlier.
class Capture {
 public:
  Capture(compare::Settler& settler, Exchange& exchange, Side side)
      : settler_(settler), exchange_(exchange), side_(side) {}

  void head(const http::AnswerHead& head);
  void body(std::string_view piece);
  /// The body is whole.
  void end();

 private:
  bool continues_same(std::string_view piece);
  bool keep(std::string_view piece);

  compare::Settler& settler_;
  Exchange& exchange_;
  const Side side_;
  std::optional<BodyHash> hash_;
};

}  // namespace comparator::front
