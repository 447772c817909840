#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "dialect/character_marks.hpp"
#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The tag of a reasoning item, which comes back as a thinking block's signature; empty when there
/// is nothing that could go back.
std::string reasoning_tag(Json item, const AnswerContext& context);
/// The text of a reasoning item: its summary, or where there is none its content.
std::string reasoning_text(Json item);
/// Whether the item is a web search, and not a page that was opened.
bool is_search_item(Json item);
std::string search_query(Json item);
/// The block of what a search found (`web_search_tool_result`), told by the item.
std::string search_result_block(Json item, std::string_view id, const AnswerContext& context);
/// A citation of the hub for an annotation of a text, whose marks these are, and whose bytes from
/// `block_begin` on are the hub's block; empty for one of another kind.
std::string citation_of(Json annotation, std::string_view text, std::size_t block_begin,
                        CharacterMarks& marks, const AnswerContext& context);

}  // namespace ccrelay::dialect
