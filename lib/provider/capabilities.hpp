#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::provider {

/// What is known beforehand of a type of provider: what Anthropic's and the clouds' pages say is
/// not offered there. The configuration and experience add to it.
Unsupported known_unsupported(std::string_view type);

/// What such a provider's own pages say it takes, for the refusal that names no beta: the others go
/// first. Empty where nothing is known.
std::vector<std::string_view> documented_betas(std::string_view type);

/// A capability is a pair of a beta and a field of the body; half of it is refused. Adds the other
/// halves of what was `sent`: to each beta its fields, but those that another beta brings as well;
/// to each field that stands in `body` its beta, if that has no other.
Unsupported in_pairs(Unsupported unsupported, const std::vector<std::string_view>& sent,
                     std::string_view body);

/// What the message of a 400 says is not taken: of the betas that were `sent` those it names (or
/// `some_beta`, `every_beta`), and the members of `body` that it names, by their whole path
/// (provider/body_path.hpp). Without what no request can do without, and without `safeguards`: a
/// client must be told that those do not hold.
Unsupported named_in(std::string_view message, const std::vector<std::string_view>& sent,
                     std::string_view body);

}  // namespace ccrelay::provider
