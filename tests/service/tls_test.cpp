// TLS towards clients and towards the sides, against openssl and curl, and with certificates that are wrong.

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/running_program.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using Outcomes = std::map<std::string, std::uint64_t>;
using comparator::TlsVersion;
using support::always;
using support::answer;
using support::Certificates;
using support::Peer;
using support::Received;
using support::RunningProgram;
using support::RunningService;
using support::ScriptedSide;

// Output of a shell command, standard error too.
std::string output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), pclose);
  std::string all;
  char buffer[4096];
  while (const auto got = std::fread(buffer, 1, sizeof buffer, pipe.get())) all.append(buffer, got);
  return all;
}

// A service that speaks TLS with this certificate: a second twinrun in front of a plain side.
class TlsSide {
 public:
  TlsSide(const Certificates::Leaf& leaf, std::string bytes, TlsVersion least = TlsVersion::tls_1_2)
      : plain_(always(std::move(bytes))) {
    service_ = std::make_unique<RunningService>(plain_.port(), plain_.port(), [&](auto& config) {
      config.tls = comparator::ClientTlsConfig{.certificate = leaf.certificate, .key = leaf.key, .min_version = least};
      config.routes.front().stage = comparator::Stage::old;
      config.forward.instance = "another";  // than the one in front of it, in the same process
    });
  }
  std::uint16_t port() const { return service_->port(); }
  RunningService& service() { return *service_; }
  const ScriptedSide& plain() const { return plain_; }

 private:
  ScriptedSide plain_;
  std::unique_ptr<RunningService> service_;
};

RunningService::Change secure_new(const TlsSide& side, const Certificates& made) {
  return [&](comparator::Config& config) {
    config.new_side.secure = true;
    config.new_side.tls.ca = made.ca();
    config.new_side.endpoint = {.host = "127.0.0.1", .port = side.port()};
  };
}

// openssl's own server on a free port, with these options: one page about the connection.
class OpensslServer {
 public:
  OpensslServer(const Certificates::Leaf& leaf, const std::string& options) {
    { const support::Socket free(support::listen_on_loopback(port_)); }
    pid_ = output_of("openssl s_server -quiet -accept " + std::to_string(port_) + " -cert " + leaf.certificate +
                     " -key " + leaf.key + " " + options + " -www >/dev/null & echo $!");
  }
  ~OpensslServer() { output_of("kill " + pid_); }
  OpensslServer(const OpensslServer&) = delete;
  OpensslServer& operator=(const OpensslServer&) = delete;

  std::uint16_t port() const { return port_; }
  bool ready() const {
    return support::eventually([&] { return support::Socket::connect(port_).open(); });
  }

 private:
  std::uint16_t port_ = 0;
  std::string pid_;
};

RunningService::Change secure_old(std::uint16_t port, const Certificates& made) {
  return [&made, port](comparator::Config& config) {
    config.old_side.secure = true;
    config.old_side.tls.ca = made.ca();
    config.old_side.endpoint = {.host = "localhost", .port = port};
  };
}

const std::string kGetAndClose = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST_CASE("A client gets over TLS what it gets without", "[service][tls]") {
  const Certificates made;
  const std::string body(3 << 20, 'x');
  TlsSide front(made.good(), answer(body));
  const auto url = "https://localhost:" + std::to_string(front.port());

  const auto got = output_of("curl --silent --show-error --max-time 20 --cacert " + made.ca() + " " + url + "/a " +
                             url + "/b --output - --output - --write-out '%{http_code} %{ssl_verify_result}\n'");

  CHECK(got.size() == 2 * (body.size() + std::string("200 0\n").size()));
  CHECK(got.find("200 0\n") == body.size());
  CHECK(front.service().outcomes() == Outcomes{{"not_selected/stage", 2}});
}

