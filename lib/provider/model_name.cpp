#include "provider/model_name.hpp"

#include <algorithm>

#include "base/percent.hpp"

namespace ccrelay::provider {

bool may_be_model_name(std::string_view name) {
  return name.size() <= model_name_bytes_max && std::none_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte < 0x20 || byte == 0x7f;
         });
}

bool may_be_in_path(std::string_view name) {
  return !name.empty() && may_be_model_name(name) && !base::has_dot_segment(name);
}

bool may_name_model(std::string_view type, std::string_view name) {
  const bool in_path =
      type == "bedrock" || type == "vertex" || type == "gemini" || type == "gemini_vertex";
  return !in_path || may_be_in_path(name);
}

}  // namespace ccrelay::provider
