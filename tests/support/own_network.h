#pragma once

#include <functional>
#include <string>

namespace support {

/// Runs `body` on a thread that has a network of its own, with nothing but loopback; so have the threads that it
/// starts. What is written there (sysctls, iptables) nobody else sees, and it is gone afterwards. False, and nothing
/// was run, where this process may not make one: that takes root.
bool in_own_network(const std::function<void()>& body);

/// Within it: the only local ports that connect() may take from here on. False if the system forbids it.
bool limit_local_ports(int first, int last);

/// Within it: adds a rule to iptables' INPUT chain, through which every packet on loopback comes. False if there is no
/// iptables, or not such a rule.
bool add_input_rule(const std::string& rule);

}  // namespace support
