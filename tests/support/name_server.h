#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace support {

/// A DNS server on loopback for tests: answers every A question with the addresses it was told, AAAA with none.
class NameServer {
 public:
  struct Answer {
    std::vector<std::string> addresses;  ///< IPv4; none: the name does not exist.
    std::uint32_t ttl = 1;               ///< Seconds.
    bool silent = false;                 ///< Answers nothing at all.
  };

  explicit NameServer(Answer answer);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void set(Answer answer);
  int questions() const { return questions_.load(); }

 private:
  void serve();
  std::string reply(const std::string& question);

  int fd_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  Answer answer_;
  std::atomic<int> questions_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace support
