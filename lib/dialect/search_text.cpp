#include "dialect/search_text.hpp"

#include <cstddef>

namespace ccrelay::dialect {
namespace {

constexpr std::size_t search_text_bytes_max = 4096;

}  // namespace

void SearchText::search(Json block) {
  if (block["name"].is("web_search")) queries_[block["id"].text()] = block["input"]["query"].text();
}

std::string SearchText::found(Json block) const {
  const auto query = queries_.find(block["tool_use_id"].text());
  std::string out = "[Web search";
  if (query != queries_.end()) out += ": " + query->second.substr(0, search_text_bytes_max / 2);
  out += "]";
  if (block["content"].is_object()) return out + "\n(failed)";
  for (const Json& result : block["content"].items()) {
    const std::string title = result["title"].text();
    const std::string line = "\n- " + (title.empty() ? title : title + ": ") + result["url"].text();
    if (out.size() + line.size() > search_text_bytes_max) break;
    out += line;
  }
  return out;
}

}  // namespace ccrelay::dialect
