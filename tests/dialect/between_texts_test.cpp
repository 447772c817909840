#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/carried.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

// Reasoning between two texts of one answer: whatever a client makes of the texts, and whether it
// is shown what is thought or not, the provider gets back what it said, in its order.

namespace {

Json first_of(Json list) {
  return *list.items().begin();
}

// A request of the client's: a question, and the turns that followed it.
Carried carried_turns(Dialect client, Dialect provider, const std::string& turns, bool stream) {
  static const Profile profiles[] = {
      Profiles::shipped().of("anthropic", "m"), Profiles::shipped().of("generic", "m"),
      Profiles::shipped().of("openai", "m"), Profiles::shipped().of("gemini", "gemini-3.5-flash")};
  const std::string more = turns.empty() ? "" : "," + turns;
  std::string body;
  if (client == Dialect::anthropic) {
    body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"})" + more + "]";
  } else if (client == Dialect::chat) {
    body = R"({"model":"m","messages":[{"role":"user","content":"q"})" + more + "]";
  } else if (client == Dialect::responses) {
    body = R"({"model":"m","input":[{"role":"user","content":"q"})" + more + "]";
  } else {
    body = R"({"generationConfig":{"thinkingConfig":{"includeThoughts":false}},)"
           R"("contents":[{"role":"user","parts":[{"text":"q"}]})" +
           more + "]";
  }
  if (stream && client != Dialect::gemini) body += R"(,"stream":true)";
  TranslateOptions options =
      options_for(profiles[static_cast<std::size_t>(provider)], "gemini-3.5-flash");
  options.auto_cache = false;
  return must_carry(way_of(client, provider, stream, "m"), body + "}", options);
}

std::string told_whole(Dialect client, Dialect provider, const std::string& answer) {
  return carry_answer(carried_turns(client, provider, {}, false), 200, answer, "application/json")
      .body;
}

std::string told_streamed(Dialect client, Dialect provider, std::string_view answer) {
  const Carried carried = carried_turns(client, provider, {}, true);
  const auto stream = carry_stream(carried, "text/event-stream");
  std::string out;
  for (const char& c : answer) stream->feed(std::string_view(&c, 1), out);
  stream->end(out);
  CHECK_FALSE(stream->failed());
  return out;
}

// What the client sends behind that answer: it, and the result of its call.
std::string next_turn(Dialect client, const std::string& answer) {
  const Json json(answer);
  if (client == Dialect::anthropic)
    return R"({"role":"assistant","content":)" + std::string(json["content"].raw()) +
           R"(},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"r"}]})";
  if (client == Dialect::chat)
    return std::string(first_of(json["choices"])["message"].raw()) +
           R"(,{"role":"tool","tool_call_id":"c1","content":"r"})";
  if (client == Dialect::responses) {
    const std::string_view items = json["output"].raw();
    return std::string(items.substr(1, items.size() - 2)) +
           R"(,{"type":"function_call_output","call_id":"c1","output":"r"})";
  }
  return std::string(first_of(json["candidates"])["content"].raw()) +
         R"(,{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":)"
         R"({"output":"r"}}}]})";
}

// Of what the provider is sent with it, what it said itself.
std::string said_before(Dialect client, Dialect provider, const std::string& turns) {
  const std::string body = carried_turns(client, provider, turns, false).body;
  const Json json(body);
  const bool gemini = provider == Dialect::gemini;
  std::size_t at = 0;
  for (const Json turn : json[gemini ? "contents" : "messages"].items())
    if (at++ == 1) return std::string(turn[gemini ? "parts" : "content"].raw());
  return {};
}

// The same stream with a delta for each word of a text.
std::string in_small_deltas(const std::string& stream) {
  const std::string_view front = R"("delta":{"type":"text_delta","text":")";
  std::string out;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end = stream.find("\n\n", at) + 2;
    std::string event = stream.substr(at, end - at);
    at = end;
    if (const std::size_t words = event.find(front); words != std::string::npos) {
      const std::size_t first = words + front.size();
      const std::size_t last = event.find("\"}}", first);
      for (std::size_t space; (space = event.find(' ', first)) < event.find("\"}}", first);) {
        out += event.substr(0, space + 1) + "\"}}\n\n";
        event.erase(first, space + 1 - first);
      }
      if (event.find("\"}}", first) == first && last != first) continue;
    }
    out += event;
  }
  return out;
}

