#pragma once

namespace ccrelay::upstream {

/// Another descriptor for the same socket, closed on exec. -1 and errno: none is to be had. Whoever
/// calls owns it.
int second_descriptor(int socket);

}  // namespace ccrelay::upstream
