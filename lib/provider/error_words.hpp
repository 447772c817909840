#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/error_body.hpp"

namespace ccrelay::provider {

// How the table of errors is held against what a provider says. Pure.

/// A code as the table names them: "ThrottlingException" is "throttling", "Model.AccessDenied" is
/// "model_access_denied", and also each of its parts.
void add_names(std::vector<std::string>& names, std::string_view code);

/// Whether a list with blanks between names it; `*` at either end of a name in the list.
bool lists(std::string_view list, std::string_view name);

/// What the provider says itself: lower case, the first sentences, without what stands in quotes
/// and without the model's name.
std::string own_words(std::string_view message, std::string_view model);

/// Whether `words` say one of the phrases (see WordRow).
bool says(std::string_view words, std::string_view phrases);

/// Whether the words are of this model or of a resource that is one.
bool names_model(std::string_view words, std::string_view model);

/// Whether the message points at a place in the client's request, as in "messages.0.content: …":
/// what follows may be the client's own text.
bool points_into_request(std::string_view message, std::string_view param);

/// A 200 that holds no message but a number that is not of success, with or without words.
bool is_numbered_error(const wire::ErrorBody& body);

}  // namespace ccrelay::provider