TEST_CASE("What came over TLS is told to the sides as https", "[service][tls]") {
  const Certificates made;
  ScriptedSide side(always(answer("ok")));
  RunningService front(side.port(), side.port(), [&](auto& config) {
    config.tls = comparator::ClientTlsConfig{.certificate = made.good().certificate, .key = made.good().key};
    config.routes.front().stage = comparator::Stage::old;
    config.forward.x_forwarded = comparator::Forwarding::append;
  });

  const auto got = output_of("curl --silent --show-error --max-time 20 --cacert " + made.ca() +
                             " https://localhost:" + std::to_string(front.port()) + "/a");

  CHECK(got == "ok");
  REQUIRE(side.requests().size() == 1);
  CHECK(side.requests().front().has("\r\nX-Forwarded-Proto: https\r\n"));
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, older ones are not, and http/1.1 is the only protocol", "[service][tls]") {
  struct Row {
    const char* name;
    const char* options;
    const char* expected;
    const char* why;
    TlsVersion least = TlsVersion::tls_1_2;
  };
  const std::vector<Row> rows{
      {"1.3", "-tls1_3", "New, TLSv1.3", "RFC 8446"},
      {"1.2", "-tls1_2", "New, TLSv1.2", "RFC 5246: still common"},
      {"1.1", "-tls1_1 -cipher ALL:@SECLEVEL=0", "Cipher is (NONE)", "RFC 8996 forbids it"},
      {"1.3 where it is the least", "-tls1_3", "New, TLSv1.3", "min_version", TlsVersion::tls_1_3},
      {"1.2 where 1.3 is the least", "-tls1_2", "alert protocol version", "min_version", TlsVersion::tls_1_3},
      {"http/1.1 among others", "-alpn h2,http/1.1", "ALPN protocol: http/1.1", "RFC 7301"},
      {"h2 alone", "-alpn h2", "no application protocol", "RFC 7301 section 3.2: nothing in common"},
      {"no ALPN", "", "No ALPN negotiated", "older clients"},
  };
  const Certificates made;
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      const TlsSide front(made.good(), answer("ok"), row.least);

      const auto said =
          output_of("echo | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(front.port()) +
                    " -CAfile " + made.ca() + " " + row.options);

      INFO(said);
      CHECK(said.find(row.expected) != std::string::npos);
    }
  }
}

TEST_CASE("A certificate that is wrong is the side's failure, and no client notices", "[service][tls]") {
  struct Row {
    const char* name;
    const Certificates::Leaf& (Certificates::*leaf)() const;
    std::function<void(comparator::SideConfig&)> change;
    const char* outcome;
    const char* why;
  };
  const auto nothing = [](comparator::SideConfig&) {};
  const std::vector<Row> rows{
      {"good", &Certificates::good, nothing, "match", "the host is an address of the certificate"},
      {"expired", &Certificates::expired, nothing, "new_failed/tls", "RFC 5280 section 4.1.2.5"},
      {"another host's", &Certificates::wrong_host, nothing, "new_failed/tls", "RFC 6125"},
      {"another host's, whose name was asked for", &Certificates::wrong_host,
       [](auto& side) { side.tls.server_name = "elsewhere.example"; }, "match", "server_name"},
      {"self-signed", &Certificates::self_signed, nothing, "new_failed/tls", "nobody vouches for it"},
      {"self-signed, not verified", &Certificates::self_signed, [](auto& side) { side.tls.verify = false; }, "match",
       "told to trust anybody"},
      {"signed by nobody the system knows", &Certificates::good, [](auto& side) { side.tls.ca.clear(); },
       "new_failed/tls", "the system's certificates are the default"},
  };
  const Certificates made;
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide old_side(always(answer("ok")));
      TlsSide new_side((made.*row.leaf)(), answer("ok"));
      RunningService running(old_side.port(), 1, [&](auto& config) {
        secure_new(new_side, made)(config);
        row.change(config.new_side);
      });

      CHECK(running.exchange(kGetAndClose).find("\r\n\r\nok") != std::string::npos);
      CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
    }
  }
}

