#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/findings.hpp"
#include "dialect/hub_turns.hpp"
#include "dialect/json_text.hpp"
#include "dialect/responses_tools.hpp"

namespace ccrelay::dialect {

/// Reads the `input` of a Responses request, item by item, into the hub's system blocks, messages
/// and tools. What a client of the hub could not have said is refused; the first such thing counts.
/// Built for one request, whose text outlives it; pure.
class ResponsesInput {
 public:
  ResponsesInput(const ResponsesTools& tools, Findings& findings)
      : tools_(tools), findings_(findings) {}

  /// A string, or a list of items.
  void read(Json input);
  /// Of no string: nothing.
  void system_text(Json text);

  /// The blocks of `system`.
  const std::vector<HubBlock>& system() const { return system_; }
  HubTurns& turns() { return turns_; }

 private:
  void item(Json item);
  void message(Json content, std::string_view role);
  void system_message(Json content);
  void assistant_message(Json content);
  bool call(Json item, std::string_view type);
  bool output(Json item, std::string_view type);
  void reasoning(Json item);
  std::string name_of(Json item) const;
  void tool_call(Json item, std::string_view name, std::string_view input);
  /// Blocks of the parts of a user's message or of a tool's output; false when it was refused.
  bool parts(Json content, std::vector<HubBlock>& blocks);
  std::string image(Json part);
  std::string file(Json part);
  std::string unsupported(std::string_view what);
  void refuse(std::string_view member, std::string message);

  const ResponsesTools& tools_;
  Findings& findings_;
  std::string at_ = "input";  // the item, for `param`
  bool leading_ = true;       // nothing but system and developer messages yet
  std::vector<HubBlock> system_;
  HubTurns turns_;
};

}  // namespace ccrelay::dialect
