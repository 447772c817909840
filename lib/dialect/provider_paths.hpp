#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"

namespace ccrelay::dialect {

/// Where a provider's API is, and what is asked there.
struct ApiCall {
  Dialect dialect = Dialect::chat;
  std::string_view base_url;
  std::string_view model;          ///< as it goes out
  bool count = false;              ///< tokens, instead of an answer
  bool stream = false;             ///< of an answer
  std::string_view azure_version;  ///< `azure_api_version`: the older paths of deployments
};

/// The URL to POST to; empty where the API has no such call: chat counts no tokens. A `base_url` is
/// as the vendor's SDK has it: OpenAI's ends in the version, Gemini's does not.
std::string call_url(const ApiCall& call);

/// What costs nothing and shows that a provider is there, asked by GET.
std::string probe_url(Dialect dialect, std::string_view base_url);

/// Where OpenAI's API begins at Azure with `azure_api_version`: the older paths, with a slash at
/// the end. Behind them goes `?api-version=`.
std::string azure_root(std::string_view base_url);

}  // namespace ccrelay::dialect
