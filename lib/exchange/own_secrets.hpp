#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include <string>
#include <string_view>

#include "worker/client_index.hpp"

namespace ccrelay::exchange {

/// Takes out of a request whatever is one of the relay's secrets (the keys that open it, its
/// clients', those of its management, the keys of its providers, the placeholder that opens
/// nothing), in whichever header or query parameter it stands: some clients send their key under
/// several names, and not all of them are known here. `made_token` is one of the management's that
/// stands in no configuration; empty: there is none. What check_access() looks at stays
/// for it to see (`x-api-key`, `authorization`, `x-goog-api-key`, `api-key`), and never goes on by
/// itself.
void drop_own_secrets(const Config& config, const worker::ClientIndex& clients,
                      std::string_view made_token, RequestHead& head);

/// Takes the parameter `key`, in which Gemini's clients may send their credential, out of the
/// target, however often it is there: nobody may log it or send it on. The first one's value,
/// decoded.
std::string take_query_key(RequestHead& head);

}  // namespace ccrelay::exchange
