#pragma once

#include <string>

#include "tests/support/temporary_directory.h"

namespace support {

/// Certificates and keys made for one test, as PEM files in a folder of their own.
class Certificates {
 public:
  struct Leaf {
    std::string certificate;  ///< File name.
    std::string key;
  };

  Certificates();

  std::string ca() const { return folder_ / "ca.pem"; }
  const Leaf& good() const { return good_; }              ///< For `localhost` and 127.0.0.1, signed by ca().
  const Leaf& another() const { return another_; }        ///< Likewise, another one: its subject is `another`.
  const Leaf& expired() const { return expired_; }        ///< Since an hour.
  const Leaf& wrong_host() const { return wrong_host_; }  ///< For `elsewhere.example`.
  const Leaf& self_signed() const { return self_signed_; }
  const Leaf& client() const { return client_; }  ///< For a client.

 private:
  TemporaryDirectory folder_;
  Leaf good_;
  Leaf another_;
  Leaf expired_;
  Leaf wrong_host_;
  Leaf self_signed_;
  Leaf client_;
};

}  // namespace support
