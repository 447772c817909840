#pragma once

#include <ccrelay/config_load.hpp>

#include <vector>

namespace ccrelay::config {

/// Says of each change what it was, what it is, and both in words. Nothing secret is among them: of
/// keys and tokens it is told how many have come and gone.
void put_into_words(std::vector<ConfigChange>& changes, const Config& before, const Config& after);

}  // namespace ccrelay::config
