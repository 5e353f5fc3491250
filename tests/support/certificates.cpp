#include "tests/support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace support {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

constexpr long kHour = 3600;

struct Wanted {
  std::string subject;
  std::string names;  // subjectAltName; empty: an authority
  long valid_until = 24 * kHour;
};

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Certificate make_certificate(const Wanted& wanted, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 1;
  Certificate made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * kHour);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.valid_until);
  X509_set_pubkey(made.get(), key);
  const auto* subject = reinterpret_cast<const unsigned char*>(wanted.subject.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC, subject, -1, -1, 0);
  X509* signer = issuer == nullptr ? made.get() : issuer;
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  if (wanted.names.empty()) {
    add_extension(made.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(made.get(), signer, NID_subject_alt_name, wanted.names);
  }
  X509_sign(made.get(), issuer_key, EVP_sha256());
  return made;
}

File open_to_write(const std::string& path) {
  File file(std::fopen(path.c_str(), "w"), std::fclose);
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  return file;
}

}  // namespace

Certificates::Certificates() {
  const Key ca_key = make_key();
  const Certificate authority =
      make_certificate({.subject = "test authority", .names = {}}, ca_key.get(), nullptr, ca_key.get());
  PEM_write_X509(open_to_write(ca()).get(), authority.get());
  const auto leaf = [&](const Wanted& wanted, bool self_signed = false) {
    const Key key = make_key();
    const Certificate made = make_certificate(wanted, key.get(), self_signed ? nullptr : authority.get(),
                                              self_signed ? key.get() : ca_key.get());
    Leaf files{folder_ / (wanted.subject + ".pem"), folder_ / (wanted.subject + ".key")};
    PEM_write_X509(open_to_write(files.certificate).get(), made.get());
    PEM_write_PrivateKey(open_to_write(files.key).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return files;
  };
  const std::string here = "DNS:localhost,IP:127.0.0.1";
  good_ = leaf({.subject = "good", .names = here});
  another_ = leaf({.subject = "another", .names = here});
  expired_ = leaf({.subject = "expired", .names = here, .valid_until = -kHour});
  wrong_host_ = leaf({.subject = "wrong-host", .names = "DNS:elsewhere.example"});
  self_signed_ = leaf({.subject = "self-signed", .names = here}, true);
  client_ = leaf({.subject = "client", .names = "DNS:client.example"});
}

}  // namespace support
