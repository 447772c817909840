#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include "worker/client_index.hpp"

namespace ccrelay::exchange {

/// Takes out of a request whatever is one of the relay's secrets (the keys that open it, its
/// clients', the keys of its providers, the placeholder that opens nothing), in whichever header or
/// query parameter it stands: some clients send their key under several names, and not all of them
/// are known here. `x-api-key` and `authorization` stay for check_access() to see; they never go on
/// by themselves.
void drop_own_secrets(const Config& config, const worker::ClientIndex& clients, RequestHead& head);

}  // namespace ccrelay::exchange
