#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

/// What blocks of a hub's content come to: text, and images or documents as they stand.
struct HubContent {
  std::vector<Words> texts;
  std::vector<Json> media;
};

/// Takes apart a text, image, document, search_result or tool_reference block; false: it is of
/// another type. Documents that are text become text.
bool add_hub_block(Json block, HubContent& content);

/// Writes an image or document block as a part with `inlineData` or `fileData`, behind an open
/// array; false: it can't be carried (a file by id).
bool write_gemini_media(JsonOut& out, Json block);

/// The media type that the end of a URL's path tells, or `otherwise`.
std::string media_type_of_url(std::string_view url, std::string_view otherwise);

}  // namespace ccrelay::dialect
