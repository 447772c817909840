#include "dialect/hub_messages.hpp"

namespace ccrelay::dialect {
namespace {

// A call is answered behind it, a search that paused is gone on with by every model.
bool is_prefill(const HubMessage& message) {
  if (!message.role.is("assistant")) return false;
  for (const Json& block : message.content.items()) {
    const Json type = block["type"];
    if (type.is("tool_use") || type.is("server_tool_use")) return false;
  }
  return true;
}

}  // namespace

std::vector<HubMessage> hub_messages(Json list, const Profile& profile, Findings& findings) {
  std::vector<HubMessage> messages;
  for (const Json& message : list.items()) {
    const auto [role, content] = message.picked("role", "content");
    messages.push_back({role, content});
  }
  if (!profile.prefill && !messages.empty() && is_prefill(messages.back())) {
    findings.cannot_carry("messages", "a last message of the assistant");
    messages.pop_back();
  }
  return messages;
}

}  // namespace ccrelay::dialect
