#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::identity {

/// The text of the first element of that name that holds text alone, its entities decoded (XML 1.0
/// section 4.6). Enough for the answers of AWS STS, whose leaves have names of their own.
std::optional<std::string> xml_text(std::string_view xml, std::string_view element);

}  // namespace ccrelay::identity