TEST_CASE("A certificate of the serving side that is wrong is 502, and it hears nothing", "[service][tls]") {
  struct Row {
    const char* name;
    const Certificates::Leaf& (Certificates::*leaf)() const;
    const char* why;
  };
  const std::vector<Row> rows{
      {"expired", &Certificates::expired, "RFC 5280 section 4.1.2.5"},
      {"another host's", &Certificates::wrong_host, "RFC 6125"},
      {"self-signed", &Certificates::self_signed, "nobody vouches for it"},
  };
  const Certificates made;
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      TlsSide old_side((made.*row.leaf)(), answer("ok"));
      ScriptedSide new_side(always(answer("ok")));
      RunningService running(1, new_side.port(), secure_old(old_side.port(), made));

      CHECK(running.exchange(kGetAndClose).starts_with("HTTP/1.1 502 Bad Gateway\r\n"));

      CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/tls", 1}});
      CHECK(old_side.plain().connections() == 0);
    }
  }
}

TEST_CASE("An address whose handshake fails is left out for a while", "[service][tls][names]") {
  const Certificates made;
  TlsSide old_side(made.good(), answer("ok"));
  ScriptedSide failing([](Peer&) {}, "127.0.0.2", old_side.port());
  support::NameServer server({.addresses = {"127.0.0.1", "127.0.0.2"}, .ttl = 60});
  RunningService running(1, old_side.port(), [&](auto& config) {
    secure_old(old_side.port(), made)(config);
    config.name_servers = {server.address()};
    config.old_side.endpoint.host = "old.test";
    config.old_side.tls.server_name = "localhost";
    config.old_side.idle_connections = 0;
    config.routes.front().stage = comparator::Stage::old;
  });

  for (int i = 0; i < 10; ++i) CHECK(running.exchange(kGetAndClose).ends_with("\r\n\r\nok"));

  CHECK(failing.connections() == 1);
  CHECK(support::outcomes_of(running, 10) == Outcomes{{"not_selected/stage", 10}});
}

// Curl's whole output, and the side ends without a goodbye when the first bytes of the body have come.
std::string output_when_cut(const std::string& command, std::string_view begin, const RunningProgram& side) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), pclose);
  std::string all(begin.size(), '\0');
  all.resize(std::fread(all.data(), 1, all.size(), pipe.get()));
  side.signal(SIGKILL);  // the system ends its connections: what TLS would have said is not said
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) all += static_cast<char>(c);
  return all;
}

TEST_CASE("An answer that TLS did not end does not look whole to the client", "[service][tls]") {
  const Certificates made;
  const support::TemporaryDirectory folder;
  const std::string file = folder / "twinrun.yaml";
  ScriptedSide plain([](Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    peer.send("HTTP/1.1 200 OK\r\n\r\nhalf");  // the end of the connection would be the end of the body
    peer.hang();
  });
  std::ofstream(file) << "old: {url: '" << plain.url() << "'}\nnew: {url: '" << plain.url() << "'}\n"
                      << "store: " << (folder / "twinrun.db") << "\nadmin: {listen: 127.0.0.1:0}\n"
                      << "tls: {certificate: " << made.good().certificate << ", key: " << made.good().key << "}\n"
                      << "routes: [{name: default, stage: old}]\n";
  const RunningProgram old_side({.binary = TWINRUN_BINARY, .config_file = file, .folder = folder.path().string()});
  REQUIRE(old_side.state() == "READY=1");
  ScriptedSide new_side(always(answer("ok")));
  const std::string scheme = GENERATE(values<std::string>({"http", "https"}));
  RunningService running(1, new_side.port(), [&](auto& config) {
    secure_old(old_side.port(), made)(config);
    config.forward.instance = "another";
    if (scheme == "https") {
      config.tls = comparator::ClientTlsConfig{.certificate = made.good().certificate, .key = made.good().key};
    }
  });

  const auto got = output_when_cut("curl --silent --show-error --no-buffer --max-time 20 --cacert " + made.ca() + " " +
                                       scheme + "://localhost:" + std::to_string(running.port()) + "/a",
                                   "half", old_side);

  INFO(got);
  CHECK(got.starts_with("halfcurl: (56) "));  // failure in receiving
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/reset", 1}});
}

