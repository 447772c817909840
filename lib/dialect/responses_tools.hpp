#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// Makes the hub's tools of a Responses client's: functions as they are, custom tools with one
/// member `input`, the tools of a namespace as NAMESPACE__NAME, the shells and the patches, which
/// have items of their own for calls and results, as functions of their action's fields. A
/// ClientTool's kind is the type of the client's tool. Built for one request; a value type, pure.
class ResponsesTools {
 public:
  /// One element of a list of tools, wherever the list stands. A hosted tool is only noted.
  void add(Json tool);
  void add_all(Json tools) {
    for (const Json& tool : tools.items()) add(tool);
  }

  /// The hub's name of a tool that the client names so, whether it is in a list or not.
  std::string hub_name(std::string_view name, std::string_view name_space = {}) const;

  /// JSON text of each tool with its name in the hub, in the order of the client's list.
  const std::vector<std::pair<std::string, std::string>>& tools() const { return tools_; }
  const std::map<std::string, ClientTool, std::less<>>& names() const { return names_; }
  /// Types of hosted tools, as often as they stand there.
  const std::vector<std::string>& hosted() const { return hosted_; }
  /// The first hosted web search, if there is one.
  Json web_search() const { return web_search_; }

 private:
  void add_function(Json tool, std::string_view name_space);
  void add_custom(Json tool, std::string_view name_space);
  void add_named(std::string_view name, std::string_view description, std::string_view schema);
  void put(ClientTool tool, std::string_view description, std::string_view schema, bool strict);

  std::vector<std::pair<std::string, std::string>> tools_;
  std::map<std::string, ClientTool, std::less<>> names_;
  std::vector<std::string> hosted_;
  Json web_search_;
};

/// Whether a hosted tool's type is one of the web searches, whatever its date.
bool is_web_search(std::string_view type);

}  // namespace ccrelay::dialect
