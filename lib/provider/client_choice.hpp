#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// Something in a request that its client has picked and the provider may not grant to everybody: a
/// guardrail, a profile, a container, another credential under a name of the provider's own. A
/// refusal of a request with one says nothing of the operator's credential, which everybody uses.
struct ClientChoice {
  std::string name;   ///< of the header or member, in lower case
  std::string value;  ///< of a header; may be empty
};

/// Those of a request. What every request has, and what no provider acts on, is none. `cloud` is
/// the provider's: a cloud gets a short list of headers (cloud_request.hpp), so no others are
/// chosen there. Reads the whole body; for requests that were refused. Pure.
std::vector<ClientChoice> client_choices(const Headers& forwardable, std::string_view body,
                                         Cloud cloud);

/// The first of them that the provider's words are about; null if they name none.
const ClientChoice* named_choice(std::string_view message,
                                 const std::vector<ClientChoice>& choices);

}  // namespace ccrelay::provider
