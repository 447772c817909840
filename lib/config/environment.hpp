#pragma once

#include <ccrelay/config_load.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace ccrelay::config {

/// The first of these variables that is set and not empty; empty when none is.
std::string first_set(const Environment& env, std::initializer_list<std::string_view> names);

/// HTTPS_PROXY and its relatives.
ProxyConfig proxy_from(const Environment& env);

}  // namespace ccrelay::config
