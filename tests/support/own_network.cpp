#include "tests/support/own_network.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

namespace support {
namespace {

bool raise_loopback() {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool up = ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  close(fd);
  return up;
}

}  // namespace

bool in_own_network(const std::function<void()>& body) {
  bool made = false;
  std::thread([&] {
    made = unshare(CLONE_NEWNET) == 0 && raise_loopback();
    if (made) body();
  }).join();
  return made;
}

bool limit_local_ports(int first, int last) {
  std::ofstream file("/proc/sys/net/ipv4/ip_local_port_range");
  file << first << ' ' << last << std::flush;
  return file.good();
}

bool add_input_rule(const std::string& rule) {
  const auto command = "PATH=$PATH:/usr/sbin:/sbin iptables -A INPUT " + rule + " 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

}  // namespace support
