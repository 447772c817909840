#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/cited_span.hpp"
#include "dialect/json_text.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {

/// The tag of a thinking block as a chat client gets it, in `reasoning_details`: with the text in
/// it, for clients drop or change that, and what stands in front of it. A signature that is no tag
/// is that of an Anthropic provider. Nothing for a signature that is empty.
std::optional<std::string> chat_tag(std::string_view signature, std::string_view thinking,
                                    std::string_view issuer, const ToldBefore& before = {});
/// Of a block `redacted_thinking`.
std::string chat_redacted_tag(std::string_view data, std::string_view issuer,
                              const ToldBefore& before = {});

/// An element of `reasoning_details` that holds a tag.
std::string chat_detail(std::string_view tag, std::size_t index);

/// An element of `annotations`: a citation of the hub in a text that has those characters of all
/// that is said. Empty for one whose provider told no span.
std::string chat_annotation(Json citation, const CitedSpan& block);

}  // namespace ccrelay::dialect
