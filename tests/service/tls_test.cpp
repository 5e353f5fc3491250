// TLS towards clients and towards the sides, against openssl and curl, and with certificates that are wrong.

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/eventually.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using Outcomes = std::map<std::string, std::uint64_t>;
using support::always;
using support::answer;
using support::Certificates;
using support::Received;
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
  TlsSide(const Certificates::Leaf& leaf, std::string bytes) : plain_(always(std::move(bytes))) {
    service_ = std::make_unique<RunningService>(plain_.port(), plain_.port(), [&](auto& config) {
      config.tls = comparator::ClientTlsConfig{.certificate = leaf.certificate, .key = leaf.key};
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
  };
  const std::vector<Row> rows{
      {"1.3", "-tls1_3", "New, TLSv1.3", "RFC 8446"},
      {"1.2", "-tls1_2", "New, TLSv1.2", "RFC 5246: still common"},
      {"1.1", "-tls1_1 -cipher ALL:@SECLEVEL=0", "Cipher is (NONE)", "RFC 8996 forbids it"},
      {"http/1.1 among others", "-alpn h2,http/1.1", "ALPN protocol: http/1.1", "RFC 7301"},
      {"h2 alone", "-alpn h2", "no application protocol", "RFC 7301 section 3.2: nothing in common"},
      {"no ALPN", "", "No ALPN negotiated", "older clients"},
  };
  const Certificates made;
  const TlsSide front(made.good(), answer("ok"));
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);

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

TEST_CASE("A side that answers over TLS is asked again on the same connection", "[service][tls]") {
  const Certificates made;
  TlsSide old_side(made.good(), answer("ok"));
  ScriptedSide new_side(always(answer("ok")));
  RunningService running(1, new_side.port(), [&](auto& config) {
    config.old_side.secure = true;
    config.old_side.tls.ca = made.ca();
    config.old_side.endpoint = {.host = "localhost", .port = old_side.port()};
  });
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
  std::uint16_t port = 0;
  { const support::Socket free(support::listen_on_loopback(port)); }
  // openssl's own server: one page about the connection, which fails without a certificate of ours.
  const auto pid = output_of("openssl s_server -quiet -accept " + std::to_string(port) + " -cert " +
                             made.good().certificate + " -key " + made.good().key + " -CAfile " + made.ca() +
                             " -Verify 1 -verify_return_error -www >/dev/null & echo $!");
  REQUIRE(support::eventually([&] { return support::Socket::connect(port).open(); }));
  const bool shown = GENERATE(true, false);
  RunningService running(old_side.port(), port, [&](auto& config) {
    config.new_side.secure = true;
    config.new_side.tls.ca = made.ca();
    if (shown) {
      config.new_side.tls.certificate = made.client().certificate;
      config.new_side.tls.key = made.client().key;
    }
  });

  running.exchange(kGetAndClose);
  const auto outcomes = support::outcomes_of(running, 1);
  output_of("kill " + pid);

  REQUIRE(outcomes.size() == 1);
  CHECK((outcomes.begin()->first == "mismatch") == shown);
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
