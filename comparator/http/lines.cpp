#include "comparator/http/lines.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace comparator::http {

const char* find_control(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i high = _mm_set1_epi8(static_cast<char>(0x80));
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Unsigned "below 0x20": flip the top bit and compare signed.
    const __m128i below = _mm_cmplt_epi8(_mm_xor_si128(block, high), _mm_xor_si128(space, high));
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(block, tab), below), _mm_cmpeq_epi8(block, del));
    const int mask = _mm_movemask_epi8(bad);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && !control(*at)) ++at;
  return at;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Line read_crlf(Reader& reader, Refusal& refusal) {
  if (reader.left() == 0) return Line::partial;
  if (*reader.at != '\r') {
    refusal = {400, *reader.at == '\n' ? "bare LF" : "control character"};
    return Line::bad;
  }
  if (reader.left() == 1) return Line::partial;
  if (reader.at[1] != '\n') {
    refusal = {400, "bare CR"};
    return Line::bad;
  }
  reader.at += 2;
  return Line::ok;
}

Line read_field(Reader& reader, Field& field, Refusal& refusal) {
  const char* start = reader.at;
  if (reader.left() == 0) return Line::partial;
  if (*start == '\r' || *start == '\n') {
    const Line line = read_crlf(reader, refusal);
    return line == Line::ok ? Line::end : line;
  }
  if (*start == ' ' || *start == '\t') {
    refusal = {400, "obsolete line folding"};
    return Line::bad;
  }
  const char* colon = start;
  while (colon != reader.end && token_char(*colon)) ++colon;
  if (colon == reader.end) return Line::partial;
  if (*colon != ':' || colon == start) {
    const bool space = *colon == ' ' || *colon == '\t';
    refusal = {400, space ? "white space before the colon of a header" : "bad character in a header name"};
    return Line::bad;
  }
  const char* stop = find_control(colon + 1, reader.end);
  if (stop == reader.end) return Line::partial;
  reader.at = stop;
  const Line line = read_crlf(reader, refusal);
  if (line != Line::ok) return line;
  field.name = {start, static_cast<std::size_t>(colon - start)};
  field.value = trim({colon + 1, static_cast<std::size_t>(stop - colon - 1)});
  field.line = {start, static_cast<std::size_t>(reader.at - start)};
  return Line::ok;
}

}  // namespace comparator::http
