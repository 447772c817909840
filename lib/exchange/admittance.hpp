#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>

#include <optional>
#include <string_view>

#include "exchange/answer.hpp"
#include "state/client_limits.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::exchange {

/// What a client with a key of its own is told when it may not go on. Each says whose key it is,
/// which setting stands against it, the figure, and what to do.

/// Whether it may ask for this model.
bool may_ask_for(const ClientConfig& client, std::string_view model);
/// Whether this provider may be asked for it; for everybody else (null) any.
bool may_be_asked(const worker::Entry& entry, const ClientConfig* client);
Answer model_not_allowed(const ClientConfig& client, std::string_view model);
/// Which of its settings stands against what goes on unread, by this method: what it asks for and
/// costs is not known, unless the client pays for it. Empty: none.
std::string_view setting_against_unread(const ClientConfig& client, std::string_view method,
                                        bool client_pays);
/// An answer that is made later, and fetched when it is, can't be held against a budget.
Answer background_not_allowed(const ClientConfig& client);
Answer unread_not_allowed(const ClientConfig& client, std::string_view setting);
/// One of its limits or budgets is reached. A budget's end is told in the words and headers that
/// Claude Code shows its own notice from (code.claude.com, "Gateway compatibility").
Answer limit_reached(const ClientConfig& client, const state::ClientRefusal& refusal, WallTime now);
/// In place of the provider's own figures: how near the client's budget is to its end.
void add_budget_headers(Headers& headers, const state::BudgetShare& share, WallTime now);

}  // namespace ccrelay::exchange
