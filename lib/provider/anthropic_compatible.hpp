#pragma once

#include "provider/built_in.hpp"

namespace ccrelay::provider {

/// Every provider that speaks the Anthropic API over HTTP; their Type says how they differ. The
/// body goes on byte for byte but for a mapped model's name.
class AnthropicCompatible final : public BuiltIn {
 public:
  using BuiltIn::BuiltIn;

  bool supports(Operation operation) const override;
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  Result<void> finish(const ProviderRequest& request, OutboundRequest& out,
                      std::span<const std::string_view> body, const Credential& credential,
                      std::chrono::system_clock::time_point now) const override;

 private:
  void add_credential(Headers& headers, const Credential& credential) const;
};

}  // namespace ccrelay::provider
