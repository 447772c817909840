#include "agent_body.hpp"

#include <algorithm>

#include "words.hpp"

namespace bench {
namespace {

std::string tool(Words& words, int number) {
  return R"({"name":"Tool)" + std::to_string(number) + R"(","description":")" + words.prose(160) +
         R"(","input_schema":{"type":"object","properties":{"file_path":{"type":"string",)"
         R"("description":"absolute"},"limit":{"type":"number"},"all":{"type":"boolean"}},)"
         R"("required":["file_path"],"additionalProperties":false}})";
}

// The assistant thinks and calls a tool, the user's side answers.
std::string turn(Words& words, int number, std::size_t result_bytes) {
  const std::string id = "toolu_" + std::to_string(1000000 + number);
  return R"(,{"role":"assistant","content":[{"type":"thinking","thinking":")" + words.prose(300) +
         R"(","signature":")" + words.base64(400) + R"("},{"type":"text","text":")" +
         words.prose(80) + R"("},{"type":"tool_use","id":")" + id +
         R"(","name":"Tool1","input":{"file_path":"/src/file)" + std::to_string(number) +
         R"(.cpp","limit":200}}]},{"role":"user","content":[{"type":"tool_result",)"
         R"("tool_use_id":")" +
         id + R"(","content":[{"type":"text","text":")" + words.source(result_bytes) + R"("}]}]})";
}

}  // namespace

std::string agent_body(std::size_t bytes, std::string_view mode) {
  Words words;
  const bool large = bytes > 16 * 1024;
  std::string body = R"({"model":"claude-bench)" + (mode.empty() ? "" : "-" + std::string(mode)) +
                     R"(","max_tokens":32000,"temperature":1,)";
  if (!mode.empty()) body += R"("stream":true,)";
  body += R"("metadata":{"user_id":"bench"},"system":[{"type":"text","text":")" +
          words.prose(large ? 12000 : 300) +
          R"(","cache_control":{"type":"ephemeral"}}],"tools":[)";
  for (int i = 0; i < (large ? 16 : 1); ++i) body += (i > 0 ? "," : "") + tool(words, i);
  body += R"(],"messages":[{"role":"user","content":[{"type":"text","text":")" + words.prose(120) +
          R"("}]})";
  // One tool's result in five is a long file.
  const std::size_t room = large ? 12000 : 1700;
  for (int i = 0; body.size() + room < bytes; ++i) {
    body += turn(words, i, large ? (i % 5 == 4 ? 9000 : 1500) : 400);
  }
  body += R"(,{"role":"user","content":")";
  constexpr std::string_view tail = R"("}]})";
  const std::size_t rest = bytes - std::min(bytes, body.size() + tail.size());
  body.append(rest, 'z');
  body += tail;
  return body;
}

}  // namespace bench
