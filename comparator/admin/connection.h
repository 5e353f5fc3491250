#pragma once

#include <httplib.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>

namespace comparator::admin {

/// The connections that are open, so that stopping can end them without waiting for their clients.
class OpenSockets {
 public:
  bool add(int socket);     ///< False once stopping: close it unanswered.
  void remove(int socket);  ///< Before it is closed.
  void end_all();

 private:
  std::mutex mutex_;
  std::set<int> sockets_;
  bool stopping_ = false;
};

/// One accepted connection with a deadline for the whole of its request and one for the whole of its answer, where
/// the library's own stream has one per read, which a dripping client renews for ever, and counts no header fields.
class Connection : public httplib::Stream {
 public:
  struct Limits {
    std::size_t head_bytes;
    std::chrono::milliseconds request_time;
    std::chrono::milliseconds response_time;
  };

  Connection(int socket, Limits limits);  ///< Does not own the socket.

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool wait_for(short events) const;  ///< False at the deadline or on a broken connection.
  bool fill();

  int socket_;
  Limits limits_;
  Clock::time_point deadline_;
  bool answering_ = false;
  std::size_t received_ = 0;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace comparator::admin
