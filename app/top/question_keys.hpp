#pragma once

#include "keys.hpp"

namespace ccrelay::app::top {

/// While a question is open: `y` and a chosen yes answer it; all else that ends it is no.
Effect press_in_question(const Press& key, View& view);

/// While a filter is typed: letters are text, Esc clears it, Enter leaves it.
void press_in_filter(const Press& key, View& view);

}  // namespace ccrelay::app::top
