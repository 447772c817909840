#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "provider/types.hpp"

namespace ccrelay::provider {

/// Where requests to it go, without a slash at its end, and without what every request brings along
/// (Type::brings).
std::string base_url_of(const Type& type, const ProviderConfig& config);

/// A provider of a type of ours: what is the same for all is answered from the type's row.
class BuiltIn : public Provider {
 public:
  /// Both outlive it.
  BuiltIn(const Type& type, const ProviderConfig& config);

  std::string_view owner() const override { return type_.owner; }
  std::string_view base_url() const override { return base_url_; }
  std::vector<std::string> default_models() const override {
    return {type_.models.begin(), type_.models.end()};
  }
  Cloud cloud() const override { return type_.cloud; }
  bool needs_credential() const override { return type_.auth != Type::Auth::none; }
  bool takes_client_credential() const override { return type_.takes_client_credential; }
  Unsupported refused_in(int status, std::string_view message,
                         const ProviderRequest& request) const override;

 protected:
  const Type& type_;
  const ProviderConfig& config_;
  const std::string base_url_;  // without a slash at its end
};

}  // namespace ccrelay::provider
