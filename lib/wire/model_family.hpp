#pragma once

#include <string>
#include <string_view>

namespace ccrelay::wire {

/// The family within which models may understand each other's thinking: "claude", "gpt" or "gemini"
/// where the name says so, in any case; any other model is a family of its own, named as it is.
std::string model_family(std::string_view model);

}  // namespace ccrelay::wire
