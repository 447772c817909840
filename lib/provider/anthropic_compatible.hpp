#pragma once

#include <ccrelay/provider.hpp>

#include "provider/profile.hpp"

namespace ccrelay::provider {

/// Every provider that speaks the Anthropic API over HTTP; a Profile says how they differ. The body
/// goes on byte for byte but for a mapped model's name.
class AnthropicCompatible final : public Provider {
 public:
  AnthropicCompatible(const Profile& profile, const ProviderConfig& config);

  std::string_view owner() const override { return profile_.owner; }
  std::string_view base_url() const override { return base_url_; }
  std::vector<std::string> default_models() const override;
  bool supports(Operation operation) const override;
  bool needs_credential() const override { return profile_.auth != Profile::Auth::none; }
  Cloud cloud() const override { return profile_.cloud; }
  bool takes_client_credential() const override { return profile_.takes_client_credential; }
  std::optional<Outcome> outcome_of(std::string_view code) const override;
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  Result<void> finish(const ProviderRequest& request, OutboundRequest& out,
                      std::span<const std::string_view> body, const Credential& credential,
                      std::chrono::system_clock::time_point now) const override;

 private:
  void add_credential(Headers& headers, const Credential& credential) const;

  const Profile& profile_;
  const ProviderConfig& config_;
  std::string base_url_;  // without a slash at its end
};

}  // namespace ccrelay::provider
