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
  if (name.empty() || !may_be_model_name(name)) return false;
  if (name.find_first_of("%\\?# ") != std::string_view::npos) return false;
  if (base::has_dot_segment(name) || name.find("//") != std::string_view::npos) return false;
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
  return name.starts_with("arn:") || name.find('/') == std::string_view::npos;
}

bool may_name_model(std::string_view type, std::string_view name) {
  const bool in_path = type == "bedrock" || type == "vertex";
  return !in_path || may_be_in_path(name);
}

}  // namespace ccrelay::provider
