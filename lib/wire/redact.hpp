#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::wire {

/// A body for the debug log: the value of a member whose name says that it is secret becomes "***",
/// be it a string, a number or all that an object or array holds; then the text is cut to
/// `bytes_max`. Works on broken JSON too; the cut comes last, so a secret at the cut does not show
/// its beginning. Numbers under names such as `max_tokens` are let be.
std::string redacted(std::string_view json, std::size_t bytes_max);

}  // namespace ccrelay::wire
