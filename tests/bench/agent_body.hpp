#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

/// A request as an agent that writes code sends it: a system prompt, tools with their schemas, and
/// a conversation in which the assistant thinks (with signatures) and calls tools, whose results
/// are source text full of escapes. Exactly `bytes` of JSON, at least 2048. `mode` is told to
/// bench_provider in the model's name, which every translation keeps; a stream is asked for unless
/// it is empty.
std::string agent_body(std::size_t bytes, std::string_view mode);
/// The same conversation as clients of chat completions have it, which do not send thinking back.
std::string chat_body(std::size_t bytes, std::string_view mode);

}  // namespace bench
