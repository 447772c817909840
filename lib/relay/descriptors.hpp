#pragma once

namespace ccrelay::relay {

/// How many client connections there are descriptors for now, with so many workers: each needs one
/// of its own and one to a provider. At least 1.
int connections_possible(int workers);

}  // namespace ccrelay::relay
