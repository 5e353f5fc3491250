#pragma once

#include <optional>
#include <string_view>

/// What systemd, or another supervisor that speaks as it does, wants to know and has to give.
namespace comparator::supervisor {

/// Sends a state such as `READY=1` where NOTIFY_SOCKET says; nothing without one (sd_notify(3)). Never blocks.
void notify(std::string_view state);
/// `RELOADING=1` with the time, which it needs; `READY=1` comes when that is done.
void notify_reloading();

/// The first of the listening sockets that this process was started with (sd_listen_fds(3)); nothing without one.
/// Closed on exec from here on. The environment is not changed, so this is to be asked once.
std::optional<int> inherited_listener();

}  // namespace comparator::supervisor