TEST_CASE("A side that answers over TLS is asked again on the same connection", "[service][tls]") {
  const Certificates made;
  TlsSide old_side(made.good(), answer("ok"));
  ScriptedSide new_side(always(answer("ok")));
  RunningService running(1, new_side.port(), secure_old(old_side.port(), made));
  support::Socket client = running.connect();

  for (int i = 0; i < 3; ++i) {
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.receive_until("\r\n\r\nok").find("200 OK") != std::string::npos);
  }

  CHECK(support::outcomes_of(running, 3) == Outcomes{{"match", 3}});
  CHECK(old_side.plain().requests().size() == 3);
  CHECK(old_side.plain().connections() == 1);
}

TEST_CASE("A plain service behind https, and TLS behind http, are failures with a cause", "[service][tls]") {
  const Certificates made;
  ScriptedSide old_side(always(answer("ok")));
  ScriptedSide plain(always(answer("ok")));
  TlsSide secure(made.good(), answer("ok"));
  const bool https = GENERATE(true, false);
  RunningService running(old_side.port(), https ? plain.port() : secure.port(), [&](auto& config) {
    config.new_side.secure = https;
    config.new_side.tls.ca = made.ca();
    config.new_side.timeout =
        std::chrono::milliseconds(500);  // of which a plain service needs all: it waits for a line
  });

  CHECK(running.exchange(kGetAndClose).find("\r\n\r\nok") != std::string::npos);

  const auto outcomes = support::outcomes_of(running, 1);
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes.begin()->first.find("new_failed/") == 0);
}

TEST_CASE("A side that asks for a certificate gets it", "[service][tls]") {
  const Certificates made;
  ScriptedSide old_side(always(answer("ok")));
  const OpensslServer asking(made.good(), "-CAfile " + made.ca() + " -Verify 1 -verify_return_error");
  REQUIRE(asking.ready());
  const bool shown = GENERATE(true, false);
  RunningService running(old_side.port(), asking.port(), [&](auto& config) {
    config.new_side.secure = true;
    config.new_side.tls.ca = made.ca();
    if (shown) {
      config.new_side.tls.certificate = made.client().certificate;
      config.new_side.tls.key = made.client().key;
    }
  });

  running.exchange(kGetAndClose);
  const auto outcomes = support::outcomes_of(running, 1);
  REQUIRE(outcomes.size() == 1);
  CHECK((outcomes.begin()->first == "mismatch") == shown);
}

TEST_CASE("A side is told which host is meant", "[service][tls]") {
  struct Row {
    const char* name;
    const char* host;
    const char* server_name;
    const char* known;                                              // to the side; another name ends the handshake
    const Certificates::Leaf& (Certificates::*for_others)() const;  // shown when no name is said
    const Certificates::Leaf& (Certificates::*for_known)() const;
    const char* why;
  };
  const std::vector<Row> rows{
      {"the URL's host", "localhost", "", "localhost", &Certificates::wrong_host, &Certificates::good,
       "RFC 6066 section 3"},
      {"server_name", "localhost", "elsewhere.example", "elsewhere.example", &Certificates::good,
       &Certificates::wrong_host, "it goes before the URL"},
      {"an address is not said", "127.0.0.1", "", "elsewhere.example", &Certificates::good, &Certificates::wrong_host,
       "RFC 6066 section 3: literal addresses are not permitted"},
  };
  const Certificates made;
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide old_side(always(answer("ok")));
      const auto& named = (made.*row.for_known)();
      const OpensslServer new_side((made.*row.for_others)(), std::string("-servername_fatal -servername ") + row.known +
                                                                 " -cert2 " + named.certificate + " -key2 " +
                                                                 named.key);
      REQUIRE(new_side.ready());
      RunningService running(old_side.port(), 1, [&](auto& config) {
        config.new_side.secure = true;
        config.new_side.tls.ca = made.ca();
        config.new_side.tls.server_name = row.server_name;
        config.new_side.endpoint = {.host = row.host, .port = new_side.port()};
      });

      running.exchange(kGetAndClose);

      CHECK(support::outcomes_of(running, 1) == Outcomes{{"mismatch", 1}});  // its page is not old's
    }
  }
}

