#include "support/agent.hpp"

#include <algorithm>

#include "dialect/json_out.hpp"

namespace ccrelay::testing {

using dialect::Dialect;
using dialect::json_quoted;
using dialect::JsonOut;

namespace {

std::string joined(const std::vector<std::string>& values) {
  std::string all;
  for (const std::string& value : values) all += (all.empty() ? "" : ",") + value;
  return all;
}

}  // namespace

void Agent::ask(const std::string& text) {
  const std::string words = json_quoted(text);
  history_.push_back(dialect_ == Dialect::gemini
                         ? R"({"role":"user","parts":[{"text":)" + words + "}]}"
                         : R"({"role":"user","content":)" + words + "}");
}

void Agent::results(const std::vector<Result>& results) {
  std::vector<std::string> made;
  for (const Result& result : results) {
    const std::string id = json_quoted(result.id);
    const std::string text = json_quoted(result.text);
    switch (dialect_) {
      case Dialect::anthropic:
        made.push_back(R"({"type":"tool_result","tool_use_id":)" + id + R"(,"content":)" + text +
                       (result.is_error ? R"(,"is_error":true})" : "}"));
        break;
      case Dialect::chat:
        made.push_back(R"({"role":"tool","tool_call_id":)" + id + R"(,"content":)" + text + "}");
        break;
      case Dialect::responses:
        made.push_back(R"({"type":"function_call_output","call_id":)" + id + R"(,"output":)" +
                       text + "}");
        break;
      case Dialect::gemini: {
        std::string name;
        for (const auto& [call, called] : called_)
          if (call == result.id) name = called;
        made.push_back(R"({"functionResponse":{"id":)" + id + R"(,"name":)" + json_quoted(name) +
                       R"(,"response":{")" + (result.is_error ? "error" : "output") + R"(":)" +
                       text + "}}}");
      }
    }
  }
  if (dialect_ == Dialect::anthropic) {
    history_.push_back(R"({"role":"user","content":[)" + joined(made) + "]}");
  } else if (dialect_ == Dialect::gemini) {
    history_.push_back(R"({"role":"user","parts":[)" + joined(made) + "]}");
  } else {
    history_.insert(history_.end(), made.begin(), made.end());
  }
}

void Agent::remind(const std::string& text) {
  history_.push_back(R"({"role":"system","content":)" + json_quoted(text) + "}");
}

std::string Agent::target() const {
  switch (dialect_) {
    case Dialect::anthropic:
      return "/v1/messages";
    case Dialect::chat:
      return "/v1/chat/completions";
    case Dialect::responses:
      return "/v1/responses";
    case Dialect::gemini:
      break;
  }
  return "/v1beta/models/" + model +
         (stream_ ? ":streamGenerateContent?alt=sse" : ":generateContent");
}

std::string Agent::tools_json() const {
  std::vector<std::string> made;
  for (const Tool& tool : tools) {
    const std::string head = R"("name":)" + json_quoted(tool.name) + R"(,"description":"does",)";
    switch (dialect_) {
      case Dialect::anthropic:
        made.push_back("{" + head + R"("input_schema":)" + tool.schema + "}");
        break;
      case Dialect::chat:
        made.push_back(R"({"type":"function","function":{)" + head + R"("parameters":)" +
                       tool.schema + "}}");
        break;
      case Dialect::responses:
        made.push_back(R"({"type":"function",)" + head + R"("strict":false,"parameters":)" +
                       tool.schema + "}");
        break;
      case Dialect::gemini:
        made.push_back("{" + head + R"("parametersJsonSchema":)" + tool.schema + "}");
    }
  }
  if (made.empty()) return {};
  return dialect_ == Dialect::gemini
             ? R"(,"tools":[{"functionDeclarations":[)" + joined(made) + "]}]"
             : R"(,"tools":[)" + joined(made) + "]";
}

std::string Agent::body() const {
  const std::string stream = stream_ ? R"(,"stream":true)" : "";
  std::string out = R"({"model":)" + json_quoted(model);
  switch (dialect_) {
    case Dialect::anthropic:
      out += R"(,"max_tokens":)" + max_tokens + R"(,"system":)" + json_quoted(system) + stream;
      if (thinks) out += R"(,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"})";
      return out + tools_json() + more + R"(,"messages":[)" + joined(history_) + "]}";
    case Dialect::chat: {
      out += R"(,"max_completion_tokens":)" + max_tokens + stream;
      if (stream_) out += R"(,"stream_options":{"include_usage":true})";
      if (thinks) out += R"(,"reasoning_effort":"high")";
      std::vector<std::string> messages{R"({"role":"system","content":)" + json_quoted(system) +
                                        "}"};
      messages.insert(messages.end(), history_.begin(), history_.end());
      return out + tools_json() + more + R"(,"messages":[)" + joined(messages) + "]}";
    }
    case Dialect::responses:
      out += R"(,"max_output_tokens":)" + max_tokens + R"(,"instructions":)" + json_quoted(system) +
             stream + R"(,"store":false,"include":["reasoning.encrypted_content"])";
      if (thinks) out += R"(,"reasoning":{"effort":"high","summary":"auto"})";
      return out + tools_json() + more + R"(,"input":[)" + joined(history_) + "]}";
    case Dialect::gemini:
      break;
  }
  out = R"({"systemInstruction":{"parts":[{"text":)" + json_quoted(system) +
        R"(}]},"generationConfig":{"maxOutputTokens":)" + max_tokens;
  if (thinks) out += R"(,"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true})";
  return out + "}" + tools_json() + more + R"(,"contents":[)" + joined(history_) + "]}";
}

