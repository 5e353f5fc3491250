#include "comparator/shadow/rewrite.h"

#include "tests/support/catch.h"

namespace {

using comparator::RewriteConfig;
using comparator::shadow::rewritten;

TEST_CASE("a request is rewritten where the configuration says so, and nowhere else", "[shadow]") {
  struct Row {
    const char* name;
    RewriteConfig rewrite;
    std::string head;
    std::string expected;
    const char* why;
  };
  const auto prefix = [](const char* from, const char* to) {
    RewriteConfig rewrite;
    rewrite.prefix_from = from;
    rewrite.prefix_to = to;
    return rewrite;
  };
  const auto query = [](std::vector<std::string> remove, std::vector<RewriteConfig::Pair> set) {
    RewriteConfig rewrite;
    rewrite.remove_query = std::move(remove);
    rewrite.set_query = std::move(set);
    return rewrite;
  };
  const auto headers = [](std::vector<std::string> remove, std::vector<RewriteConfig::Pair> set) {
    RewriteConfig rewrite;
    rewrite.remove_headers = std::move(remove);
    rewrite.set_headers = std::move(set);
    return rewrite;
  };
  RewriteConfig host;
  host.host = "new.internal:81";
  const auto get = [](const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"; };
  const std::vector<Row> rows{
      {"nothing", {}, get("/a?b"), get("/a?b"), "no rule, no change"},
      {"prefix", prefix("/shop", "/v2/shop"), get("/shop/1?x=/shop"), get("/v2/shop/1?x=/shop"), "the path alone"},
      {"the prefix itself", prefix("/shop", "/v2"), get("/shop"), get("/v2"), "a whole path is a prefix too"},
      {"prefix removed", prefix("/shop", ""), get("/shop/1"), get("/1"), "carved out of a monolith"},
      {"prefix removed to nothing", prefix("/shop", ""), get("/shop?a"), get("/?a"), "a path is never empty"},
      {"prefix added", prefix("", "/api"), get("/shop"), get("/api/shop"), "every path begins with nothing"},
      {"another segment", prefix("/shop", "/v2"), get("/shopping"), get("/shopping"), "whole segments only"},
      {"another path", prefix("/shop", "/v2"), get("/a/shop"), get("/a/shop"), "a prefix is at the beginning"},
      {"asterisk", prefix("", "/api"), get("*"), get("*"), "OPTIONS * has no path"},
      {"host", host, "GET / HTTP/1.1\r\nA: 1\r\nhOst: old\r\nB: 2\r\n\r\n",
       "GET / HTTP/1.1\r\nA: 1\r\nhOst: new.internal:81\r\nB: 2\r\n\r\n", "in its place"},
      {"parameter removed", query({"debug"}, {}), get("/a?x=1&debug=2&y&debug"), get("/a?x=1&y"), "every one of them"},
      {"last parameter removed", query({"debug"}, {}), get("/a?debug"), get("/a"), "no query, no question mark"},
      {"parameter set", query({}, {{"v", "2"}}), get("/a?v=1&x=1&v=3"), get("/a?x=1&v=2"),
       "instead of all of its name"},
      {"parameter added", query({}, {{"v", "2"}}), get("/a"), get("/a?v=2"), "where there was none"},
      {"parameter with a longer name", query({"v"}, {}), get("/a?vv=1"), get("/a?vv=1"), "the whole name"},
      {"header removed", headers({"x-debug"}, {}), "GET / HTTP/1.1\r\nHost: h\r\nX-Debug: 1\r\nX-DEBUG: 2\r\n\r\n",
       get("/"), "whatever its case"},
      {"header set", headers({}, {{"Authorization", "Bearer t"}}),
       "GET / HTTP/1.1\r\nauthorization: Basic x\r\nHost: h\r\n\r\n",
       "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n\r\n", "the client's token is not the new side's"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      CHECK(rewritten(row.head, row.rewrite) == row.expected);
    }
  }
}

}  // namespace
