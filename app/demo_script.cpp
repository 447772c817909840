#include "demo_script.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "demo_schema.hpp"
#include "json_splice.hpp"

namespace ccrelay::app {
namespace {

using testing::Script;

constexpr std::chrono::milliseconds word_pause{40};
constexpr std::size_t echo_bytes_max = 200;
constexpr std::string_view greeting = "Hello from cc-relay's demo!";

struct Asked {
  std::string model = "demo";
  bool stream = false;
  std::string text;     // the user's last words
  std::string example;  // that fits the schema which the answer has to fit; empty: there is none
};

// A message's content is a string or a list of blocks, of which the last text counts.
std::string_view last_text_of(simdjson::dom::element content) {
  std::string_view text;
  if (content.get(text) == simdjson::SUCCESS) return text;
  simdjson::dom::array blocks;
  if (content.get(blocks) != simdjson::SUCCESS) return {};
  for (const simdjson::dom::element block : blocks) {
    std::string_view part;
    if (block["text"].get(part) == simdjson::SUCCESS) text = part;
  }
  return text;
}

// Cut at a character's beginning.
std::string shortened(std::string_view text) {
  if (text.size() <= echo_bytes_max) return std::string(text);
  std::size_t length = echo_bytes_max;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;
  return std::string(text.substr(0, length)) + "...";
}

Asked read_request(const std::string& body) {
  Asked asked;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return asked;
  std::string_view model;
  if (root["model"].get(model) == simdjson::SUCCESS) asked.model = model;
  if (root["stream"].get(asked.stream) != simdjson::SUCCESS) asked.stream = false;
  // Gemini CLI asks such a question before each of its user's, and asks on until it can read the
  // answer.
  simdjson::dom::element schema;
  if (root["output_config"]["format"]["schema"].get(schema) == simdjson::SUCCESS) {
    asked.example = example_of(schema, greeting);
  }
  simdjson::dom::array messages;
  if (root["messages"].get(messages) != simdjson::SUCCESS) return asked;
  for (const simdjson::dom::element message : messages) {
    std::string_view role;
    simdjson::dom::element content;
    if (message["role"].get(role) == simdjson::SUCCESS && role == "user" &&
        message["content"].get(content) == simdjson::SUCCESS) {
      asked.text = shortened(last_text_of(content));
    }
  }
  return asked;
}

std::string answer_to(const Asked& asked) {
  if (!asked.example.empty()) return asked.example;
  const std::string heard =
      asked.text.empty() ? "You said nothing." : fmt::format("You said: \"{}\"", asked.text);
  return fmt::format(
      "{} {} No model was asked and no key was spent; these words came from a fake provider, one "
      "at a time, through the same relay that would carry a real answer.",
      greeting, heard);
}

// Words with the blank before them, so that joined they are the text again.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = text.find(' ', 1);
    words.push_back(text.substr(0, end));
    text.remove_prefix(words.back().size());
  }
  return words;
}

// A rough token is four bytes.
std::size_t tokens_of(std::size_t bytes) {
  return bytes / 4 + 1;
}

std::string event(std::string_view name, std::string_view rest) {
  return fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}}}\n\n", name, rest);
}

Script streamed(const Asked& asked, const std::string& answer, std::size_t input_tokens) {
  Script script = Script::stream_head();
  script.chunk(
      event("message_start",
            fmt::format(R"(,"message":{{"id":"msg_demo","type":"message","role":"assistant",)"
                        R"("model":{},"content":[],"stop_reason":null,"stop_sequence":null,)"
                        R"("usage":{{"input_tokens":{},"output_tokens":1}}}})",
                        json_quoted(asked.model), input_tokens)));
  script.chunk(
      event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})"));
  for (const std::string_view word : words_of(answer)) {
    script.pause(word_pause);
    script.chunk(event(
        "content_block_delta",
        fmt::format(R"(,"index":0,"delta":{{"type":"text_delta","text":{}}})", json_quoted(word))));
  }
  script.chunk(event("content_block_stop", R"(,"index":0)"));
  script.chunk(event("message_delta",
                     fmt::format(R"(,"delta":{{"stop_reason":"end_turn","stop_sequence":null}},)"
                                 R"("usage":{{"output_tokens":{}}})",
                                 tokens_of(answer.size()))));
  script.chunk(event("message_stop", ""));
  script.last_chunk();
  return script;
}

Script whole(const Asked& asked, const std::string& answer, std::size_t input_tokens) {
  return Script::reply(
      200, "application/json",
      fmt::format(R"({{"id":"msg_demo","type":"message","role":"assistant","model":{},)"
                  R"("content":[{{"type":"text","text":{}}}],"stop_reason":"end_turn",)"
                  R"("stop_sequence":null,"usage":{{"input_tokens":{},"output_tokens":{}}}}})",
                  json_quoted(asked.model), json_quoted(answer), input_tokens,
                  tokens_of(answer.size())));
}

}  // namespace

Script demo_answer(const testing::RecordedRequest& request) {
  const std::string_view path = request.head.path();
  const std::size_t input_tokens = tokens_of(request.body.size());
  if (path == "/v1/messages/count_tokens") {
    return Script::reply(200, "application/json",
                         fmt::format(R"({{"input_tokens":{}}})", input_tokens));
  }
  if (path != "/v1/messages") {
    return Script::error(404, "not_found_error",
                         "The demo answers /v1/messages and /v1/messages/count_tokens only.");
  }
  const Asked asked = read_request(request.body);
  const std::string answer = answer_to(asked);
  return asked.stream ? streamed(asked, answer, input_tokens) : whole(asked, answer, input_tokens);
}

}  // namespace ccrelay::app
