#pragma once

#include <string>
#include <string_view>

namespace ccrelay::manage {

/// A base URL without what it may hold of credentials: user and password, query and fragment.
std::string shown_url(std::string_view url);

}  // namespace ccrelay::manage
