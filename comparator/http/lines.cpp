#include "comparator/http/lines.h"

namespace comparator::http {

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
  const char* colon = find_token_end(start, reader.end);
  if (colon == reader.end) return Line::partial;
  if (*colon != ':' || colon == start) {
    const bool space = *colon == ' ' || *colon == '\t';
    refusal = {400, space ? "white space before the colon of a header" : "bad character in a header name"};
    return Line::bad;
  }
  const char* stop = find_control(colon + 1, reader.end);
  if (stop == reader.end) return Line::partial;
  reader.at = stop;
  if (reader.left() >= 2 && stop[0] == '\r' && stop[1] == '\n') {
    reader.at += 2;
  } else if (const Line line = read_crlf(reader, refusal); line != Line::ok) {
    return line;
  }
  field.name = {start, static_cast<std::size_t>(colon - start)};
  field.value = trim({colon + 1, static_cast<std::size_t>(stop - colon - 1)});
  field.line = {start, static_cast<std::size_t>(reader.at - start)};
  return Line::ok;
}

}  // namespace comparator::http
