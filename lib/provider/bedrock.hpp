#pragma once

#include <string>

#include "provider/built_in.hpp"

namespace ccrelay::provider {

/// AWS Bedrock: the model in the path, the betas in the body, every request signed, streams in
/// binary frames.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
class Bedrock final : public BuiltIn {
 public:
  using BuiltIn::BuiltIn;

  bool supports(Operation operation) const override { return operation != Operation::other; }
  bool speaks(Dialect dialect) const override {
    return dialect == Dialect::anthropic || dialect == Dialect::bedrock;
  }
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  Result<void> finish(const ProviderRequest& request, OutboundRequest& out,
                      std::span<const std::string_view> body, const Credential& credential,
                      std::chrono::system_clock::time_point now) const override;
  std::unique_ptr<AnswerDecoder> decoder(Operation operation, Dialect dialect,
                                         ResponseHead& head) const override;
  bool translates_errors() const override { return true; }
  void translate_error(ResponseHead& head, std::string& body) const override;

 private:
  Result<std::vector<Splice>> transform(const ProviderRequest& request) const;
};

}  // namespace ccrelay::provider
