#pragma once

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"
#include "fuzz/input.hpp"

namespace ccrelay::fuzz {

/// From each dialect to each other: twelve.
inline dialect::Way way_of(std::uint8_t number) {
  const std::size_t which = number % 12;
  const std::size_t other = which % 3;
  dialect::Way way;
  way.client = static_cast<dialect::Dialect>(which / 3);
  way.provider = static_cast<dialect::Dialect>(other < which / 3 ? other : other + 1);
  return way;
}

/// A vendor of that dialect and one of its models.
inline dialect::Profile profile_of(dialect::Dialect provider, std::uint8_t number) {
  struct Of {
    std::string_view name;
    std::string_view model;
  };
  constexpr std::array<Of, 8> chat{{{"generic", "m"},
                                    {"openai", "gpt-5.6"},
                                    {"deepseek", "deepseek-chat"},
                                    {"moonshot", "kimi-k3"},
                                    {"mistral", "m"},
                                    {"openrouter", "m"},
                                    {"llamacpp", "m"},
                                    {"gemini_openai", "m"}}};
  constexpr std::array<Of, 2> gemini{{{"gemini", "gemini-3-flash"}, {"gemini", "gemini-2.5-pro"}}};
  constexpr std::array<Of, 2> claude{
      {{"anthropic", "claude-opus-5-5"}, {"anthropic", "claude-sonnet-4-5"}}};
  constexpr std::array<Of, 2> openai{{{"openai", "gpt-5.4"}, {"xai", "grok-4.3"}}};
  const Of of = provider == dialect::Dialect::chat        ? chat[number % chat.size()]
                : provider == dialect::Dialect::gemini    ? gemini[number % gemini.size()]
                : provider == dialect::Dialect::responses ? openai[number % openai.size()]
                                                          : claude[number % claude.size()];
  dialect::Profile profile = dialect::Profiles::shipped().of(of.name, of.model);
  if (number & 64) profile.schema = "openapi";
  if (number & 128) profile.tool_media = "sibling";
  return profile;
}

/// Half of a pair is what strict readers refuse (RFC 8259 section 8.2). Of checked JSON.
inline bool has_half_pair(std::string_view json) {
  const auto unit = [&](std::size_t at) {
    const bool is_escape = json.substr(at).starts_with("\\u") && at + 6 <= json.size();
    return is_escape ? std::stoul(std::string(json.substr(at + 2, 4)), nullptr, 16) : 0;
  };
  for (std::size_t at = 0; (at = json.find('\\', at)) != std::string_view::npos;) {
    const unsigned long code = unit(at);
    const bool high = code >= 0xD800 && code < 0xDC00;
    const unsigned long next = high ? unit(at + 6) : 0;
    if (high != (next >= 0xDC00 && next < 0xE000) || (code >= 0xDC00 && code < 0xE000)) return true;
    at += high ? 12 : code > 0 ? 6 : 2;
  }
  return false;
}

inline bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

/// JSON as a strict reader takes it. `of`: what it was made of; where that is no text of Unicode's,
/// what comes of it need not be either.
inline dialect::Json strict_json(std::string_view text, std::string_view of) {
  const dialect::Json json = dialect::Json::read(text);
  FUZZ_CHECK(json);
  FUZZ_CHECK(!has_half_pair(text));
  FUZZ_CHECK(is_utf8(text) || !is_utf8(of));
  return json;
}

}  // namespace ccrelay::fuzz
