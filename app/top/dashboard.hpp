#pragma once

#include <string>
#include <vector>

#include "feed.hpp"
#include "keys.hpp"
#include "terminal.hpp"
#include "view.hpp"

namespace ccrelay::app::top {

/// Draws what a relay does until somebody quits; returns the exit code.
int run_dashboard(const Asked& asked, Terminal& terminal, const Options& options, int pace_ms);

}  // namespace ccrelay::app::top
