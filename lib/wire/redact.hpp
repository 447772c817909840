#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ccrelay::wire {

/// A body for the debug log: string values of members whose name says that they are secret become
/// "***", then the text is cut to `bytes_max`. Works on broken JSON too; the cut comes last, so a
/// secret at the cut does not show its beginning.
std::string redacted(std::string_view json, std::size_t bytes_max);

}  // namespace ccrelay::wire
