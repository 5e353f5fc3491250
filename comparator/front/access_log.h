#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "comparator/address.h"
#include "comparator/config/config.h"

namespace comparator::front {

/// One request as the access log tells of it. Views into what its writer holds.
struct AccessEntry {
  std::int64_t at_us = 0;  ///< Unix time of its beginning.
  const Address* client = nullptr;
  std::string_view method{};  ///< This and the next two are empty for what never became a request.
  std::string_view target{};  ///< Secrets of the query removed.
  const std::vector<std::string>* hidden_query = nullptr;  ///< Parameters whose values are not told.
  std::string_view request_head{};                         ///< For `Referer` and `User-Agent`.
  int status = 0;                                          ///< That the client got; 0: none.
  std::uint64_t body_bytes = 0;                            ///< Of the answer, without transfer coding.
  std::chrono::microseconds elapsed{0};
  std::string_view route{};
  std::string_view side{};   ///< That answered.
  std::string_view cause{};  ///< Why there was no whole answer; else empty.
};

/// Appends one line with its end. `json`: an object with one key for each member above; `combined`: as Apache and nginx
/// write it. Whatever clients send, a line is a line: control characters, quotes and bytes beyond ASCII are escaped.
void append_entry(const AccessEntry& entry, AccessLogConfig::Format format, std::string& lines);

/// The file of the access log and the thread that writes it. Loops hand over lines and never wait: more than
/// `kMaxWaiting` bytes are dropped and counted. Thread-safe.
class AccessLog {
 public:
  static constexpr std::size_t kMaxWaiting = 16 << 20;

  /// Opens the file, `-` being the standard output; empty: there is no log. Throws std::runtime_error with one
  /// sentence.
  explicit AccessLog(const AccessLogConfig& config);
  ~AccessLog();  ///< Writes what is waiting.
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  /// Takes the lines, which are empty afterwards.
  void hand_over(std::string& lines);
  /// Opens the file anew: another one, or the same name after a rotation. Throws likewise; then the old one stays.
  void reopen(const AccessLogConfig& config);
  /// Bytes that were not written: the writer was behind, or the file could not be written.
  std::uint64_t lost_bytes() const { return lost_.load(std::memory_order_relaxed); }

 private:
  void run();
  void write(const std::string& lines, int fd);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  int fd_;  // under the mutex; the writer has a duplicate while it writes
  bool stopping_ = false;
  std::atomic<std::uint64_t> lost_{0};
  std::thread thread_;
};

}  // namespace comparator::front
