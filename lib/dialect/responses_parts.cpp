#include "dialect/responses_parts.hpp"

#include <algorithm>
#include <cstdint>

#include "dialect/cited_span.hpp"
#include "dialect/json_out.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::int64_t cited_characters_max = 150;
// No text is as long.
constexpr std::int64_t index_max = std::int64_t{1} << 40;

// What stands for a title that nobody told.
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find_first_of("/?#")));
}

}  // namespace

std::string reasoning_tag(Json item, const AnswerContext& context) {
  const Json sealed = item["encrypted_content"];
  if (!sealed.is_string() || sealed.is_empty()) return {};
  std::string data;
  JsonOut json(data);
  json.object().string("id", item["id"].text()).raw("encrypted_content", sealed).end();
  return make_tag({Dialect::responses, context.issuer, data});
}

std::string reasoning_text(Json item) {
  for (const std::string_view member : {"summary", "content"}) {
    std::string text;
    for (const Json& part : item[member].items()) {
      if (!text.empty()) text += "\n\n";
      text += part["text"].text();
    }
    if (!text.empty()) return text;
  }
  return {};
}

bool is_search_item(Json item) {
  if (!item["type"].is("web_search_call")) return false;
  const Json type = item["action"]["type"];
  return !type || type.is("search");
}

std::string search_query(Json item) {
  const Json action = item["action"];
  std::string query = action["query"].text();
  if (!query.empty()) return query;
  for (const Json& one : action["queries"].items()) {
    if (!query.empty()) query += "; ";
    query += one.text();
  }
  return query;
}

std::string search_result_block(Json item, std::string_view id, const AnswerContext& context) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "web_search_tool_result").string("tool_use_id", id);
  json.object("caller").string("type", "direct").end();
  if (item["status"].is("failed")) {
    json.object("content").string("type", "web_search_tool_result_error");
    json.string("error_code", "unavailable").end();
  } else {
    json.array("content");
    for (const Json& source : item["action"]["sources"].items()) {
      const Json url = source["url"];
      if (!url.is_string()) continue;
      const std::string title = source["title"].text();
      json.object().string("type", "web_search_result").raw("url", url);
      json.string("title", title.empty() ? host_of(url.text()) : title);
      json.string("encrypted_content", page_tag(Dialect::responses, url, context))
          .null("page_age")
          .end();
    }
    json.end();
  }
  json.end();
  return block;
}

std::string citation_of(Json annotation, std::string_view text, std::size_t block_begin,
                        CharacterMarks& marks, const AnswerContext& context) {
  const Json url = annotation["url"];
  if (!annotation["type"].is("url_citation") || !url.is_string()) return {};
  const std::int64_t begin =
      std::clamp<std::int64_t>(annotation["start_index"].integer().value_or(0), 0, index_max);
  const std::int64_t end = std::min(annotation["end_index"].integer().value_or(0),
                                    marks.characters_until(text, text.size()));
  const std::int64_t first = marks.characters_until(text, block_begin);
  std::optional<CitedSpan> span;
  if (begin >= first && begin < end) span = {begin - first, end - first};
  std::string citation;
  JsonOut json(citation);
  json.object().string("type", "web_search_result_location").raw("url", url);
  json.string("title", annotation["title"].text());
  json.string("encrypted_index", page_tag(Dialect::responses, url, context, span));
  json.string("cited_text", marks.piece(text, begin, std::min(end, begin + cited_characters_max)));
  json.end();
  return citation;
}

}  // namespace ccrelay::dialect
