#include "comparator/supervisor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace comparator::supervisor {
namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START

long number_in(const char* variable) {
  const char* text = std::getenv(variable);
  long number = 0;
  if (text != nullptr) std::from_chars(text, text + std::string_view(text).size(), number);
  return number;
}

}  // namespace

void notify(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || std::string_view(path).size() < 2 || std::string_view(path).size() >= sizeof address.sun_path)
    return;
  const std::string_view name(path);
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, name.size());
  if (name.front() == '@') address.sun_path[0] = '\0';  // an abstract socket
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  close(fd);
}

void notify_reloading() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  notify(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000LL + now.tv_nsec / 1000));
}

std::optional<int> inherited_listener() {
  if (number_in("LISTEN_PID") != getpid() || number_in("LISTEN_FDS") < 1) return std::nullopt;
  int listening = 0;
  socklen_t size = sizeof listening;
  if (getsockopt(kFirstInherited, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || listening == 0)
    return std::nullopt;
  fcntl(kFirstInherited, F_SETFD, FD_CLOEXEC);
  return kFirstInherited;
}

}  // namespace comparator::supervisor
