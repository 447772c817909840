#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// What a citation is about: characters of its text block, `end` exclusive. The hub's citations
/// have no place for it, so it rides in the tag (tags.hpp) of their `encrypted_index`, which no
/// client looks into. A value type, pure.
struct CitedSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;

  bool operator==(const CitedSpan&) const = default;
};

/// The tag of a page that was found or, with the span, cited.
std::string page_tag(Dialect dialect, Json url, const AnswerContext& context,
                     const std::optional<CitedSpan>& span = {});

/// The span of a citation of the hub; nothing where the provider told none: then it is about the
/// whole block.
std::optional<CitedSpan> cited_span(Json citation);

/// The same among all characters of a message, of which the block has those of `block`. What lies
/// outside of the block is no span of it.
CitedSpan placed(const std::optional<CitedSpan>& span, const CitedSpan& block);

}  // namespace ccrelay::dialect
