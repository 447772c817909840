#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "catch.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

namespace ccrelay::dialect {

inline constexpr std::array<Dialect, 4> all_dialects{Dialect::anthropic, Dialect::chat,
                                                     Dialect::responses, Dialect::gemini};

/// From a client to a provider. Gemini's client says its model and whether it streams beside the
/// body.
inline Way way_of(Dialect client, Dialect provider, bool stream = false,
                  std::string_view model = "asked") {
  Way way;
  way.client = client;
  way.provider = provider;
  if (client == Dialect::gemini) {
    way.asked_model = model;
    way.asked_stream = stream;
  }
  return way;
}

/// Of a provider of that dialect, for a model that none has rows for.
inline Profile profile_of(Dialect provider) {
  constexpr std::string_view names[] = {"anthropic", "generic", "openai", "gemini"};
  return Profiles::shipped().of(names[static_cast<std::size_t>(provider)], "sent");
}

/// Borrows the profile.
inline TranslateOptions options_for(const Profile& profile, std::string_view model = "sent") {
  TranslateOptions options;
  options.profile = &profile;
  options.model = model;
  options.seed = "seed";
  options.issuer = "0123456789ab";
  options.now_s = 1'800'000'000;
  return options;
}

/// A request that has to be carried.
inline Carried must_carry(const Way& way, std::string_view body, const TranslateOptions& options) {
  auto out = carry_request(way, body, options);
  if (const auto* refused = std::get_if<Refused>(&out)) FAIL(refused->message);
  if (const auto* cannot = std::get_if<NotCarriable>(&out)) FAIL(cannot->what);
  return std::get<Carried>(std::move(out));
}

}  // namespace ccrelay::dialect
