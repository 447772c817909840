#pragma once

#include <string>
#include <string_view>

#include "config/address.hpp"

namespace ccrelay::config {

/// Whether requests to this URL come to who listens there, as far as that can be told without
/// looking up a name: addresses in any spelling, and the names of the loopback.
bool leads_to(std::string_view url, const ListenAddress& listen);

/// What is said of such a provider.
std::string leads_to_itself(std::string_view provider, std::string_view listen);

}  // namespace ccrelay::config
