#include "comparator/tls/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace comparator::tls {

// What OpenSSL reads and writes through: like its own socket, but without SIGPIPE, and it notes when the socket is
// empty, so that nobody reads only to learn that.
struct Session::Socket {
  int fd = -1;
  bool empty = false;

  static Socket& of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const auto got = recv(of(bio).fd, into, static_cast<std::size_t>(size), 0);
    of(bio).empty = got < size;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
  }
  static int write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    const auto sent = send(of(bio).fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
};

namespace {

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

using Made = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

[[noreturn]] void fail(const std::string& what, const std::string& file) {
  throw std::runtime_error(fmt::format("tls: cannot use the {} \"{}\": {}", what, file, last_error()));
}

// A key with a password would be asked for on the terminal.
int no_password(char*, int, int, void*) { return 0; }

Made make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  Made context(SSL_CTX_new(method), SSL_CTX_free);
  if (context == nullptr) throw std::runtime_error("tls: " + last_error());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Idle connections give their buffers back; a write may be short, and its bytes may have moved when it is repeated.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  return context;
}

void use_identity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return;
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) fail("certificate", certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) fail("key", key);
  if (SSL_CTX_check_private_key(context) != 1) fail("key", key);
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  auto** out = const_cast<unsigned char**>(chosen);
  const int found = SSL_select_next_proto(out, length, kHttp11, sizeof kHttp11, offered, offered_length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool is_address(const std::string& name) {
  in6_addr any{};
  return inet_pton(AF_INET, name.c_str(), &any) == 1 || inet_pton(AF_INET6, name.c_str(), &any) == 1;
}

}  // namespace

Context::~Context() { SSL_CTX_free(context_); }

std::shared_ptr<const Context> for_clients(const ClientTlsConfig& config) {
  auto context = make_context(TLS_server_method());
  if (config.min_version == TlsVersion::tls_1_3) SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  use_identity(context.get(), config.certificate, config.key);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  return std::make_shared<const Context>(context.release());
}

std::shared_ptr<const Context> for_side(const SideTlsConfig& config) {
  auto context = make_context(TLS_client_method());
  use_identity(context.get(), config.certificate, config.key);
  if (config.verify) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const bool trusts = config.ca.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                                          : SSL_CTX_load_verify_file(context.get(), config.ca.c_str()) == 1;
    if (!trusts) fail("certificates to trust", config.ca);
  }
  SSL_CTX_set_alpn_protos(context.get(), kHttp11, sizeof kHttp11);
  return std::make_shared<const Context>(context.release());
}

Session::Session(const Context& context, int fd, const std::string& server_name)
    : socket_(std::make_unique<Socket>(Socket{fd, false})), ssl_(SSL_new(context.get())) {
  BIO* bio = ssl_ == nullptr ? nullptr : BIO_new(Socket::method());
  if (bio == nullptr) {
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, socket_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  if (server_name.empty()) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  if (is_address(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), server_name.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, server_name.c_str());
    SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(ssl_, server_name.c_str());
  }
}

Session::~Session() { SSL_free(ssl_); }

Session::Status Session::handshake() {
  ERR_clear_error();
  return status_of(SSL_do_handshake(ssl_));
}

Session::Status Session::read(char* into, std::size_t size, std::size_t& got) {
  ERR_clear_error();
  return status_of(SSL_read_ex(ssl_, into, size, &got));
}

Session::Status Session::write(const char* from, std::size_t size, std::size_t& sent) {
  ERR_clear_error();
  return status_of(SSL_write_ex(ssl_, from, size, &sent));
}

bool Session::more() const { return !socket_->empty || SSL_has_pending(ssl_) == 1; }

void Session::end() {
  ERR_clear_error();
  if (problem_.empty() && SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
  ERR_clear_error();
}

Session::Status Session::status_of(int result) {
  if (result > 0) return Status::done;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return Status::blocked;
    case SSL_ERROR_ZERO_RETURN: return Status::ended;
    default: break;
  }
  const long verified = SSL_get_verify_result(ssl_);
  problem_ = verified == X509_V_OK || SSL_is_init_finished(ssl_) == 1
                 ? (ERR_peek_last_error() == 0 ? "the connection was cut" : last_error())
                 : X509_verify_cert_error_string(verified);
  ERR_clear_error();
  return Status::failed;
}

}  // namespace comparator::tls
