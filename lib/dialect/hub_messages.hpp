#pragma once

#include <vector>

#include "dialect/findings.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"

namespace ccrelay::dialect {

/// A message of the hub's; borrows its text.
struct HubMessage {
  Json role, content;
};

/// The messages of a request. A last one of the assistant that the model is to go on with
/// ("prefill") cannot be carried to a model that answers such a request with 400.
std::vector<HubMessage> hub_messages(Json list, const Profile& profile, Findings& findings);

}  // namespace ccrelay::dialect
