#pragma once

#include "../../app/top/model.hpp"
#include "../../app/top/view.hpp"

/// A relay as it may be at four minutes past noon: the figures of the layouts in docs.
namespace ccrelay::app::top::sample {

/// Days, clocks and names of days are those of UTC.
void use_utc();

/// 2026-11-25T12:04:31Z, a Wednesday, and so many seconds later.
std::int64_t at(int seconds = 0);

Model relay();
/// Looks at it on a terminal of that size.
View view(int columns, int rows, Screen screen = Screen::overview);

}  // namespace ccrelay::app::top::sample
