#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

// Of an event that is like the last one only the words are read (EventMould). It must say what it
// would say by itself: the same stream with an event between every two, which says nothing and
// makes the translators forget the last one, comes out the same.

namespace {

using Events = std::vector<std::string>;

const std::string long_words = '"' + std::string(300, 'w') + '"';
const std::vector<std::string> words{R"("one")",
                                     R"(" two")",
                                     R"("")",
                                     R"("q\" \\ \n\r\t\/\b")",
                                     R"("\u00e9\ud83d\ude00\u0007")",
                                     R"("\ud83d")",
                                     R"("\ude00x")",
                                     "\"\xC3\xBC\xF0\x9F\x98\x80\x7F\"",
                                     "\"\xFF\"",
                                     long_words,
                                     R"("end")"};

void add_words(Events& events, const std::string& before, const std::string& behind) {
  for (const std::string& each : words) events.push_back(before + each + behind);
}

Events chat_events() {
  Events events;
  const std::string head = R"({"id":"c","model":"sent","choices":[{"index":0,"delta":{)";
  const std::string tail = R"(},"finish_reason":null}],"usage":null)";
  const auto delta = [&](const std::string& members, const std::string& more = "") {
    events.push_back(head + members + tail + more + "}");
  };
  add_words(events, head + R"("role":"assistant","content":null,"reasoning_content":)", tail + "}");
  add_words(events, head + R"("content":)", tail + "}");
  for (const char* pad : {"a", "bcd", "", R"(\")"})
    delta(R"("content":"padded")", R"(,"obfuscation":")" + std::string(pad) + '"');
  for (int n = 1; n < 5; ++n) {
    events.push_back(head + R"("content":"counted"},"finish_reason":null}],"usage":)" +
                     R"({"prompt_tokens":5,"completion_tokens":)" + std::to_string(n) + "}}");
  }
  delta(R"("content":"uncounted")");
  delta(R"("content":"both","reasoning":"thought")");
  delta(R"("content":"both","reasoning":"again")");
  delta(R"("content":"twice","content":"said")");
  delta(R"("content":"twice","content":"over")");
  for (const char* more : {"x", "y"}) {
    events.push_back(R"({"choices":[{"index":1,"delta":{"content":")" + std::string(more) +
                     R"("}},{"index":0,"delta":{"content":"z"}}]})");
  }
  for (const int call : {0, 1}) {
    const std::string index = R"("tool_calls":[{"index":)" + std::to_string(call);
    delta(index + R"(,"id":"call_)" + std::to_string(call) +
          R"(","function":{"name":"look","arguments":""}}])");
    for (const char* piece : {R"({\"a\":)", "[1,", R"(\"\\u00e9\")", "", "]}"})
      delta(index + R"(,"function":{"arguments":")" + std::string(piece) + R"("}}])");
  }
  delta(R"("content":"last")");
  delta(R"("content":"of all")");
  events.push_back(R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})");
  events.push_back(R"({"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":7}})");
  events.push_back("[DONE]");
  return events;
}

