#pragma once

#include <string>

#include "provider/built_in.hpp"

namespace ccrelay::provider {

/// Google Vertex AI: project, place and model in the path, an access token of Google's, everything
/// else as Anthropic has it.
/// https://docs.claude.com/en/api/claude-on-vertex-ai
class Vertex final : public BuiltIn {
 public:
  using BuiltIn::BuiltIn;

  bool supports(Operation operation) const override { return operation != Operation::other; }
  bool speaks(Dialect dialect) const override {
    return dialect == Dialect::anthropic || dialect == Dialect::vertex;
  }
  std::optional<OutboundRequest> health_check(const Credential& credential) const override;
  Result<OutboundRequest> build(const ProviderRequest& request,
                                const Credential& credential) const override;
  bool translates_errors() const override { return true; }
  void translate_error(ResponseHead& head, std::string& body) const override;

 private:
  std::string path(const ProviderRequest& request) const;
  Result<std::vector<Splice>> transform(const ProviderRequest& request) const;
};

}  // namespace ccrelay::provider
