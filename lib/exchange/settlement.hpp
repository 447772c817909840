#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <optional>

#include "exchange/client_request.hpp"
#include "exchange/target.hpp"

namespace ccrelay::exchange {

class AnswerStage;

/// What is known of an attempt's answer when the attempt ends.
struct AnswerUse {
  const AnswerStage* stage = nullptr;  ///< null when no head of a good answer has come
  int status = 0;                      ///< of the answer; 0 when there was none
  bool failed = false;                 ///< nothing of it was passed on, for a failure of its own
  bool was_asked = false;              ///< the request has gone out
  bool given_up = false;               ///< by the relay or the client, not by the provider
  std::uint64_t request_bytes = 0;     ///< of the body
  /// What the provider itself says that it cost, in nano-USD.
  std::optional<std::int64_t> told_cost = {};
  WallTime wall{};                     ///< now: prices of this day hold
};

/// What an attempt used and what that cost: made once, when it ends, for limits, budgets, metrics,
/// ledger and log alike.
///
/// Only messages make charges, and only answers, with two exceptions. What a provider said before
/// it answered with an error is kept and billed to nobody. Who was asked and then given up on has
/// worked for somebody: a charge without figures says so.
UsageReport account(const AnswerUse& use, const Target& target, const ClientRequest& request);

/// The tokens that limits count: what was told, and beside a partial answer what more it may have
/// been. What a silent one was given is reserved already, by a better estimate than ours here.
Tokens counted(const UsageReport& usage);
void add(Tokens& sum, const Tokens& more);

}  // namespace ccrelay::exchange
