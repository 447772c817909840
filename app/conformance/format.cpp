#include "format.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstddef>

#include "dialects.hpp"
#include "framing.hpp"
#include "json_splice.hpp"

namespace ccrelay::app::contract {
namespace {

constexpr std::string_view project = "/v1/projects/conformance/locations/us-east5";

std::string word_text(int number) {
  return fmt::format("word-{:04} ", number);
}

std::string delta_saying(std::string_view text) {
  return fmt::format(
      R"({{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"{}"}}}})",
      text);
}

bool is_claude(Format format) {
  return (format & claude_formats) != 0;
}

struct FormatName {
  Format format;
  std::string_view text;
};
constexpr FormatName format_names[] = {{messages, "messages"},   {bedrock, "bedrock"},
                                       {vertex, "vertex"},       {chat, "chat"},
                                       {responses, "responses"}, {gemini, "gemini"}};

}  // namespace

std::string_view to_string(Format format) {
  for (const FormatName& each : format_names) {
    if (each.format == format) return each.text;
  }
  return format_names[0].text;
}

Format format_named(std::string_view name) {
  for (const FormatName& each : format_names) {
    if (each.text == name) return each.format;
  }
  return messages;
}

std::string_view usual_model(Format format) {
  if (is_claude(format)) return "claude-sonnet-5-5";
  return format == gemini ? "gemini-3.8-flash" : "gpt-5.6";
}

std::string_view usual_agent(Format format) {
  if (is_claude(format)) return "claude-cli/2.1.330 (external, sdk-cli)";
  return format == gemini ? "google-genai-sdk/2.32.0 gl-node/v24.1.0" : "OpenAI/JS 6.49.0";
}

std::string_view models_target(Format format) {
  if (is_claude(format)) return "/v1/models?limit=1000";
  return format == gemini ? "/v1beta/models?pageSize=1000" : "/v1/models";
}

std::string said(Format format, std::string_view text) {
  return format == gemini ? fmt::format(R"([{{"role":"user","parts":[{{"text":"{}"}}]}}])", text)
                          : fmt::format(R"([{{"role":"user","content":"{}"}}])", text);
}

std::string target_of(Format format, Call call, std::string_view model) {
  if (!is_claude(format)) return dialect_target(format, call, model);
  if (format == messages)
    return call == Call::count ? "/v1/messages/count_tokens?beta=true" : "/v1/messages?beta=true";
  if (format == bedrock) return fmt::format("/model/{}{}", model, path_end_of(format, call));
  const std::string models = fmt::format("{}/publishers/anthropic/models/", project);
  return models + (call == Call::count ? "" : std::string(model)) +
         std::string(path_end_of(format, call));
}

std::string_view path_end_of(Format format, Call call) {
  if (!is_claude(format)) return dialect_path_end(format, call);
  if (format == messages) return call == Call::count ? "/v1/messages/count_tokens" : "/v1/messages";
  if (format == bedrock) {
    if (call == Call::count) return "/count-tokens";
    return call == Call::stream ? "/invoke-with-response-stream" : "/invoke";
  }
  if (call == Call::count) return "count-tokens:rawPredict";
  return call == Call::stream ? ":streamRawPredict" : ":rawPredict";
}

std::string body_of(Format format, Call call, std::string_view model, std::string_view fields,
                    std::string_view messages_array) {
  if (!is_claude(format)) return dialect_body(format, call, model, fields, messages_array);
  std::string out = "{";
  const bool names_model = format == messages || (format == vertex && call == Call::count);
  if (names_model) out += fmt::format(R"("model":{},)", json_quoted(std::string(model)));
  if (format == bedrock) out += R"("anthropic_version":"bedrock-2023-05-31",)";
  if (format == vertex) out += R"("anthropic_version":"vertex-2023-10-16",)";
  out += fields;
  if (call != Call::count) out += R"("max_tokens":16,)";
  if (call == Call::stream && format != bedrock) out += R"("stream":true,)";
  return out + fmt::format(R"("messages":{}}})", messages_array);
}

std::string event_of(Format format, std::string_view name, std::string_view data) {
  if (format == bedrock) return event_frame(data);
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

std::vector<std::string> events_of(Format format, int words) {
  std::vector<std::string> texts;
  for (int number = 1; number <= words; ++number) texts.push_back(word_text(number));
  return events_saying(format, texts);
}

std::vector<std::string> events_saying(Format format, const std::vector<std::string>& texts) {
  if (!is_claude(format)) return dialect_events(format, texts);
  std::vector<std::string> out;
  out.push_back(
      event_of(format, "message_start",
               R"({"type":"message_start","message":{"id":"msg_conformance","type":"message",)"
               R"("role":"assistant","model":"claude-conformance","content":[],"stop_reason":null,)"
               R"("stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":1}}})"));
  out.push_back(event_of(format, "content_block_start",
                         R"({"type":"content_block_start","index":0,)"
                         R"("content_block":{"type":"text","text":""}})"));
  for (const std::string& text : texts)
    out.push_back(event_of(format, "content_block_delta", delta_saying(text)));
  out.push_back(
      event_of(format, "content_block_stop", R"({"type":"content_block_stop","index":0})"));
  out.push_back(event_of(format, "message_delta",
                         R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                         R"("stop_sequence":null},"usage":{"output_tokens":7}})"));
  out.push_back(event_of(format, "message_stop", R"({"type":"message_stop"})"));
  return out;
}

std::size_t first_word(Format format) {
  if (is_claude(format)) return 2;
  return format == chat ? 1 : format == responses ? 4 : 0;
}

std::string word_in(Format format, int number) {
  return format == bedrock ? base64(delta_saying(word_text(number)))
                           : fmt::format("word-{:04}", number);
}

Headers stream_headers(Format format) {
  return {{"content-type", format == bedrock ? "application/vnd.amazon.eventstream"
                                             : "text/event-stream; charset=utf-8"},
          {"transfer-encoding", "chunked"},
          {"request-id", "req_conformance"}};
}

std::string canonical(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS) return {};
  return simdjson::minify(root);
}

std::string canonical_member(std::string_view json, std::string_view name) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element member;
  if (parser.parse(simdjson::padded_string(json)).get(root) != simdjson::SUCCESS) return {};
  if (root[name].get(member) != simdjson::SUCCESS) return {};
  return simdjson::minify(member);
}

}  // namespace ccrelay::app::contract
