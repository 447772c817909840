#include "exchange/secrets_sent.hpp"

#include "base/ascii.hpp"

namespace ccrelay::exchange {

std::vector<std::string_view> secrets_sent(const ProviderConfig& provider, const Access& access) {
  std::vector<std::string_view> out;
  for (const KeyConfig& key : provider.keys) out.push_back(key.key.reveal());
  for (const auto& header : provider.headers) out.push_back(header.second.reveal());
  for (const Header field : access.own) {
    out.push_back(base::istarts_with(field.value, "bearer ") ? field.value.substr(7) : field.value);
  }
  return out;
}

}  // namespace ccrelay::exchange