TEST_CASE("Certificates are read again with the configuration, for connections that begin afterwards",
          "[service][tls]") {
  const Certificates made;
  TlsSide front(made.good(), answer("ok"));
  const auto subject = [&] {
    return output_of("echo | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(front.port()));
  };
  CHECK(subject().find("subject=CN = good") != std::string::npos);

  // As a renewal does it: other bytes behind the same names.
  std::filesystem::copy_file(made.another().certificate, made.good().certificate,
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(made.another().key, made.good().key, std::filesystem::copy_options::overwrite_existing);
  front.service().reload();

  CHECK(support::eventually([&] { return subject().find("subject=CN = another") != std::string::npos; }));
}

TEST_CASE("A certificate that cannot be used is not taken up, and the one before it goes on", "[service][tls]") {
  const Certificates made;
  TlsSide front(made.good(), answer("ok"));
  const auto spoil = GENERATE(values<std::function<void(const Certificates::Leaf&, const Certificates::Leaf&)>>({
      [](const auto& good, const auto&) { std::filesystem::remove(good.certificate); },
      [](const auto& good, const auto&) { std::filesystem::remove(good.key); },
      [](const auto& good, const auto&) { std::ofstream(good.certificate) << "-----BEGIN CERTIFICATE-----\n"; },
      [](const auto& good, const auto& another) {
        std::filesystem::copy_file(another.certificate, good.certificate,
                                   std::filesystem::copy_options::overwrite_existing);
      },
  }));

  spoil(made.good(), made.another());
  CHECK_THROWS_AS(front.service().reload(), std::runtime_error);

  CHECK(output_of("curl --silent --show-error --max-time 20 --cacert " + made.ca() +
                  " https://localhost:" + std::to_string(front.port()) + "/a") == "ok");
}

TEST_CASE("A certificate that cannot be used is told in one sentence", "[service][tls]") {
  const Certificates made;
  const auto refusal = [&](const std::string& certificate, const std::string& key) -> std::string {
    try {
      RunningService running(1, 2, [&](auto& config) {
        config.tls = comparator::ClientTlsConfig{.certificate = certificate, .key = key};
      });
      return "started";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };

  CHECK(refusal("/nowhere.pem", made.good().key).find("tls: cannot use the certificate \"/nowhere.pem\": ") == 0);
  CHECK(refusal(made.good().certificate, made.good().certificate).find("tls: cannot use the key") == 0);
  CHECK(refusal(made.good().certificate, made.another().key).find("key values mismatch") != std::string::npos);
}

TEST_CASE("A client that does not shake hands in time, or not at all, is ended", "[service][tls]") {
  const Certificates made;
  ScriptedSide side(always(answer("ok")));
  RunningService running(side.port(), side.port(), [&](auto& config) {
    config.tls = comparator::ClientTlsConfig{.certificate = made.good().certificate, .key = made.good().key};
    config.limits.head_timeout = std::chrono::milliseconds(100);
  });
  const std::string hello =
      GENERATE(std::string(), std::string("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), std::string("\x16\x03\x01\x02", 4));
  support::Socket client = running.connect();

  client.send(hello);

  CHECK(client.wait_for_end());
  CHECK(running.outcomes().empty());
}

}  // namespace
