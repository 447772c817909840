#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// What Google's search was asked, in one line; empty when it was not.
std::string grounding_query(Json grounding_metadata);

/// How many searches Google counts for it: every query once; for a model before Gemini 3 one, as
/// it is the prompt that counts there. https://ai.google.dev/gemini-api/docs/pricing
std::int64_t grounding_searches(Json grounding_metadata, std::string_view model);

/// The block `web_search_tool_result` of what it found.
std::string grounding_result_block(Json grounding_metadata, std::string_view id,
                                   const AnswerContext& context);

/// The citations of the text block that begins there in the `text`, as JSON. Google counts the
/// bytes of UTF-8 from where a part begins: `part_starts`, by the part's index; a stream has one
/// that begins with the text. What leads nowhere, or to another block, is left out.
std::vector<std::string> grounding_citations(Json grounding_metadata, std::string_view text,
                                             std::size_t block_begin,
                                             const std::vector<std::size_t>& part_starts,
                                             const AnswerContext& context);

}  // namespace ccrelay::dialect
