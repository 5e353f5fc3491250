#include <charconv>
#include <string>

#include "diffing/json_string.h"
#include "diffing/render.h"
#include "diffing/tape.h"

namespace diffing {
namespace {

/// Writes one JSON object or array; commas come by themselves.
class JsonWriter {
 public:
  void open(char bracket) {
    separate();
    out_.push_back(bracket);
    first_ = true;
  }
  void close(char bracket) {
    out_.push_back(bracket);
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    append_quoted(name, out_);
    out_.push_back(':');
    first_ = true;
  }
  void text(std::string_view value) {
    separate();
    append_quoted(value, out_);
  }
  void raw(std::string_view value) {
    separate();
    out_ += value;
  }
  void number(std::uint64_t value) { raw(std::to_string(value)); }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_.push_back(',');
    first_ = false;
  }

  std::string out_;
  bool first_ = true;
};

void write_score(double score, JsonWriter& out) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, score).ptr;
  out.raw({text, static_cast<std::size_t>(end - text)});
}

/// A value as it is; as a string where it was cut or is not JSON; null where the side has none.
void write_value(std::string_view raw, JsonWriter& out) {
  if (raw.empty()) {
    out.raw("null");
  } else if (find_error(raw, {raw.size(), raw.size()})) {
    out.text(raw);
  } else {
    out.raw(raw);
  }
}

void write_difference(const Difference& difference, JsonWriter& out) {
  out.open('{');
  out.key("path");
  out.text(difference.path);
  out.key("kind");
  out.text(name(difference.kind));
  out.key("old");
  write_value(difference.old_value, out);
  out.key("new");
  write_value(difference.new_value, out);
  out.key("severity");
  out.text(name(difference.severity));
  out.key("signature");
  out.text(difference.signature);
  if (!difference.identity.empty()) {
    out.key("identity");
    out.text(difference.identity);
  }
  if (!difference.new_path.empty()) {
    out.key("new_path");
    out.text(difference.new_path);
  }
  out.close('}');
}

void write_error(const ParseError& error, JsonWriter& out) {
  out.open('{');
  out.key("side");
  out.text(error.on_new ? "new" : "old");
  out.key("offset");
  out.number(error.offset);
  out.key("line");
  out.number(error.line);
  out.key("column");
  out.number(error.column);
  out.key("message");
  out.text(error.message);
  out.close('}');
}

void write_counts(const Comparison& comparison, JsonWriter& out) {
  out.key("counts");
  out.open('{');
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    out.key(name(static_cast<Kind>(kind)));
    out.number(comparison.counts[kind]);
  }
  out.close('}');
  out.key("ruled");
  out.number(comparison.ruled);
  out.key("leaves");
  out.open('{');
  out.key("old");
  out.number(comparison.leaves_old);
  out.key("new");
  out.number(comparison.leaves_new);
  out.close('}');
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  JsonWriter out;
  out.open('{');
  out.key("equal");
  out.boolean(comparison.equal());
  out.key("score");
  write_score(comparison.score, out);
  write_counts(comparison, out);
  out.key("differences");
  out.open('[');
  for (const Difference& difference : comparison.differences) write_difference(difference, out);
  out.close(']');
  out.key("truncated");
  out.boolean(comparison.truncated);
  out.key("approximate");
  out.boolean(comparison.approximate);
  out.key("hints");
  out.open('[');
  for (const std::string& hint : comparison.hints) out.text(hint);
  out.close(']');
  out.key("errors");
  out.open('[');
  for (const ParseError& error : comparison.errors) write_error(error, out);
  out.close(']');
  out.close('}');
  return out.take();
}

}  // namespace diffing
