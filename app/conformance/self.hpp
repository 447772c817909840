#pragma once

#include <ccrelay/relay.hpp>
#include <ccrelay/result.hpp>

#include <memory>

#include "bench.hpp"

namespace ccrelay::app::contract {

/// This relay as the gateway under test, with the scripted provider behind it. `subject` is told
/// where it listens and gets the key of a client without budget.
Result<std::unique_ptr<Relay>> start_self(const ScriptedProvider& provider, Subject& subject);

}  // namespace ccrelay::app::contract
