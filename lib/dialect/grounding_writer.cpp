#include "dialect/grounding_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "dialect/character_marks.hpp"
#include "dialect/dialect.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

// Of a page, a query or a support, beside its text: about what keeps it.
constexpr std::size_t kept_bytes = 160;
// Of pieces that are cited: their texts may overlap, and what is more than this is left out.
constexpr std::size_t pieces_bytes_max = StreamTranslator::buffered_bytes_max / 2;

}  // namespace

void GroundingWriter::start_block(Json block) {
  type_ = block["type"].text();
  id_ = block["id"].text();
  input_.clear();
  ++block_;
  open_ = {};
  if (type_ == "server_tool_use") {
    if (!block["name"].is("web_search")) type_.clear();
    if (block["input"].is_object() && !block["input"].is_empty()) input_ = block["input"].raw();
  } else if (type_ == "text") {
    for (const Json& citation : block["citations"].items()) cite(citation);
  } else if (type_ == "web_search_tool_result" && block["content"].is_array()) {
    const auto asked = asked_.find(block["tool_use_id"].text());
    if (asked != asked_.end() && !asked->second.empty()) {
      queries_.push_back(asked->second);
      bytes_ += asked->second.size() + kept_bytes;
    }
    for (const Json& found : block["content"].items()) page(found);
  }
}

void GroundingWriter::input(std::string_view piece) {
  if (type_ == "server_tool_use") input_ += piece;
}

void GroundingWriter::text(std::string_view piece) {
  // Only what is cited is told again, but that is known last.
  if (!queries_.empty()) {
    if (open_.text.empty()) {
      open_.part = parts_ - 1;
      open_.begin = whole_ ? told_ - part_begin_ : told_;
    }
    open_.text += piece;
  }
  told_ += piece.size();
}

void GroundingWriter::cite(Json citation) {
  if (type_ != "text" || !citation["url"].is_string()) return;
  Page& cited = page(citation);
  if (const auto span = cited_span(citation)) {
    bytes_ += sizeof(cited.number);
    if (spanned_.empty() || spanned_.back().span != *span) {
      spanned_.push_back({*span, {}});
      bytes_ += sizeof(Spanned);
    }
    return spanned_.back().pages.push_back(cited.number);
  }
  if (std::exchange(cited.cited_by, block_) == block_) return;
  open_.pages.push_back(cited.number);
  bytes_ += sizeof(cited.number);
}

void GroundingWriter::stop_block() {
  if (type_ == "server_tool_use") {
    std::string query = Json::read(input_)["query"].text();
    bytes_ += id_.size() + query.size() + kept_bytes;
    asked_.insert_or_assign(std::move(id_), std::move(query));
  }
  CharacterMarks marks;
  for (Spanned& one : spanned_) {
    bytes_ -= sizeof(one);
    const std::string_view piece = marks.piece(open_.text, one.span.begin, one.span.end);
    if (piece.empty() || bytes_ + piece.size() > pieces_bytes_max) continue;
    const auto behind = static_cast<std::size_t>(piece.data() - open_.text.data());
    keep({open_.part, open_.begin + behind, std::string(piece), std::move(one.pages)});
  }
  spanned_.clear();
  if (!open_.pages.empty() && !open_.text.empty()) keep(std::move(open_));
  open_ = {};
  id_.clear();
  input_.clear();
  type_.clear();
}

void GroundingWriter::keep(Support support) {
  bytes_ += support.text.size() + kept_bytes;
  supports_.push_back(std::move(support));
}

// Found or cited: each page once.
GroundingWriter::Page& GroundingWriter::page(Json found) {
  const auto [known, is_new] = pages_.try_emplace(found["url"].text());
  Page& page = known->second;
  if (is_new) {
    page.number = pages_.size() - 1;
    bytes_ += known->first.size() + kept_bytes;
  }
  if (page.title.empty()) {
    page.title = found["title"].text();
    bytes_ += page.title.size();
  }
  return page;
}

std::string GroundingWriter::json() const {
  std::string out;
  if (queries_.empty()) return out;
  const auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  JsonOut json(out);
  json.object().array("webSearchQueries");
  for (const std::string& query : queries_) json.string(query);
  json.end().array("groundingChunks");
  std::vector<decltype(pages_)::const_pointer> in_order(pages_.size());
  for (const auto& page : pages_) in_order[page.second.number] = &page;
  for (const auto* page : in_order) {
    json.object().object("web").string("uri", page->first);
    json.string("title", page->second.title).end().end();
  }
  json.end().array("groundingSupports");
  for (const Support& support : supports_) {
    // 0 is not told, as Google does.
    json.object().object("segment");
    if (whole_ && support.part > 0) json.number("partIndex", number(support.part));
    if (support.begin > 0) json.number("startIndex", number(support.begin));
    json.number("endIndex", number(support.begin + support.text.size()));
    json.string("text", support.text).end().array("groundingChunkIndices");
    for (const std::size_t page : support.pages) json.number(number(page));
    json.end().end();
  }
  json.end().end();
  return out;
}

}  // namespace ccrelay::dialect
