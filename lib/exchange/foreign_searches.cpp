#include "exchange/foreign_searches.hpp"

#include <optional>
#include <string>
#include <utility>

#include "dialect/hub_turns.hpp"
#include "dialect/json_text.hpp"
#include "dialect/search_text.hpp"

namespace ccrelay::exchange {
namespace {

using dialect::Json;

constexpr std::string_view search_tag_begin = "\"ccr1.";

bool has_search_tag(Json text) {
  return text.is_string() && text.raw().starts_with(search_tag_begin);
}

bool is_foreign_result(Json block) {
  if (!block["type"].is("web_search_tool_result")) return false;
  for (const Json found : block["content"].items()) {
    if (has_search_tag(found["encrypted_content"])) return true;
  }
  return false;
}

// Null where none is left, which means the same; nothing where all of them are.
std::optional<std::string> own_citations(Json citations) {
  std::string own;
  bool any_foreign = false;
  for (const Json one : citations.items()) {
    if (has_search_tag(one["encrypted_index"])) {
      any_foreign = true;
      continue;
    }
    own += own.empty() ? "[" : ",";
    own += one.raw();
  }
  if (!any_foreign) return {};
  return own.empty() ? "null" : own + "]";
}

class SearchSplices {
 public:
  explicit SearchSplices(std::string_view body) : body_(body) {}

  void take(Json content) {
    Json asked;  // the block before, if it asked for a search
    for (const Json block : content.items()) {
      const Json type = block["type"];
      if (type.is("text")) take_text(block);
      if (is_foreign_result(block)) take_search(asked, block);
      asked = type.is("server_tool_use") ? block : Json();
    }
  }
  std::vector<Splice> done() { return std::move(splices_); }

 private:
  void take_text(Json block) {
    const Json citations = block["citations"];
    if (auto own = own_citations(citations)) replace(citations.raw(), *std::move(own));
  }

  // Both halves, and what is between them.
  void take_search(Json asked, Json result) {
    dialect::SearchText text;
    std::string_view span = result.raw();
    if (asked && asked["id"].text() == result["tool_use_id"].text()) {
      text.search(asked);
      const char* const begin = asked.raw().data();
      span = {begin, static_cast<std::size_t>(span.data() + span.size() - begin)};
    }
    replace(span, dialect::text_block(text.found(result)));
  }

  void replace(std::string_view part, std::string by) {
    const auto offset = static_cast<std::size_t>(part.data() - body_.data());
    splices_.push_back({offset, part.size(), std::move(by)});
  }

  std::string_view body_;
  std::vector<Splice> splices_;
};

}  // namespace

std::vector<Splice> told_searches(std::string_view body) {
  SearchSplices splices(body);
  for (const Json message : Json::read(body)["messages"].items()) {
    if (message["role"].is("assistant")) splices.take(message["content"]);
  }
  return splices.done();
}

}  // namespace ccrelay::exchange
