#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "comparator/address.h"
#include "comparator/config/config.h"

/// Host names of the sides, kept looked up while the program runs.
namespace comparator::names {

/// Looks up one endpoint at these servers (see Resolver::Options). Blocks for some seconds at the most. Empty, with
/// `error` set, when there is no address. Throws std::runtime_error when lookups cannot be made at all.
std::vector<Address> look_up(const std::string& servers, const Endpoint& endpoint, std::string& error);

/// Looks names up on a thread of its own, again whenever an answer expires (its TTL, within 1 s and 5 min; where
/// there is none, as from a hosts file, 30 s). A lookup that fails changes nothing: what was known goes on being used,
/// and the next try comes soon.
class Resolver {
 public:
  /// Told on the resolver's thread whenever the addresses of an endpoint are another set than before. Never empty.
  using Told = std::function<void(const Endpoint&, const std::vector<Address>&)>;

  struct Options {
    std::string servers{};  ///< `address:port`, comma-separated; empty: those of the system.
  };

  /// Throws std::runtime_error with one sentence when lookups cannot be made at all.
  Resolver(const Options& options, Told told);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// From here on these endpoints, and no others. Those that are no names are left out. Thread-safe.
  void watch(const std::vector<Endpoint>& endpoints);

  /// Thread-safe; since the start.
  std::uint64_t lookups() const;
  std::uint64_t failures() const;

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace comparator::names
