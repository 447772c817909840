#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/failure.hpp"
#include "exchange/target.hpp"
#include "provider/error_about.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// What an error of `target`'s provider means: by the rules of its configuration, else by what the
/// provider itself knows of it, else by the table. `body` as it came, before any translation.
provider::ErrorMeaning read_trouble(const Target& target, int status, const Headers& headers,
                                    std::string_view body, WallTime wall);

/// Takes over what it means: the outcome, how long to wait, and, where only a person can mend it,
/// what to tell the client. `sent` is what was refused; `headers` are the answer's.
void take_trouble(Failure& failure, const provider::ErrorMeaning& meaning,
                  const ClientRequest& request, const Target& target, const ProviderRequest& sent,
                  const Headers& headers, WallTime wall);

}  // namespace ccrelay::exchange
