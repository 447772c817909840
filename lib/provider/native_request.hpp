#pragma once

#include <ccrelay/provider.hpp>

#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::provider {

// What providers of OpenAI's and Google's form have in common. A body that comes to them is in
// their own words already, the client's or what the relay has translated to them, and without what
// they are known to refuse: of it no more than the model's name is theirs to change.

/// The same in the words of the room that translates; anthropic for what is no dialect of it.
dialect::Dialect translated_dialect(Dialect dialect);

/// What a request goes out with beside the credential: the client's headers, but for those that
/// choose an account, and at a cloud no more than it can know; no encoding, and the content's type.
Headers native_headers(const ProviderRequest& request, Cloud cloud);

/// What an error says is not taken: the optional members that it names. `message`: the provider's
/// words, or its whole answer, which may name the parameter.
Unsupported native_refusal(int status, std::string_view message, const ProviderRequest& request);

}  // namespace ccrelay::provider
