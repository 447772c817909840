#include <fmt/format.h>

#include <string>
#include <string_view>

#include "dialects.hpp"
#include "json_splice.hpp"

// What clients of OpenAI's and Gemini's words ask.

namespace ccrelay::app::contract {
namespace {

std::string_view gemini_verb(Call call) {
  if (call == Call::count) return ":countTokens";
  return call == Call::stream ? ":streamGenerateContent" : ":generateContent";
}

// A tool in each one's words.
std::string odd_tool(std::string_view schema_name) {
  return fmt::format(
      "\"name\":\"t\", \"description\" :\"caf\\u00e9 \\/ \\ud83d\\ude00\",\n"
      "\t\"{}\":{{\"type\":\"object\",\"properties\":{{\"n\":{{\"type\":\"number\","
      "\"minimum\":-0.0,\"maximum\":1E+2,\"default\":12345678901234567890123,"
      "\"multipleOf\":0.10}}}},\"Type\":1,\"typ\\u0065s\":2.50}}",
      schema_name);
}

}  // namespace

std::string dialect_target(Format format, Call call, std::string_view model) {
  if (format == gemini) {
    return fmt::format("/v1beta/models/{}{}{}", model, gemini_verb(call),
                       call == Call::stream ? "?alt=sse" : "");
  }
  return "/v1" + std::string(dialect_path_end(format, call));
}

std::string_view dialect_path_end(Format format, Call call) {
  if (format == gemini) return gemini_verb(call);
  if (format == chat) return "/chat/completions";
  return call == Call::count ? "/responses/input_tokens" : "/responses";
}

std::string dialect_body(Format format, Call call, std::string_view model, std::string_view fields,
                         std::string_view messages) {
  std::string out = "{";
  if (format != gemini) out += fmt::format(R"("model":{},)", json_quoted(model));
  out += fields;
  const bool is_streamed = call == Call::stream && format != gemini;
  if (is_streamed) out += R"("stream":true,)";
  if (is_streamed && format == chat) out += R"("stream_options":{"include_usage":true},)";
  if (call != Call::count && format == chat) out += R"("max_completion_tokens":16,)";
  if (call != Call::count && format == responses) out += R"("max_output_tokens":16,)";
  const std::string_view name = format == chat     ? "messages"
                                : format == gemini ? "contents"
                                                   : "input";
  return out + fmt::format(R"("{}":{}}})", name, messages);
}

std::string dialect_odd_fields(Format format) {
  if (format == gemini) {
    return "\"tools\" : [ {\"functionDeclarations\":[{" + odd_tool("parametersJsonSchema") +
           "}]} ] ,\"generationConfig\":{\"temperature\":1.0e0,\"stopSequences\":[ ]},";
  }
  if (format == chat) {
    return "\"tools\" : [ {\"type\":\"function\",\"function\":{" + odd_tool("parameters") +
           "}} ] ,\"temperature\":1.0e0,\"stop\":[ ],";
  }
  return "\"tools\" : [ {\"type\":\"function\",\"strict\":false," + odd_tool("parameters") +
         "} ] ,\"temperature\":1.0e0,\"include\":[ ],";
}

}  // namespace ccrelay::app::contract
