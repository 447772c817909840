#include "wire/model_family.hpp"

#include "base/ascii.hpp"

namespace ccrelay::wire {

std::string model_family(std::string_view model) {
  const std::string name = base::lower(model);
  for (const char* family : {"claude", "gpt", "gemini"}) {
    if (name.find(family) != std::string::npos) return family;
  }
  return std::string(model);
}

}  // namespace ccrelay::wire
