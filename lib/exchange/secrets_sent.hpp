#pragma once

#include <ccrelay/config.hpp>

#include <string_view>
#include <vector>

#include "exchange/auth.hpp"

namespace ccrelay::exchange {

/// Whatever of ours an answer of this provider may repeat: nobody else knows it. Points into both.
std::vector<std::string_view> secrets_sent(const ProviderConfig& provider, const Access& access);

}  // namespace ccrelay::exchange
