#pragma once

namespace ccrelay::testing {

/// libuv 1.44 writes without MSG_NOSIGNAL: a peer that is gone would end the process. Ignores
/// SIGPIPE unless the program has decided otherwise.
void ignore_broken_pipe();

}  // namespace ccrelay::testing
