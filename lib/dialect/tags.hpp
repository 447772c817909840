#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// Reasoning on its way through a client that speaks another dialect: `ccr1.DIALECT.ISSUER.DATA`
/// stands where the client keeps a signature or encrypted content, and comes back with it. Nothing
/// secret goes in: who makes the client's requests can read it.
struct Tag {
  Dialect dialect = Dialect::anthropic;  ///< of the provider that made the reasoning
  std::string issuer;                    ///< which provider, see issuer_of()
  /// A JSON object. responses: `id`, `encrypted_content`; gemini: `thoughtSignature`, `part`
  /// (`call`, `text`, `thought`); chat: `field` or `details`; anthropic: `signature` or `redacted`;
  /// of a web search: `url`, and of a citation `span` (cited_span.hpp). Towards chat and gemini
  /// clients also `thinking`, the text as it was, and, if there are any, the number of characters
  /// of the message's text that stand in front of it (`behind`): such clients glue texts together.
  /// Chat clients have all calls behind all else: `calls` is the number of those in front of it.
  std::string data;

  Json json() const { return Json(data); }
  /// `behind`, or 0.
  std::int64_t behind() const {
    return std::max<std::int64_t>(json()["behind"].integer().value_or(0), 0);
  }
  /// `calls`, or 0.
  std::int64_t calls() const {
    return std::max<std::int64_t>(json()["calls"].integer().value_or(0), 0);
  }
};

/// What of an answer stands in front of its reasoning.
struct ToldBefore {
  std::int64_t characters = 0;  ///< of its text
  std::int64_t calls = 0;
};

/// 12 hex digits that tell one provider from others: of its type and where it is. A tag of another
/// issuer means nothing here.
std::string issuer_of(std::string_view type, std::string_view base_url);

std::string make_tag(const Tag& tag);
/// Empty for what is no tag, or a damaged one: both are foreign.
std::optional<Tag> read_tag(std::string_view text);
/// The same of what a string means; of no string: empty. Another's signature is not copied to see
/// that it is none.
std::optional<Tag> read_tag(Json text);

/// Several tags stand one behind the other with a space between: each by itself.
std::vector<std::string_view> tags_in(std::string_view text);

/// The same in base64, which Gemini's `thoughtSignature` has to be.
std::string make_wrapped_tag(const Tag& tag);
std::optional<Tag> read_wrapped_tag(std::string_view text);

}  // namespace ccrelay::dialect
