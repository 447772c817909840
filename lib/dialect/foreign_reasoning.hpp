#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// A request for a provider of the client's own dialect, without the reasoning that came to the
/// client from providers of others: under a tag (tags.hpp) it means nothing there, and would be
/// refused. All else stays byte for byte, but for white space between what remained. Empty where
/// there is none of it: the request goes as it is. `profile`, if given, is the model's: Gemini's
/// that must have a signature on a call get the word that stands for one, and servers that must
/// have some reasoning in front of a call keep its text.
std::string without_foreign_reasoning(Dialect client, std::string_view body,
                                      const Profile* profile);

/// The same without any reasoning, for a provider that has refused what came back to it. Gemini's
/// that must have a signature get the word on the first call of each content.
std::string without_reasoning(Dialect client, std::string_view body, const Profile* profile);

}  // namespace ccrelay::dialect
