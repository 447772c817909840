#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// Whether a key of Gemini's API means this name, which is written `likeThis`; the API takes
/// `like_this` for the same.
bool is_gemini_name(std::string_view key, std::string_view name);

/// The last member of that name in either spelling; absent if there is none.
Json gemini_member(Json object, std::string_view name);

/// proto3 writes 64-bit integers as strings: a number in either form.
std::optional<std::int64_t> gemini_integer(Json value);

}  // namespace ccrelay::dialect
