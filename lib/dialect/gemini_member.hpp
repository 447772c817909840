#pragma once

#include <array>
#include <cstddef>
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

/// Several of them, in one walk.
template <std::size_t... Sizes>
std::array<Json, sizeof...(Sizes)> gemini_members(Json object, const char (&... names)[Sizes]) {
  std::array<Json, sizeof...(Sizes)> found;
  for (const JsonMember& member : object.members()) {
    const std::string_view key = member.key.substr(1, member.key.size() - 2);
    std::size_t i = 0;
    ((is_gemini_name(key, {names, Sizes - 1}) ? void(found[i] = member.value) : void(), ++i), ...);
  }
  return found;
}

/// proto3 writes 64-bit integers as strings: a number in either form.
std::optional<std::int64_t> gemini_integer(Json value);

}  // namespace ccrelay::dialect