// Each chunk's part, in the chunks' order.
std::vector<std::string> parts_of_chunks(const std::string& told) {
  std::vector<std::string> parts;
  const std::string_view front = "data: ";
  for (std::size_t at = 0; (at = told.find(front, at)) != std::string::npos;) {
    at += front.size();
    const std::string chunk = told.substr(at, told.find('\n', at) - at);
    for (const Json part : first_of(Json(chunk)["candidates"])["content"]["parts"].items())
      parts.emplace_back(part.raw());
  }
  return parts;
}

std::string of_anthropic(const std::string& blocks) {
  return R"({"id":"m","type":"message","role":"assistant","model":"c","content":)" + blocks +
         R"(,"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,)"
         R"("output_tokens":1}})";
}

std::string of_gemini(const std::string& parts) {
  return R"({"candidates":[{"content":{"role":"model","parts":)" + parts +
         R"(},"finishReason":"STOP","index":0}],"modelVersion":"g"})";
}

// All tags, in base64 or not, in the order in which they are told.
std::vector<std::string> tags_of(const std::string& told) {
  std::vector<std::string> tags;
  for (std::size_t at = 0; (at = told.find_first_of("\"", at)) != std::string::npos; ++at) {
    const std::string_view text = std::string_view(told).substr(at + 1);
    if (text.starts_with("ccr1.") || text.starts_with("Y2NyMS"))
      tags.emplace_back(text.substr(0, text.find('"')));
  }
  return tags;
}

const std::string text_a = R"({"type":"text","text":"Grüß "})";
const std::string text_b = R"({"type":"text","text":"Gott."})";
const std::string use = R"({"type":"tool_use","id":"c1","name":"f","input":{}})";
const std::string thinking_s = R"({"type":"thinking","thinking":"hm","signature":"S"})";
const std::string thinking_z = R"({"type":"thinking","thinking":"so","signature":"Z"})";
const std::string redacted = R"({"type":"redacted_thinking","data":"R"})";

const std::string answers[] = {
    "[" + text_a + "," + thinking_s + "," + text_b + "," + use + "]",
    "[" + thinking_z + "," + text_a + "," + thinking_s + "," + text_b + "," + use + "]",
    "[" + text_a + "," + redacted + "," + thinking_s + "," + text_b + "," + thinking_z + "," + use +
        "]",
};

}  // namespace

TEST_CASE("what Claude thinks between two texts comes back between them") {
  for (const std::string& blocks : answers) {
    for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini}) {
      INFO(to_string(client) << " " << blocks);
      const std::string told = told_whole(client, Dialect::anthropic, of_anthropic(blocks));
      INFO(told);
      CHECK(said_before(client, Dialect::anthropic, next_turn(client, told)) == blocks);
      if (client == Dialect::responses) continue;
      // A stream brings the same, however it is cut.
      CHECK(tags_of(told_streamed(client, Dialect::anthropic,
                                  stream_of_message(of_anthropic(blocks)))) == tags_of(told));
    }
  }
}

TEST_CASE(
    "it does too through a client of Gemini's that keeps one text and its calls' signatures") {
  for (const std::string& blocks : answers) {
    const std::string told = told_whole(Dialect::gemini, Dialect::anthropic, of_anthropic(blocks));
    std::string call;
    for (const Json part : first_of(Json(told)["candidates"])["content"]["parts"].items()) {
      CHECK_FALSE(part["thought"]);  // they are not shown
      if (part["functionCall"]) call = part.raw();
    }
    for (const char* const parts :
         {R"({"text":"Grüß Gott."})", R"({"text":"Grüß "},{"text":"Gott."})",
          R"({"text":"G"},{"text":"rüß G"},{"text":"ott."})"}) {
      INFO(parts << " " << blocks);
      const std::string turn = R"({"candidates":[{"content":{"role":"model","parts":[)" +
                               std::string(parts) + "," + call + "]}}]}";
      CHECK(said_before(Dialect::gemini, Dialect::anthropic, next_turn(Dialect::gemini, turn)) ==
            blocks);
    }
  }
}

