#pragma once

#include <string>
#include <vector>

#include "api.hpp"

namespace ccrelay::app::top {

/// Why the first call was not answered, in lines for a person: what is wrong, and what to do.
std::vector<std::string> why_not(const Place& place, const Reply& reply);

}  // namespace ccrelay::app::top
