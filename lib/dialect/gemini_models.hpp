#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ccrelay::dialect {

/// The body of `GET /v1beta/models`, of models in their order.
std::string gemini_models(std::span<const std::string> names);
/// The body of `GET /v1beta/models/{name}`.
std::string gemini_model(std::string_view name);

}  // namespace ccrelay::dialect
