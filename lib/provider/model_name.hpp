#pragma once

#include <string_view>

namespace ccrelay::provider {

/// Longer is no model's name: AWS's longest, an ARN, has not half as many.
inline constexpr std::size_t model_name_bytes_max = 256;

/// Whether any model at all may be called that: not too long, without control characters.
bool may_be_model_name(std::string_view name);

/// Whether it can be one segment of a path, as the clouds have it, and mean nothing else there. All
/// that is not unreserved is encoded on its way (RFC 3986 section 2.3), as the vendors' own SDKs
/// do; a dot is not, so neither `.` nor `..` is a name, nor is one that holds them between slashes.
bool may_be_in_path(std::string_view name);

/// Whether a provider of that type may be asked for the model.
bool may_name_model(std::string_view type, std::string_view name);

}  // namespace ccrelay::provider