TEST_CASE("a streamed answer comes back as it was said, though each chunk is kept by itself") {
  const std::string long_text = R"({"type":"text","text":"Grüß Gott, wie geht es?"})";
  const std::string more[] = {
      "[" + thinking_s + "," + long_text + "," + use + "]",
      "[" + thinking_s + "," + long_text + "]",
      "[" + redacted + "," + thinking_s + "," + text_a + "," + thinking_z + "," + use + "]",
  };
  std::vector<std::string> all(std::begin(more), std::end(more));
  all.insert(all.end(), std::begin(answers), std::end(answers));
  for (const std::string& blocks : all) {
    INFO(blocks);
    const std::string told =
        told_streamed(Dialect::gemini, Dialect::anthropic,
                      in_small_deltas(stream_of_message(of_anthropic(blocks))));
    INFO(told);
    std::string apart, calls_only, parts;
    for (const std::string& part : parts_of_chunks(told)) {
      const std::string content = R"({"role":"model","parts":[)" + part + "]}";
      apart += (apart.empty() ? "" : ",") + content;
      parts += (parts.empty() ? "" : ",") + part;
      const Json json(part);
      const bool of_text = json["text"] && json["thoughtSignature"];
      calls_only +=
          (calls_only.empty() ? "" : ",") + (of_text ? R"({"role":"model","parts":[{"text":)" +
                                                           std::string(json["text"].raw()) + "}]}"
                                                     : content);
    }
    // Google's SDK keeps a content for each chunk, others one for all, or the calls' signatures.
    const std::string result = blocks.find("tool_use") == std::string::npos
                                   ? R"(,{"role":"user","parts":[{"text":"r"}]})"
                                   : R"(,{"role":"user","parts":[{"functionResponse":{"id":"c1",)"
                                     R"("name":"f","response":{"output":"r"}}}]})";
    CHECK(said_before(Dialect::gemini, Dialect::anthropic, apart + result) == blocks);
    CHECK(said_before(Dialect::gemini, Dialect::anthropic,
                      R"({"role":"model","parts":[)" + parts + "]}" + result) == blocks);
    if (blocks.find("tool_use") == std::string::npos) continue;
    CHECK(said_before(Dialect::gemini, Dialect::anthropic, calls_only + result) == blocks);
  }
}

TEST_CASE("what Gemini thinks and signs between two texts comes back between them") {
  const std::string call =
      R"({"thoughtSignature":"SC","functionCall":{"id":"c1","name":"f","args":{}}})";
  const std::string hidden = R"([{"text":"Grüß "},{"text":"hm","thought":true},)"
                             R"({"text":"Gott."},)" +
                             call + "]";
  const std::string all_signed = R"([{"text":"Grüß ","thoughtSignature":"SA"},)"
                                 R"({"text":"hm","thought":true,"thoughtSignature":"ST"},)"
                                 R"({"text":"Gott.","thoughtSignature":"SB"},)" +
                                 call + "]";
  const std::string not_told = R"([{"text":"Grüß ","thoughtSignature":"SA"},)"
                               R"({"text":"Gott.","thoughtSignature":"SB"},)" +
                               call + "]";
  for (const Dialect client : {Dialect::anthropic, Dialect::chat, Dialect::responses}) {
    for (const std::string& parts : {hidden, all_signed, not_told}) {
      INFO(to_string(client) << " " << parts);
      const std::string told = told_whole(client, Dialect::gemini, of_gemini(parts));
      INFO(told);
      // Thoughts without a signature need not come back.
      const std::string expected =
          parts == hidden ? R"([{"text":"Grüß "},{"text":"Gott."},)" + call + "]" : parts;
      CHECK(said_before(client, Dialect::gemini, next_turn(client, told)) == expected);
      CHECK(tags_of(told_streamed(client, Dialect::gemini, "data: " + of_gemini(parts) + "\n\n"))
                .size() >= tags_of(told).size());
    }
  }
}

TEST_CASE("a text that a chat client has changed keeps its reasoning, as far as there is text") {
  const std::string told = told_whole(Dialect::chat, Dialect::anthropic, of_anthropic(answers[0]));
  std::string turn = next_turn(Dialect::chat, told);
  const std::string content = R"("content":"Grüß Gott.")";
  turn.replace(turn.find(content), content.size(), R"("content":"Ja")");
  CHECK(said_before(Dialect::chat, Dialect::anthropic, turn) ==
        R"([{"type":"text","text":"Ja"},)" + thinking_s + "," + use + "]");
}
