#include <ccrelay/testing/fake_provider.hpp>

#include <charconv>
#include <utility>

namespace ccrelay::testing {
namespace {

// Every count differs from every other, so that a test sees which one went where.
constexpr std::string_view usage_before_output =
    R"("input_tokens":11,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,)";
constexpr std::string_view message_start =
    R"("id":"msg_fake","type":"message","role":"assistant","model":"claude-fake",)";
constexpr std::string_view request_id = "req_fake";

std::string json_string(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 0xf];
    } else {
      out += c;
    }
  }
  return out += '"';
}

/// The words of `text`, each with the spaces before it: joined, they are the text again.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    const bool word_ends = i == text.size() || (text[i] == ' ' && text[i - 1] != ' ');
    if (!word_ends) continue;
    out.push_back(text.substr(start, i - start));
    start = i;
  }
  return out;
}

std::string event(std::string_view type, const std::string& more) {
  std::string out = "event: ";
  out.append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
  if (!more.empty()) out.append(",").append(more);
  return out.append("}\n\n");
}

void add_all(Headers& headers, const Headers& more) {
  for (const Header field : more) headers.add(field.name, field.value);
}

}  // namespace

Script& Script::send(std::string bytes) {
  steps_.push_back({Step::Kind::send, std::move(bytes), {}});
  return *this;
}

Script& Script::hold() {
  steps_.push_back({Step::Kind::hold, {}, {}});
  return *this;
}

Script& Script::pause(Duration wait) {
  steps_.push_back({Step::Kind::pause, {}, wait});
  return *this;
}

Script& Script::close() {
  steps_.push_back({Step::Kind::close, {}, {}});
  return *this;
}

Script& Script::reset() {
  steps_.push_back({Step::Kind::reset, {}, {}});
  return *this;
}

Script& Script::head(int status, const Headers& headers) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
  out.append(reason_phrase(status)).append("\r\n");
  for (const Header field : headers)
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  return send(out.append("\r\n"));
}

Script& Script::chunk(std::string_view bytes) {
  if (bytes.empty()) return *this;  // an empty chunk would be the last one
  char size[16];
  const auto written = std::to_chars(size, size + sizeof size, bytes.size(), 16);
  std::string out(size, written.ptr);
  return send(out.append("\r\n").append(bytes).append("\r\n"));
}

Script& Script::last_chunk() {
  return send("0\r\n\r\n");
}

Script Script::reply(int status, std::string_view content_type, std::string_view body,
                     const Headers& more) {
  Headers headers{{"content-type", content_type}, {"content-length", std::to_string(body.size())}};
  add_all(headers, more);
  Script script;
  script.head(status, headers);
  if (!body.empty()) script.send(std::string(body));
  return script;
}

Script Script::error(int status, std::string_view type, std::string_view message,
                     const Headers& more) {
  const std::string body = R"({"type":"error","error":{"type":)" + json_string(type) +
                           R"(,"message":)" + json_string(message) + "}}";
  return reply(status, "application/json", body, more);
}

Script Script::message(std::string_view text) {
  std::string body = "{";
  body.append(message_start).append(R"("content":[{"type":"text","text":)");
  body.append(json_string(text)).append(R"(}],"stop_reason":"end_turn","stop_sequence":null,)");
  body.append(R"("usage":{)").append(usage_before_output).append(R"("output_tokens":7}})");
  return reply(200, "application/json", body, {{"request-id", request_id}});
}

Script Script::stream_head(const Headers& more) {
  Headers headers{{"content-type", "text/event-stream; charset=utf-8"},
                  {"transfer-encoding", "chunked"}};
  if (!more.contains("request-id")) headers.add("request-id", request_id);
  add_all(headers, more);
  Script script;
  script.head(200, headers);
  return script;
}

Script Script::stream(std::string_view text) {
  Script script = stream_head();
  for (const std::string& one : events(text)) script.chunk(one);
  script.last_chunk();
  return script;
}

std::vector<std::string> Script::events(std::string_view text) {
  std::string start = R"("message":{)";
  start.append(message_start).append(R"("content":[],"stop_reason":null,"stop_sequence":null,)");
  start.append(R"("usage":{)").append(usage_before_output).append(R"("output_tokens":1}})");

  std::vector<std::string> out;
  out.push_back(event("message_start", start));
  out.push_back(event("ping", ""));
  out.push_back(
      event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})"));
  for (const std::string_view word : words(text))
    out.push_back(event("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":)" +
                                                   json_string(word) + "}"));
  out.push_back(event("content_block_stop", R"("index":0)"));
  out.push_back(event("message_delta", R"("delta":{"stop_reason":"end_turn","stop_sequence":null},)"
                                       R"("usage":{"output_tokens":7})"));
  out.push_back(event("message_stop", ""));
  return out;
}

}  // namespace ccrelay::testing
