#pragma once

#include "dialect/json_text.hpp"
#include "dialect/words.hpp"

namespace ccrelay::dialect {

/// A text of the hub's system prompt as a provider of another dialect gets it: without the line
/// that Claude Code puts in front for Anthropic (`x-anthropic-billing-header: …; cch=71fea;`).
/// Nobody else reads it, and it differs in each request, so that no prompt would ever be found in a
/// cache.
Words system_words(Json text);

}  // namespace ccrelay::dialect
