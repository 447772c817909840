#include "format.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <simdjson.h>

#include <cstddef>
#include <cstdint>

#include "json_splice.hpp"

namespace ccrelay::app::contract {
namespace {

constexpr std::string_view project = "/v1/projects/conformance/locations/us-east5";

// CRC-32 of IEEE 802.3, as the event stream has it.
std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char each : bytes) {
    crc ^= static_cast<unsigned char>(each);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

void append_u32(std::string& out, std::uint32_t number) {
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>((number >> shift) & 0xFF);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += static_cast<char>(name.size());
  out.append(name);
  out += '\7';  // a string
  out += static_cast<char>(value.size() >> 8);
  out += static_cast<char>(value.size() & 0xFF);
  out.append(value);
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html tells the frame,
// InvokeModelWithResponseStream what is in it.
std::string frame(std::string_view data) {
  const std::string payload = fmt::format(R"({{"bytes":"{}","p":"abcd"}})", base64(data));
  std::string headers;
  append_header(headers, ":event-type", "chunk");
  append_header(headers, ":content-type", "application/json");
  append_header(headers, ":message-type", "event");
  std::string out;
  append_u32(out, static_cast<std::uint32_t>(16 + headers.size() + payload.size()));
  append_u32(out, static_cast<std::uint32_t>(headers.size()));
  append_u32(out, crc32_of(out));
  out += headers + payload;
  append_u32(out, crc32_of(out));
  return out;
}

std::string delta(int number) {
  return fmt::format(
      R"({{"type":"content_block_delta","index":0,"delta":{{"type":"text_delta","text":"word-{:04} "}}}})",
      number);
}

}  // namespace

std::string_view to_string(Format format) {
  if (format == bedrock) return "bedrock";
  return format == vertex ? "vertex" : "messages";
}

std::string target_of(Format format, Call call, std::string_view model) {
  if (format == messages)
    return call == Call::count ? "/v1/messages/count_tokens?beta=true" : "/v1/messages?beta=true";
  if (format == bedrock) return fmt::format("/model/{}{}", model, path_end_of(format, call));
  const std::string models = fmt::format("{}/publishers/anthropic/models/", project);
  return models + (call == Call::count ? "" : std::string(model)) +
         std::string(path_end_of(format, call));
}

std::string_view path_end_of(Format format, Call call) {
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
  if (format == bedrock) return frame(data);
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

std::vector<std::string> events_of(Format format, int words) {
  std::vector<std::string> out;
  out.push_back(
      event_of(format, "message_start",
               R"({"type":"message_start","message":{"id":"msg_conformance","type":"message",)"
               R"("role":"assistant","model":"claude-conformance","content":[],"stop_reason":null,)"
               R"("stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":1}}})"));
  out.push_back(event_of(format, "content_block_start",
                         R"({"type":"content_block_start","index":0,)"
                         R"("content_block":{"type":"text","text":""}})"));
  for (int number = 1; number <= words; ++number)
    out.push_back(event_of(format, "content_block_delta", delta(number)));
  out.push_back(
      event_of(format, "content_block_stop", R"({"type":"content_block_stop","index":0})"));
  out.push_back(event_of(format, "message_delta",
                         R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                         R"("stop_sequence":null},"usage":{"output_tokens":7}})"));
  out.push_back(event_of(format, "message_stop", R"({"type":"message_stop"})"));
  return out;
}

std::string word_in(Format format, int number) {
  return format == bedrock ? base64(delta(number)) : fmt::format("word-{:04}", number);
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
