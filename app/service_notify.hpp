#pragma once

#include <string_view>

namespace ccrelay::app {

/// Tells the service manager how it goes: sd_notify(3), written by hand, since it is one datagram
/// to the socket in $NOTIFY_SOCKET (an absolute path, or a name in the abstract namespace behind an
/// `@`). `state` are lines such as `READY=1`. Without that variable, or when nobody takes it, it
/// does nothing: the relay serves all the same.
void notify_service(std::string_view state);

/// RELOADING=1 with the time that systemd asks for beside it (Type=notify-reload).
void notify_reloading();

}  // namespace ccrelay::app
