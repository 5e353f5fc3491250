#include "comparator/config/config.h"

#include <algorithm>
#include <cstdlib>

#include "tests/comparator/config/problems.h"

namespace comparator {
namespace {

using namespace std::chrono_literals;

TEST_CASE("two addresses are a whole configuration") {
  const Config config = config_of(kSides);

  CHECK(config.old_side.endpoint == Endpoint{"a", 1});
  CHECK(config.new_side.endpoint == Endpoint{"b", 2});
  CHECK(config.old_side.timeout == 60s);
  CHECK(config.new_side.timeout == 2s);
  CHECK(config.listen == Endpoint{"127.0.0.1", 8080});
  CHECK(config.admin.listen == Endpoint{"127.0.0.1", 9400});
  CHECK(config.store == "twinrun.db");
  REQUIRE(config.routes.size() == 1);
  CHECK(config.routes[0].name == "default");
  CHECK(config.routes[0].stage == Stage::shadow);
  CHECK(config.routes[0].path.empty());
}

TEST_CASE("every section fills its part") {
  const Config config = config_of(R"(
listen: 0.0.0.0:8081
loops: 3
drain: 5s
store: /var/lib/twinrun/t.db
old: {url: http://10.0.0.5:8080, build: v1, connect_timeout: 250ms, timeout: 10s, idle_timeout: 3s}
new: {url: "http://[::1]", timeout: 500ms, max_in_flight: 7, idle_connections: 9}
admin: {listen: 0.0.0.0:9401, tokens: [0123456789abcdef]}
limits: {head_bytes: 16KiB, header_count: 64, target_bytes: 4KiB, body_bytes: 64MiB, head_timeout: 1s,
         body_timeout: 2s, idle_timeout: 3s, write_timeout: 4s, request_timeout: 5s,
         requests_per_connection: 6, connections: 5, connections_per_address: 4, buffered: 32KiB, buffered_in_all: 2MiB}
tls: {certificate: chain.pem, key: chain-key.pem, min_version: "1.3"}
access_log: {file: /var/log/twinrun/access.log, format: combined}
name_servers: [10.0.0.2, "10.0.0.3:5353", "::1"]
forward: {via: true, forwarded: append, x_forwarded: replace, traceparent: true, request_id: true, instance: edge-1}
compare: {headers: [Content-Type, ETag], max_body: 1MiB, max_held: 8MiB, queue: 9, workers: 2}
redact: {headers: [X-Session, Cookie], paths: [/body/**/pin], query: [code]}
)");

  CHECK(config.listen == Endpoint{"0.0.0.0", 8081});
  CHECK(config.loops == 3);
  CHECK(config.drain == 5s);
  CHECK(config.store == "/var/lib/twinrun/t.db");
  CHECK(config.old_side.build == "v1");
  CHECK(config.old_side.connect_timeout == 250ms);
  CHECK(config.old_side.timeout == 10s);
  CHECK(config.old_side.idle_timeout == 3s);
  CHECK(config.new_side.endpoint == Endpoint{"::1", 80});
  CHECK(config.new_side.timeout == 500ms);
  CHECK(config.new_side.max_in_flight == 7);
  CHECK(config.new_side.idle_connections == 9);
  CHECK(config.admin.listen == Endpoint{"0.0.0.0", 9401});
  CHECK(config.admin.tokens == std::vector<std::string>{"0123456789abcdef"});
  CHECK(config.limits.head_bytes == 16 * 1024);
  CHECK(config.limits.header_count == 64);
  CHECK(config.limits.target_bytes == 4 * 1024);
  CHECK(config.limits.body_bytes == 64u << 20);
  CHECK(config.limits.head_timeout == 1s);
  CHECK(config.limits.body_timeout == 2s);
  CHECK(config.limits.idle_timeout == 3s);
  CHECK(config.limits.write_timeout == 4s);
  CHECK(config.limits.request_timeout == 5s);
  CHECK(config.limits.requests_per_connection == 6);
  CHECK(config.limits.connections == 5);
  CHECK(config.limits.connections_per_address == 4);
  CHECK(config.limits.buffered == 32 * 1024);
  CHECK(config.limits.buffered_in_all == 2u << 20);
  REQUIRE(config.tls);
  CHECK(config.tls->certificate == "chain.pem");
  CHECK(config.tls->key == "chain-key.pem");
  CHECK(config.tls->min_version == TlsVersion::tls_1_3);
  CHECK(config.access_log == AccessLogConfig{"/var/log/twinrun/access.log", AccessLogConfig::Format::combined});
  CHECK(config.name_servers == std::vector<std::string>{"10.0.0.2:53", "10.0.0.3:5353", "[::1]:53"});
  CHECK(config.forward.via);
  CHECK(config.forward.forwarded == Forwarding::append);
  CHECK(config.forward.x_forwarded == Forwarding::replace);
  CHECK(config.forward.traceparent);
  CHECK(config.forward.request_id);
  CHECK(config.forward.instance == "edge-1");
  CHECK(config.compare.headers == std::vector<std::string>{"content-type", "etag"});
  CHECK(config.compare.max_body_bytes == 1u << 20);
  CHECK(config.compare.max_held_bytes == 8u << 20);
  CHECK(config.compare.queue == 9);
  CHECK(config.compare.workers == 2);
}

TEST_CASE("a side says how it is spoken to, how it is spared and how its requests are rewritten") {
  const SideConfig side = config_of(R"(
old: {url: http://a:1}
new:
  url: https://b
  tls: {verify: false, ca: ca.pem, server_name: b.internal, certificate: own.pem, key: own-key.pem}
  max_rate: 100
  warm_up: 5m
  breaker: {failures: 3, pause: 250ms}
  rewrite:
    prefix: {from: /shop/, to: /v2/shop}
    host: new.internal:81
    query: {remove: [debug, trace], set: {version: 2, lang: en}}
    headers: {remove: [X-Debug], set: {X-Env: "trial run"}}
)")
                              .new_side;

  CHECK(side.endpoint == Endpoint{"b", 443});
  CHECK(side.secure);
  CHECK(side.tls == SideTlsConfig{false, "ca.pem", "b.internal", "own.pem", "own-key.pem"});
  CHECK(side.max_rate == 100);
  CHECK(side.warm_up == 5min);
  CHECK(side.breaker == BreakerConfig{3, 250ms});
  CHECK(side.rewrite.prefix_from == "/shop");
  CHECK(side.rewrite.prefix_to == "/v2/shop");
  CHECK(side.rewrite.host == "new.internal:81");
  CHECK(side.rewrite.remove_query == std::vector<std::string>{"debug", "trace"});
  CHECK(side.rewrite.set_query == std::vector<RewriteConfig::Pair>{{"version", "2"}, {"lang", "en"}});
  CHECK(side.rewrite.remove_headers == std::vector<std::string>{"x-debug"});
  CHECK(side.rewrite.set_headers == std::vector<RewriteConfig::Pair>{{"X-Env", "trial run"}});
}

TEST_CASE("redaction adds to the defaults and never takes one away") {
  const RedactConfig defaults;

  const RedactConfig redact =
      config_of(kSides + "redact: {headers: [X-Session, Cookie], paths: [/body/**/pin], query: [code]}").redact;

  CHECK(redact.headers.size() == defaults.headers.size() + 1);
  CHECK(redact.headers.back() == "x-session");
  CHECK(redact.paths.size() == defaults.paths.size() + 1);
  CHECK(redact.paths.back() == "/body/**/pin");
  CHECK(redact.query.size() == defaults.query.size() + 1);
}

TEST_CASE("what is wrong is told with its place, what was found and what is allowed") {
  struct Row {
    std::string name;
    std::string yaml;      // behind the two sides, from line 3
    std::string expected;  // one problem, as `line:column: text`, its beginning
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"unknown key", "lisen: 127.0.0.1:1", "3:1: unknown key `lisen`, did you mean `listen`? allowed: listen, loops,",
       "a slip of the finger"},
      {"unknown far", "frobnicate: 1", "3:1: unknown key `frobnicate`; allowed: ", "no guess is better than a bad one"},
      {"unknown inside", "limits: {head_byte: 1}", "3:10: limits: unknown key `head_byte`, did you mean `head_bytes`?",
       "the place is the key's"},
      {"repeated", "store: a\nstore: b", "4:1: the key `store` is repeated; it stands first in line 3",
       "the library keeps both silently"},
      {"repeated inside", "admin: {listen: 127.0.0.1:1, listen: 127.0.0.1:2}",
       "3:30: admin: the key `listen` is repeated", "on any level"},
      {"no unit", "drain: 10", "3:8: drain: found `10`; allowed is a time with its unit, such as 500ms, 2s, 1m or 24h",
       "seconds or milliseconds?"},
      {"too long", "drain: 25h",
       "3:8: drain: found `25h`; allowed is a time with its unit, such as 500ms, 2s, 1m or "
       "24h, from 0h to 1h",
       "the range is told"},
      {"no flag", "forward: {via: yes}", "3:16: forward.via: found `yes`; allowed is true or false",
       "one way to say it"},
      {"no mode", "forward: {forwarded: on}", "3:22: forward.forwarded: found `on`; allowed is off, append or replace",
       "it must be said what becomes of what is there"},
      {"no name", "forward: {instance: a b}", "3:21: forward.instance: found `a b`; allowed is a name of letters",
       "it stands in headers"},
      {"no size", "limits: {body_bytes: lots}", "3:22: limits.body_bytes: found `lots`; allowed is a size in bytes",
       "the key's path is told"},
      {"list for a scalar", "loops: [1]", "3:8: loops: found a list; allowed is a whole number from 0 to 1024",
       "shape"},
      {"nothing for a scalar", "store:\nloops: 1", ": store: found nothing; allowed is a text",
       "a key without a value"},
      {"scalar for a mapping", "limits: 5",
       "3:9: limits: found `5`; allowed is a mapping such as {body_bytes:", "shape"},
      {"mapping for a list", "routes: {a: 1}", "3:9: routes: found a mapping; allowed is a list of routes", "shape"},
      {"listen", "listen: 8080",
       "3:9: listen: found `8080`; allowed is host:port, such as 127.0.0.1:8080 or [::]:8080: "
       "the host is missing",
       "common elsewhere"},
      {"header", "compare: {headers: [a b]}", "3:21: compare.headers: found `a b`; allowed is the name of a header\n",
       "would never match"},
      {"redacted header path", "redact: {paths: [/headers/x]}",
       "3:18: redact.paths: found `/headers/x`; allowed is a path that begins with /body or /**\n",
       "names of headers have their own list"},
      {"control", "control: {url: http://c:3}", "3:10: control: `control` is not supported yet",
       "refused, not ignored"},
      {"fallback", "fallback: old", "3:11: fallback: `fallback` is not supported yet", "refused, not ignored"},
      {"postgresql", "store: postgresql://me:secret@db/x",
       "3:8: store: PostgreSQL is not supported yet; the store is an "
       "SQLite file\n",
       "refused, and the password is not repeated"},
      {"store URL", "store: s3://bucket", "3:8: store: the store is the name of a file", "a file named `s3:`?"},
      {"store in memory", "store: ':memory:'", "3:8: store: the store is a file", "evidence that is lost at once"},
      {"open admin", "admin: {listen: 0.0.0.0:9400}",
       "3:8: admin: listens beyond this machine at 0.0.0.0:9400 and needs "
       "`tokens`",
       "promise 7: nobody gets in"},
      {"open admin by name", "admin: {listen: myhost:9400}", "3:8: admin: listens beyond this machine", "promise 7"},
      {"short token", "admin: {tokens: [hunter2]}",
       "3:18: admin.tokens: a token has at least 16 characters, none of them "
       "a space or beyond ASCII; this one has 7 characters\n",
       "guessable; and never shown"},
      {"token with a space", "admin: {tokens: ['0123456789abcde f']}", "3:18: admin.tokens: a token has",
       "no header "
       "carries it"},
      {"same port", "admin: {listen: 127.0.0.1:8080}", "3:8: admin: listens where clients are served",
       "cannot bind twice"},
      {"not set", "store: ${TWINRUN_TEST_UNSET}",
       "3:8: store: the environment variable `TWINRUN_TEST_UNSET` is not set", "an empty secret is worse than none"},
      {"control character", "store: \"a\\u001bb\"", "3:8: store: found `a\\x1bb`; allowed is one line of text without",
       "a message must not drive the terminal"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);
    unsetenv("TWINRUN_TEST_UNSET");

    const std::string problems = problems_of(parse_config(kSides + row.yaml, kToday));

    INFO(problems);
    CHECK(problems.find(row.expected) != std::string::npos);
    CHECK(std::count(problems.begin(), problems.end(), '\n') == 1);
  }
}

TEST_CASE("what both sides need is asked for") {
  struct Row {
    std::string name;
    std::string yaml;
    std::string expected;
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"empty", "", "1:1: found nothing; allowed is a mapping with at least `old: {url: ...}` and `new: {url: ...}`\n",
       "an empty file is not a default"},
      {"list", "- a", "1:1: found a list; allowed is a mapping with", "not a mapping"},
      {"text", "hello", "1:1: found `hello`; allowed is a mapping with", "not a mapping"},
      {"no new", "old: {url: http://a}",
       "1:1: `new` is missing; it names a service, as in new: {url: http://host:port}\n", "half of a comparison"},
      {"no url", "old: {build: v1}\nnew: {url: http://b}", "1:6: old: `url` is missing\n", "whom to ask?"},
      {"url as side", "old: http://a\nnew: {url: http://b}",
       "1:6: old: found `http://a`; allowed is a mapping such as {url: http://10.0.0.5:8080}\n", "a likely short cut"},
      {"another scheme", "old: {url: ftp://a}\nnew: {url: http://b}",
       "1:12: old.url: found `ftp://a`; allowed is http://host, https://host:port or unix:/path: it does not begin "
       "with "
       "http://, https:// or unix:/",
       "nothing else is spoken"},
      {"a certificate without a key", "old: {url: https://a, tls: {certificate: c.pem}}\nnew: {url: http://b}",
       "1:28: old.tls: `certificate` and `key` come together\n", "one is of no use without the other"},
      {"TLS without a key", "tls: {certificate: c.pem}\nold: {url: http://a}\nnew: {url: http://b}",
       "1:6: tls: both `certificate` and `key` are needed\n", "likewise"},
      {"an order without a key",
       "old: {url: http://a}\nnew: {url: http://b}\nroutes: [{name: default, order: per-key}]",
       "3:33: routes[0]: `order: per-key` needs a `key` of a header, a cookie or the path\n", "the order of what?"},
      {"a key that the path has not",
       "old: {url: http://a}\nnew: {url: http://b}\nroutes: [{name: a, match: {path: /a}, key: path:id}]",
       "3:44: routes[0]: the route's path has no parameter {id}\n", "a slip"},
      {"a header that is not to be set",
       "old: {url: http://a}\nnew: {url: http://b, rewrite: {headers: {set: {Content-Length: 1}}}}",
       "2:48: new.rewrite.headers.set.Content-Length: found `Content-Length`; allowed is a header that neither frames",
       "requests would be smuggled"},
      {"a parameter that splits the query",
       "old: {url: http://a}\nnew: {url: http://b, rewrite: {query: {set: {v: a&b=c}}}}",
       "2:49: new.rewrite.query.set.v: name and value stand in the query as they are here: percent-encode the rest\n",
       "one parameter, not two"},
      {"a name as name server", "name_servers: [ns.example]\nold: {url: http://a}\nnew: {url: http://b}",
       "1:16: name_servers: found `ns.example`; allowed is the address of a name server, such as 10.0.0.2: it is not "
       "an IP address\n",
       "who would look it up?"},
      {"itself", "old: {url: http://127.0.0.1:8080}\nnew: {url: http://b}",
       "1:6: old: this is where twinrun itself listens\n", "a request that never ends"},
      {"itself by any address", "listen: 0.0.0.0:81\nold: {url: http://a}\nnew: {url: http://localhost:81}",
       "3:6: new: this is where twinrun itself listens\n", "likewise"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const std::string problems = problems_of(parse_config(row.yaml, kToday));

    INFO(problems);
    CHECK(problems.substr(0, row.expected.size()) == row.expected);
    CHECK(std::count(problems.begin(), problems.end(), '\n') == 1);
  }
}

TEST_CASE("all problems come at once, in the order of the text") {
  const std::string problems = problems_of(parse_config(R"(routes:
  - {name: A, match: {path: x}, stage: canary, sample: 150%}
rules:
  - {ignore: /bdy/x, reason: r}
new: {url: httpx://b, timeout: 2}
lisen: 1
)",
                                                        kToday));

  std::vector<std::string> places;
  for (std::size_t at = 0; at < problems.size(); at = problems.find('\n', at) + 1) {
    places.push_back(problems.substr(at, problems.find(": ", at) - at));
  }
  INFO(problems);
  CHECK(places == std::vector<std::string>{"1:1", "2:12", "2:29", "2:40", "2:56", "4:14", "5:12", "5:32", "6:1"});
}

TEST_CASE("lists are bounded, so that searching them is") {
  std::string headers;
  for (int i = 0; i < 1001; ++i) headers += fmt::format("h{},", i);

  const std::string problems = problems_of(parse_config(kSides + "redact: {headers: [" + headers + "]}", kToday));

  CHECK(problems == "3:19: redact.headers: a list has at most 1000 entries\n");
}

TEST_CASE("the number of problems that are told is bounded") {
  std::string yaml = kSides;
  for (int i = 0; i < 5000; ++i) yaml += fmt::format("k{}: 1\n", i);

  const auto result = parse_config(yaml, kToday);

  const auto& problems = std::get<std::vector<Problem>>(result);
  CHECK(problems.size() == 1001);
  CHECK(problems.back().message == "and 4000 more problems");
}

TEST_CASE("secrets come from the environment and are never told") {
  setenv("TWINRUN_TEST_TOKEN", "correct-horse-battery", 1);
  setenv("TWINRUN_TEST_SHORT", "hunter2", 1);

  const Config config = config_of(kSides + "admin: {listen: 0.0.0.0:1, tokens: ['${TWINRUN_TEST_TOKEN}']}");
  const std::string problems = problems_of(
      parse_config(kSides + "admin: {tokens: ['${TWINRUN_TEST_SHORT}'], listen: '${TWINRUN_TEST_SHORT}'}", kToday));

  CHECK(config.admin.tokens == std::vector<std::string>{"correct-horse-battery"});
  CHECK_FALSE(problems.empty());
  CHECK(problems.find("hunter2") == std::string::npos);
}

TEST_CASE("the command line goes before the file") {
  Overrides overrides;
  overrides.old_url = "http://c:3";
  overrides.listen = "[::1]:4";
  overrides.admin = "127.0.0.1:0";
  overrides.store = "other.db";

  const Config config = config_of(kSides + "store: t.db", overrides);

  CHECK(config.old_side.endpoint == Endpoint{"c", 3});
  CHECK(config.new_side.endpoint == Endpoint{"b", 2});
  CHECK(config.listen == Endpoint{"::1", 4});
  CHECK(config.admin.listen == Endpoint{"127.0.0.1", 0});
  CHECK(config.store == "other.db");
}

TEST_CASE("arguments alone are a configuration or problems without a place") {
  const auto good = config_for("http://a:1", "http://b:2");
  REQUIRE(std::holds_alternative<Config>(good));
  CHECK(std::get<Config>(good).new_side.timeout == 2s);
  CHECK(std::get<Config>(good).routes.size() == 1);

  Overrides arguments;
  arguments.old_url = "a";
  arguments.new_url = "ftp://b";
  arguments.listen = "8080";
  arguments.store = "postgres://x";
  const std::string problems = problems_of(config_for(arguments));
  CHECK(problems.find("0:0: --old: found `a`; allowed is http://host") != std::string::npos);
  CHECK(problems.find("0:0: --new: found `ftp://b`") != std::string::npos);
  CHECK(problems.find("0:0: --listen: found `8080`") != std::string::npos);
  CHECK(problems.find("0:0: --store: PostgreSQL is not supported yet") != std::string::npos);

  arguments = {};
  arguments.old_url = "http://a";
  arguments.new_url = "http://b";
  arguments.admin = "0.0.0.0:9400";
  CHECK(problems_of(config_for(arguments)).find("listens beyond this machine") != std::string::npos);
}

TEST_CASE("an epoch changes with builds, rules in force and compared headers, and with nothing else") {
  const std::string routes =
      "routes: [{name: a, match: {path: /a}, rules: [{ignore: /body/x, reason: r}, {ignore: /body/y, reason: r, "
      "expires: "
      "2026-11-22}]}]\n";
  const auto epoch = [&](const std::string& yaml, const char* today = kToday) {
    const auto config = std::get<Config>(parse_config(yaml, today));
    return config.epoch(config.routes[0]);
  };
  const auto edited = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to);
  };
  const std::string yaml = kSides + routes;

  CHECK(epoch(yaml) == epoch(yaml));
  CHECK(epoch(yaml).size() == 16);
  CHECK(epoch(edited(yaml, "reason: r", "reason: s")) == epoch(yaml));
  CHECK(epoch(edited(yaml, "http://b:2", "http://b:3")) == epoch(yaml));
  CHECK(epoch(edited(yaml, "http://b:2", "http://b:2, build: v2")) != epoch(yaml));
  CHECK(epoch(edited(yaml, "http://a:1", "http://a:1, build: v2")) !=
        epoch(edited(yaml, "http://b:2", "http://b:2, build: v2")));
  CHECK(epoch(edited(yaml, "/body/x", "/body/z")) != epoch(yaml));
  CHECK(epoch(yaml + "compare: {headers: [etag]}\n") != epoch(yaml));
  CHECK(epoch(yaml, "2026-11-23") != epoch(yaml));
}

}  // namespace
}  // namespace comparator