Said Agent::hear(int status, std::string_view content_type, std::string_view answer) {
  Said said;
  if (status != 200) {
    const Json error = Json::read(answer)["error"];
    const Json type = dialect_ == Dialect::gemini ? error["status"] : error["type"];
    said.error = std::to_string(status) + " " + type.text() + ": " + error["message"].text();
    if (dialect_ == Dialect::anthropic && !Json::read(answer)["type"].is("error"))
      said.error = "not an envelope of its dialect: " + std::string(answer);
    if (dialect_ == Dialect::chat || dialect_ == Dialect::responses)
      said.error += " [" + error["code"].text() + "]";
    return said;
  }
  const bool is_stream = content_type.find("event-stream") != std::string_view::npos;
  if (is_stream != stream_) {
    said.error = "the content type is " + std::string(content_type);
    return said;
  }
  switch (dialect_) {
    case Dialect::anthropic:
      return hear_anthropic(answer);
    case Dialect::chat:
      return hear_chat(answer);
    case Dialect::responses:
      return hear_responses(answer);
    case Dialect::gemini:
      break;
  }
  return hear_gemini(answer);
}

// As the SDKs cut a stream into events; comments are passed over, but by Gemini's.
std::vector<Agent::Event> Agent::events_of(std::string_view told, Said& said) const {
  std::vector<Event> events;
  // Gemini's servers end their lines like this.
  std::string plain(told);
  plain.erase(std::remove(plain.begin(), plain.end(), '\r'), plain.end());
  std::string_view stream = plain;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    if (end == std::string_view::npos) {
      said.error = "the stream ends within an event: " + std::string(stream);
      return events;
    }
    std::string_view block = stream.substr(0, end);
    stream.remove_prefix(end + 2);
    Event event;
    while (!block.empty()) {
      const std::string_view line = block.substr(0, block.find('\n'));
      block.remove_prefix(std::min(line.size() + 1, block.size()));
      if (line.substr(0, 6) == "data: ") {
        event.data += line.substr(6);
      } else if (line.substr(0, 7) == "event: " && dialect_ != Dialect::gemini) {
        event.name = line.substr(7);
      } else if (line.empty() || line[0] != ':' || dialect_ == Dialect::gemini) {
        said.error = "a line that is no data: " + std::string(line);
      }
    }
    if (!event.data.empty()) events.push_back(std::move(event));
  }
  return events;
}

}  // namespace ccrelay::testing