Events responses_events() {
  Events events{R"({"type":"response.created","response":{"id":"r","model":"sent"}})"};
  int sequence = 98;
  const auto item = [&](int index, const std::string& members) {
    events.push_back(R"({"type":"response.output_item.added","output_index":)" +
                     std::to_string(index) + R"(,"item":{)" + members + "}}");
  };
  const auto deltas = [&](const std::string& type, int index, const std::string& more) {
    for (const std::string& each : words) {
      ++sequence;
      events.push_back(R"({"type":"response.)" + type + R"(.delta","sequence_number":)" +
                       std::to_string(sequence) + R"(,"output_index":)" + std::to_string(index) +
                       more + R"(,"delta":)" + each + R"(,"obfuscation":)" +
                       words[words.size() - 1 - static_cast<std::size_t>(sequence % 3)] + "}");
    }
  };
  item(0, R"("type":"reasoning","id":"rs_1","summary":[])");
  deltas("reasoning_summary_text", 0, R"(,"summary_index":0)");
  deltas("reasoning_summary_text", 0, R"(,"summary_index":1)");
  // It waits for the reasoning's end.
  item(1, R"("type":"message","id":"m","role":"assistant","content":[])");
  deltas("output_text", 1, R"(,"content_index":0)");
  deltas("reasoning_summary_text", 0, R"(,"summary_index":1)");
  events.push_back(
      R"({"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs_1","encrypted_content":"e","summary":[]}})");
  deltas("output_text", 1, R"(,"content_index":0)");
  deltas("output_text", 1, R"(,"content_index":1)");
  deltas("refusal", 1, R"(,"content_index":1)");
  item(2, R"("type":"function_call","id":"f","call_id":"call_2","name":"look","arguments":"")");
  for (const char* piece : {R"({\"a\":)", "[1,", R"(\"\\u00e9\")", "", "]}"}) {
    events.push_back(
        R"({"type":"response.function_call_arguments.delta","output_index":2,"delta":")" +
        std::string(piece) + R"("})");
  }
  deltas("output_text", 1, R"(,"content_index":1)");
  events.push_back(
      R"({"type":"response.completed","response":{"id":"r","status":"completed","output":[],"usage":{"input_tokens":11,"output_tokens":7}}})");
  return events;
}

Events gemini_events() {
  Events events;
  const std::string head = R"({"candidates":[{"content":{"role":"model","parts":[{)";
  const std::string tail =
      R"(]},"index":0}],"modelVersion":"sent","usageMetadata":{"promptTokenCount":11)";
  add_words(events, head + R"("thought":true,"text":)", "}" + tail + "}}");
  add_words(events, head + R"("text":)", "}" + tail + "}}");
  for (int n = 1; n < 5; ++n) {
    events.push_back(head + R"("text":"counted"})" + tail + R"(,"candidatesTokenCount":)" +
                     std::to_string(n) +
                     R"(,"promptTokensDetails":[{"modality":"TEXT","tokenCount":)" +
                     std::to_string(n) + R"(}]},"responseId":"r)" + std::to_string(n) + "\"}");
  }
  for (const char* more : {"x", "y"}) {
    events.push_back(head + R"("text":")" + more + R"("},{"text":"z"})" + tail + "}}");
    events.push_back(head + R"("text":")" + more + R"(","thoughtSignature":"c2ln"})" + tail + "}}");
    events.push_back(R"([{"candidates":[{"content":{"parts":[{"text":")" + std::string(more) +
                     R"("}]}}]}])");
  }
  add_words(events, head + R"("text":)", "}" + tail + "}}");
  events.push_back(head + R"("functionCall":{"id":"call_2","name":"look","args":{"n":1.0}}})" +
                   tail + "}}");
  add_words(events, head + R"("text":)", "}" + tail + "}}");
  events.push_back(
      R"({"candidates":[{"content":{"parts":[{"text":"."}]},"finishReason":"STOP","index":0}]})");
  return events;
}

Events anthropic_events() {
  Events events{
      R"({"type":"message_start","message":{"id":"msg_1","model":"sent","usage":{"input_tokens":11}}})"};
  int index = 0;
  const auto block = [&](const std::string& members, const std::vector<std::string>& deltas) {
    const std::string at = R"("index":)" + std::to_string(index++);
    events.push_back(R"({"type":"content_block_start",)" + at + R"(,"content_block":{)" + members +
                     "}}");
    std::string blanks;
    for (const std::string& each : deltas) {
      events.push_back(R"({"type":"content_block_delta",)" + at + R"(,"delta":{)" + each + "}" +
                       blanks + "}");
      blanks += "  ";
    }
    events.push_back(R"({"type":"content_block_stop",)" + at + "}");
  };
  std::vector<std::string> thinking, text;
  for (const std::string& each : words) {
    thinking.push_back(R"("type":"thinking_delta","thinking":)" + each);
    text.push_back(R"("type":"text_delta","text":)" + each);
  }
  thinking.emplace_back(R"("type":"signature_delta","signature":"c2ln")");
  block(R"("type":"thinking","thinking":"","signature":"")", thinking);
  block(R"("type":"text","text":"")", text);
  std::vector<std::string> input;
  for (const char* piece : {R"({\"a\":)", "[1,", R"(\"\\u00e9\")", "", "]}"})
    input.push_back(R"("type":"input_json_delta","partial_json":")" + std::string(piece) + '"');
  block(R"("type":"tool_use","id":"call_2","name":"look","input":{})", input);
  block(R"("type":"tool_use","id":"call_3","name":"look","input":{})", input);
  // Of another kind than its block.
  block(R"("type":"text","text":"")", input);
  block(R"("type":"text","text":"")", text);
  events.emplace_back(
      R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}})");
  events.emplace_back(R"({"type":"message_stop"})");
  return events;
}

