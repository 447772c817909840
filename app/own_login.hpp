#pragma once

#include <ccrelay/result.hpp>

#include "relay_contact.hpp"

namespace ccrelay::app {

/// Whether requests through this relay need the client's own login, because it has no key for any
/// provider. The relay is asked, which may know keys that this terminal does not. An error when it
/// does not take our token. Only for one that is trusted.
Result<bool> needs_own_login(const RelayContact& contact);

}  // namespace ccrelay::app
