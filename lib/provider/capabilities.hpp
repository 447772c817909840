#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// What is known beforehand of a type of provider: what Anthropic's and the clouds' pages say is
/// not offered there. The configuration and experience add to it.
Unsupported known_unsupported(std::string_view type);

/// A capability is a pair of a beta and a field of the body; half of it is refused. Adds the other
/// halves: to each beta its field, to each field those of `sent` that belong to it.
Unsupported in_pairs(Unsupported unsupported, const std::vector<std::string_view>& sent);

/// Whether a field goes with a beta, none of which is among `sent`: the client has left out half of
/// a pair, and is told so.
bool is_half_a_pair(std::string_view field, const std::vector<std::string_view>& sent);

/// What the message of a 400 says is not taken, of the betas that were `sent` and of the body's
/// fields. Without what no request can do without, and without `safeguards`: a client must be told
/// that those do not hold.
Unsupported named_in(std::string_view message, const std::vector<std::string_view>& sent,
                     std::string_view type);

}  // namespace ccrelay::provider
