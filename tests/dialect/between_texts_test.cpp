#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catch.hpp"
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
  Way way;
  way.client = client;
  way.provider = provider;
  if (client == Dialect::gemini) {
    way.asked_model = "m";
    way.asked_stream = stream;
  }
  TranslateOptions options;
  options.profile = &profiles[static_cast<std::size_t>(provider)];
  options.model = "gemini-3.5-flash";
  options.seed = "seed";
  options.issuer = "0123456789ab";
  options.auto_cache = false;
  auto out = carry_request(way, body + "}", options);
  REQUIRE(std::holds_alternative<Carried>(out));
  return std::get<Carried>(std::move(out));
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
    struct Row {
      const char* parts;
      const char* first;  // what is said in place of the first text and of the second
      const char* second;
    };
    const Row rows[] = {
        {R"({"text":"Grüß Gott."})", "Grüß ", "Gott."},
        {R"({"text":"Grüß "},{"text":"Gott."})", "Grüß ", "Gott."},
        {R"({"text":"G"},{"text":"rüß G"},{"text":"ott."})", R"(G"},{"type":"text","text":"rüß )",
         R"(G"},{"type":"text","text":"ott.)"},
    };
    for (const Row& row : rows) {
      INFO(row.parts << " " << blocks);
      const std::string turn = R"({"candidates":[{"content":{"role":"model","parts":[)" +
                               std::string(row.parts) + "," + call + "]}}]}";
      std::string expected = blocks;
      expected.replace(expected.find("Grüß "), std::string_view("Grüß ").size(), row.first);
      expected.replace(expected.rfind("Gott."), 5, row.second);
      CHECK(said_before(Dialect::gemini, Dialect::anthropic, next_turn(Dialect::gemini, turn)) ==
            expected);
    }
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
