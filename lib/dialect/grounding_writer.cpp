#include "dialect/grounding_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "dialect/json_out.hpp"

namespace ccrelay::dialect {

void GroundingWriter::start_block(Json block) {
  type_ = block["type"].text();
  id_ = block["id"].text();
  input_.clear();
  open_ = {parts_, whole_ ? 0 : told_, {}, {}};
  if (type_ == "server_tool_use") {
    if (!block["name"].is("web_search")) type_.clear();
    if (block["input"].is_object() && !block["input"].is_empty()) input_ = block["input"].raw();
  } else if (type_ == "text") {
    for (const Json& citation : block["citations"].items()) cite(citation);
  } else if (type_ == "web_search_tool_result" && block["content"].is_array()) {
    const auto asked = asked_.find(block["tool_use_id"].text());
    if (asked != asked_.end() && !asked->second.empty()) queries_.push_back(asked->second);
    for (const Json& found : block["content"].items()) page(found);
  }
}

void GroundingWriter::input(std::string_view piece) {
  if (type_ != "server_tool_use") return;
  input_ += piece;
  bytes_ += piece.size();
}

void GroundingWriter::text(std::string_view piece) {
  told_ += piece.size();
  // Only what is cited is told again, but that is known last.
  if (queries_.empty()) return;
  open_.text += piece;
  bytes_ += piece.size();
}

void GroundingWriter::cite(Json citation) {
  if (type_ != "text" || !citation["url"].is_string()) return;
  const std::size_t number = page(citation);
  auto& pages = open_.pages;
  if (std::find(pages.begin(), pages.end(), number) == pages.end()) pages.push_back(number);
}

void GroundingWriter::stop_block() {
  if (type_ == "server_tool_use") asked_[id_] = Json::read(input_)["query"].text();
  if (type_ == "text") {
    if (open_.pages.empty()) {
      bytes_ -= open_.text.size();
    } else if (!open_.text.empty()) {
      supports_.push_back(std::move(open_));
    }
    open_ = {};
  }
  type_.clear();
}

// Found or cited: each page once.
std::size_t GroundingWriter::page(Json found) {
  std::string url = found["url"].text();
  const auto known =
      std::find_if(pages_.begin(), pages_.end(), [&](const Page& one) { return one.url == url; });
  const auto number = static_cast<std::size_t>(known - pages_.begin());
  if (known == pages_.end()) {
    bytes_ += url.size();
    pages_.push_back({std::move(url), {}});
  }
  Page& page = pages_[number];
  if (page.title.empty()) page.title = found["title"].text();
  return number;
}

std::string GroundingWriter::json() const {
  std::string out;
  if (queries_.empty()) return out;
  const auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  JsonOut json(out);
  json.object().array("webSearchQueries");
  for (const std::string& query : queries_) json.string(query);
  json.end().array("groundingChunks");
  for (const Page& page : pages_) {
    json.object().object("web").string("uri", page.url).string("title", page.title).end().end();
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
