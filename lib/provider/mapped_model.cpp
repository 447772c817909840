#include <ccrelay/provider.hpp>

#include "wire/json_text.hpp"

namespace ccrelay {

std::string json_string(std::string_view text) {
  return wire::json_string(text);
}

std::vector<Splice> mapped_model(const ProviderRequest& request) {
  if (request.upstream_model == request.model) return {};
  std::vector<Splice> splices = request.model_splices;
  for (Splice& splice : splices) splice.replacement = json_string(request.upstream_model);
  return splices;
}

}  // namespace ccrelay
