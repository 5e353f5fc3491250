#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>

namespace support {

/// twinrun as a child process, with a listening socket and a place to tell its state, as systemd gives them; what it
/// logs goes to a file. Killed when this ends.
class RunningProgram {
 public:
  struct Options {
    std::string binary;
    std::string config_file;
    std::string folder;             ///< For its notifications and its log.
    std::uint64_t descriptors = 0;  ///< It may have so many open; 0: as many as we.
  };

  explicit RunningProgram(const Options& options);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  std::uint16_t port() const { return port_; }
  void signal(int number) const;
  /// The next state that it tells, without what follows the first line; empty after ten seconds.
  std::string state() const;
  /// Its exit code, or -1 if a signal ended it.
  int wait();

  std::size_t sockets() const;  ///< That it has open.
  std::size_t resident_kb() const;
  std::chrono::milliseconds processor_time() const;
  std::string log() const;

 private:
  [[noreturn]] void run(const Options& options, const std::string& notify) const;

  std::string log_file_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  int notified_ = -1;
  pid_t pid_ = -1;
};

}  // namespace support
