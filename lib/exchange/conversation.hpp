#pragma once

#include <ccrelay/config.hpp>

#include <string>
#include <string_view>

#include "exchange/client_request.hpp"
#include "exchange/plan.hpp"
#include "exchange/target.hpp"
#include "wire/request_view.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// What a client calls its session, if it does: Claude Code in any dialect; in OpenAI's and
/// Gemini's also Codex and opencode. A view into `headers`.
std::string_view session_of(const Headers& headers, Dialect dialect);

/// Reads what the relay needs from the body, and which conversation it belongs to: the session of
/// Claude Code, whose subagents share it, or of another client, else OpenAI's `prompt_cache_key`,
/// else `metadata.user_id`, else how the conversation began.
/// What costs are weighed by is read where request.weighed says so. Empty string on success, else
/// what is wrong with the body.
std::string read_request(wire::RequestReader& reader, const RoutingConfig& routing,
                         ClientRequest& request);

/// A good answer has come from `target`: that is where the conversation lives, unless it has a home
/// that it only left for this time.
void remember_home(worker::Tools& tools, const worker::Snapshot& snapshot,
                   const ClientRequest& request, const Target& target, const Plan& plan);

}  // namespace ccrelay::exchange
