#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ccrelay::provider {

/// Who answered with an error, and to what.
struct ErrorSource {
  std::string_view type;             ///< of the provider, as in the configuration
  std::string_view model;            ///< asked for there; its name is no word of the provider's
  std::span<const ErrorRule> rules;  ///< the configuration's, before the table
  WallTime now{};                    ///< by the clock of who answered
};

/// What an error means.
struct ErrorMeaning {
  ErrorAbout about = ErrorAbout::none;
  int status = 0;                ///< the answer's, or the one that an error inside a 200 stands for
  std::string code;              ///< the most telling one of its codes, for the log; may be empty
  std::string message;           ///< what the provider says, in its own words; may be empty
  bool by_rule = false;          ///< of the configuration
  bool quotes = false;           ///< a gateway that repeats what its own upstream said
  std::optional<Duration> wait;  ///< how long, where body or rule tell it
};

/// Reads an error by one table of data (error_table.cpp): codes first, then words, and words only
/// where the provider itself speaks; what it quotes of the request, or as a gateway of another
/// provider, blames no key. `status` 200: an error inside a good answer, `about` none if it is
/// none; `body` may be the data of one event of a stream. Pure.
ErrorMeaning error_meaning(const ErrorSource& source, int status, const Headers& headers,
                           std::string_view body);

}  // namespace ccrelay::provider
