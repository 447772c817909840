#pragma once

#include <string_view>

namespace ccrelay::config {

/// Whether a setting is read when the relay starts and not again, whatever becomes of it. By path:
/// `server.listen`.
bool needs_restart(std::string_view path);

}  // namespace ccrelay::config
