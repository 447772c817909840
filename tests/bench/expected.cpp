#include "expected.hpp"

#include <cstring>
#include <initializer_list>

namespace bench {
namespace {

/// Each stands behind the one before.
std::string_view first_missing(std::string_view text,
                               std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    const void* found = memmem(text.data(), text.size(), part.data(), part.size());
    if (!found) return part;
    text.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) +
                       part.size());
  }
  return {};
}

}  // namespace

std::string_view missing_in_answer(Dialect client, std::string_view body) {
  if (client == Dialect::chat) {
    return first_missing(
        body,
        {R"("object":"chat.completion")", "The test fails because ", "make the change now.\"",
         R"("name":"Tool1")", R"(\"/src/http/read_fields.cpp\")", R"("finish_reason":"tool_calls")",
         R"("prompt_tokens":4121)", R"("completion_tokens":312)"});
  }
  return first_missing(body,
                       {R"("type":"message")", R"("type":"text")", "The test fails because ",
                        "make the change now.\"", R"("type":"tool_use")", R"("name":"Tool1")",
                        R"("file_path":"/src/http/read_fields.cpp")", R"("stop_reason":"tool_use")",
                        R"("input_tokens":25)", R"("output_tokens":312)"});
}

std::string_view missing_in_beginning(Dialect client, std::string_view events) {
  if (client == Dialect::chat) {
    return first_missing(events, {R"("object":"chat.completion.chunk")", R"("role":"assistant")",
                                  R"("content":" a few words @)"});
  }
  return first_missing(events, {"event: message_start\n", "event: content_block_start\n",
                                "event: content_block_delta\n", R"("type":"text_delta")",
                                R"("text":" a few words @)"});
}

std::string_view missing_in_whole_stream(Dialect client, std::string_view events) {
  if (const auto missing = missing_in_beginning(client, events); !missing.empty()) return missing;
  constexpr std::string_view words = "words @";
  if (const auto missing = first_missing(events, {words, words, words, words, words});
      !missing.empty()) {
    return missing;
  }
  if (client == Dialect::chat) {
    return first_missing(events, {R"("finish_reason":"stop")", R"("prompt_tokens":4121)",
                                  R"("completion_tokens":312)", "data: [DONE]\n"});
  }
  return first_missing(
      events, {"event: content_block_stop\n", "event: message_delta\n",
               R"("stop_reason":"end_turn")", R"("output_tokens":312)", "event: message_stop\n"});
}

}  // namespace bench
