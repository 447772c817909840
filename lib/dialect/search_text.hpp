#pragma once

#include <map>
#include <string>
#include <string_view>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// What is left of a web search of the past where its blocks cannot go (section 12): the query and
/// the titles and addresses of what was found, so that the model still knows. One for a request's
/// history; holds the queries between a search and its result. A value type, pure.
class SearchText {
 public:
  /// A block `server_tool_use`.
  void search(Json block);
  /// A block `web_search_tool_result`, whose search was told before; text of at most 4 KiB.
  std::string found(Json block) const;

 private:
  std::map<std::string, std::string, std::less<>> queries_;  // by id
};

}  // namespace ccrelay::dialect
