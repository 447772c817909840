#include <algorithm>

#include "agent_body.hpp"
#include "words.hpp"

namespace bench {
namespace {

std::string tool(Words& words, int number) {
  return R"({"type":"function","function":{"name":"Tool)" + std::to_string(number) +
         R"(","description":")" + words.prose(160) +
         R"(","parameters":{"type":"object","properties":{"file_path":{"type":"string",)"
         R"("description":"absolute"},"limit":{"type":"number"},"all":{"type":"boolean"}},)"
         R"("required":["file_path"],"additionalProperties":false}}})";
}

// The assistant calls a tool, the user's side answers.
std::string turn(Words& words, int number, std::size_t result_bytes) {
  const std::string id = "call_" + std::to_string(1000000 + number);
  return R"(,{"role":"assistant","content":")" + words.prose(80) + R"(","tool_calls":[{"id":")" +
         id + R"(","type":"function","function":{"name":"Tool1","arguments":)" +
         R"("{\"file_path\":\"/src/file)" + std::to_string(number) +
         R"(.cpp\",\"limit\":200}"}}]},{"role":"tool","tool_call_id":")" + id + R"(","content":")" +
         words.source(result_bytes) + R"("})";
}

}  // namespace

std::string chat_body(std::size_t bytes, std::string_view mode) {
  Words words;
  const bool large = bytes > 16 * 1024;
  std::string tail = R"("}],"tools":[)";
  for (int i = 0; i < (large ? 16 : 1); ++i) tail += (i > 0 ? "," : "") + tool(words, i);
  tail += R"(],"tool_choice":"auto")";
  if (!mode.empty()) tail += R"(,"stream":true,"stream_options":{"include_usage":true})";
  tail += "}";
  std::string body = R"({"model":"claude-bench)" + (mode.empty() ? "" : "-" + std::string(mode)) +
                     R"(","max_tokens":32000,"messages":[{"role":"system","content":")" +
                     words.prose(large ? 12000 : 300) + R"("},{"role":"user","content":")" +
                     words.prose(120) + R"("})";
  // One tool's result in five is a long file.
  const std::size_t room = (large ? 10000 : 800) + tail.size();
  for (int i = 0; body.size() + room < bytes; ++i) {
    body += turn(words, i, large ? (i % 5 == 4 ? 9000 : 1500) : 400);
  }
  body += R"(,{"role":"user","content":")";
  body.append(bytes - std::min(bytes, body.size() + tail.size()), 'z');
  return body + tail;
}

}  // namespace bench