struct Provider {
  Dialect dialect;
  Events events;
  std::string nothing;  // an event that says nothing
  std::string profile;
};

std::string stream_of(const Events& events, const std::string& between = {}) {
  std::string out;
  for (const std::string& event : events) {
    if (!out.empty() && !between.empty()) out += "data: " + between + "\n\n";
    out += "data: " + event + "\n\n";
  }
  return out;
}

// Event by event, `each` of them at a time, with these ends of line and this in front of the data.
std::string translated(const Carried& carried, const Events& events, std::size_t each,
                       const std::string& line_end, const std::string& before) {
  const auto translator = carry_stream(carried, "text/event-stream");
  std::string out;
  std::string bytes;
  std::size_t told = 0;
  for (const std::string& event : events) {
    bytes += before + "data: " + event + line_end + line_end;
    if (++told % each != 0) continue;
    translator->feed(bytes, out);
    bytes.clear();
  }
  translator->feed(bytes, out);
  translator->end(out);
  CHECK_FALSE(translator->failed());
  return out;
}

std::string translated(const Carried& carried, std::string_view stream, std::size_t piece) {
  const auto translator = carry_stream(carried, "text/event-stream");
  std::string out;
  for (std::size_t at = 0; at < stream.size(); at += piece)
    translator->feed(stream.substr(at, piece), out);
  translator->end(out);
  CHECK_FALSE(translator->failed());
  return out;
}

Carried carried(Dialect client, Dialect provider, const Profile& profile) {
  Carried out;
  out.way.client = client;
  out.way.provider = provider;
  out.provider.profile = &profile;
  out.provider.seed = out.client.seed = "seed";
  out.client.model = "asked";
  out.client.include_usage = true;
  return out;
}

}  // namespace

TEST_CASE("an event that is like the last one says what it says by itself", "[dialect]") {
  const std::array<Provider, 4> providers{
      {{Dialect::anthropic, anthropic_events(), R"({"type":"ping"})", "anthropic"},
       {Dialect::chat, chat_events(), R"({"choices":[]})", "generic"},
       {Dialect::responses, responses_events(), R"({"type":"response.in_progress","response":{}})",
        "openai"},
       {Dialect::gemini, gemini_events(), R"({"candidates":[]})", "gemini"}}};
  for (const Provider& provider : providers) {
    const Profile profile = Profiles::shipped().of(provider.profile, "sent");
    const std::string stream = stream_of(provider.events);
    const std::string apart = stream_of(provider.events, provider.nothing);
    for (const Dialect client :
         {Dialect::anthropic, Dialect::chat, Dialect::responses, Dialect::gemini}) {
      if (client == provider.dialect) continue;
      INFO(to_string(client) << " > " << to_string(provider.dialect));
      const Carried way = carried(client, provider.dialect, profile);
      const std::string out = translated(way, stream, stream.size());
      CHECK(out.find("end") != std::string::npos);
      CHECK(translated(way, apart, apart.size()) == out);
      CHECK(translated(way, stream, 1) == out);
      CHECK(translated(way, stream, 100) == out);
      for (const std::size_t each : {1, 2, 5}) {
        CHECK(translated(way, provider.events, each, "\n", "") == out);
        CHECK(translated(way, provider.events, each, "\r\n", ": note\r\n") == out);
        CHECK(translated(way, provider.events, each, "\r", "id: 1\n") == out);
      }
    }
  }
}
