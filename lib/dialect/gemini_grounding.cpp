#include "dialect/gemini_grounding.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>

#include "dialect/character_marks.hpp"
#include "dialect/cited_span.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

constexpr std::size_t cited_bytes_max = 150;

// The title that was told, else the host.
std::string grounding_title(Json web) {
  if (web["title"].is_string() && !web["title"].is_empty()) return web["title"].text();
  std::string url = web["uri"].text();
  const std::size_t scheme = url.find("://");
  if (scheme != std::string::npos) url.erase(0, scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

// The beginning of the character that the byte belongs to.
std::size_t character_start(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

// What a segment covers, in bytes; empty when it lies outside of the text.
struct CitedBytes {
  std::size_t begin = 0;
  std::size_t end = 0;
};

CitedBytes cited_bytes(Json segment, std::string_view text,
                       const std::vector<std::size_t>& part_starts) {
  const std::int64_t part = segment["partIndex"].integer().value_or(0);
  if (part < 0 || static_cast<std::size_t>(part) >= part_starts.size()) return {};
  const std::size_t start = part_starts[static_cast<std::size_t>(part)];
  const std::int64_t from = segment["startIndex"].integer().value_or(0);
  const std::int64_t to = segment["endIndex"].integer().value_or(0);
  const auto room = static_cast<std::int64_t>(text.size() - std::min(start, text.size()));
  if (from < 0 || to <= from || to > room) return {};
  return {character_start(text, start + static_cast<std::size_t>(from)),
          character_start(text, start + static_cast<std::size_t>(to))};
}

// Of that, what a citation repeats.
std::string_view cited_text(std::string_view text, CitedBytes cited) {
  if (cited.end > cited.begin + cited_bytes_max)
    cited.end = character_start(text, cited.begin + cited_bytes_max);
  return text.substr(cited.begin, cited.end - cited.begin);
}

}  // namespace

std::string grounding_query(Json grounding_metadata) {
  std::string all;
  for (const Json query : grounding_metadata["webSearchQueries"].items()) {
    if (!all.empty()) all += "; ";
    all += query.text();
  }
  return all;
}

std::int64_t grounding_searches(Json grounding_metadata, std::string_view model) {
  std::set<std::string> queries;
  for (const Json query : grounding_metadata["webSearchQueries"].items()) {
    if (!query.is_empty()) queries.insert(query.text());
  }
  const bool by_prompt = model.starts_with("gemini-2") || model.starts_with("gemini-1");
  return by_prompt ? std::min<std::int64_t>(1, std::ssize(queries)) : std::ssize(queries);
}

std::string grounding_result_block(Json grounding_metadata, std::string_view id,
                                   const AnswerContext& context) {
  std::string block;
  JsonOut json(block);
  json.object().string("type", "web_search_tool_result").string("tool_use_id", id);
  json.object("caller").string("type", "direct").end();
  json.array("content");
  for (const Json chunk : grounding_metadata["groundingChunks"].items()) {
    const Json web = chunk["web"];
    if (!web["uri"].is_string()) continue;
    json.object().string("type", "web_search_result").raw("url", web["uri"]);
    json.string("title", grounding_title(web));
    json.string("encrypted_content", page_tag(Dialect::gemini, web["uri"], context));
    json.null("page_age").end();
  }
  json.end().end();
  return block;
}

std::vector<std::string> grounding_citations(Json grounding_metadata, std::string_view text,
                                             std::size_t block_begin,
                                             const std::vector<std::size_t>& part_starts,
                                             const AnswerContext& context) {
  std::vector<Json> chunks;
  for (const Json chunk : grounding_metadata["groundingChunks"].items()) chunks.push_back(chunk);
  const std::string_view block = text.substr(block_begin);
  CharacterMarks marks;  // of that
  std::vector<std::string> citations;
  std::size_t bytes = 0;
  for (const Json support : grounding_metadata["groundingSupports"].items()) {
    const CitedBytes cited = cited_bytes(support["segment"], text, part_starts);
    if (cited.end <= cited.begin || cited.begin < block_begin) continue;
    const CitedSpan span{marks.characters_until(block, cited.begin - block_begin),
                         marks.characters_until(block, cited.end - block_begin)};
    for (const Json index : support["groundingChunkIndices"].items()) {
      const std::int64_t at = index.integer().value_or(-1);
      if (at < 0 || static_cast<std::size_t>(at) >= chunks.size()) continue;
      const Json web = chunks[static_cast<std::size_t>(at)]["web"];
      if (!web["uri"].is_string()) continue;
      JsonOut json(citations.emplace_back());
      json.object().string("type", "web_search_result_location").raw("url", web["uri"]);
      json.string("title", grounding_title(web));
      json.string("encrypted_index", page_tag(Dialect::gemini, web["uri"], context, span));
      json.string("cited_text", cited_text(text, cited)).end();
      // What is more than a stream may keep is left out.
      bytes += citations.back().size();
      if (bytes > StreamTranslator::buffered_bytes_max) return citations;
    }
  }
  return citations;
}

}  // namespace ccrelay::dialect
