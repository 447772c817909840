#include <string>
#include <string_view>
#include <vector>

#include "dialect/hub_fold.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using dialect::Json;

// The web search of one vendor for the client of another: asked for, found, cited, counted, paid,
// and told again in the next turn.

namespace {

const std::string url = "https://a.example/x";
const std::string words = "f\xC3\xBCnd it";  // 8 characters, 9 bytes

// --- what a client asks ---

std::string tool_of(Speech client) {
  switch (client) {
    case Speech::anthropic:
      return R"({"type":"web_search_20250305","name":"web_search","max_uses":8})";
    case Speech::responses:
      return R"({"type":"web_search"})";
    default:
      return R"({"googleSearch":{}})";
  }
}

std::string function_of(Speech client) {
  switch (client) {
    case Speech::anthropic:
      return R"({"name":"look","input_schema":{"type":"object"}})";
    case Speech::responses:
      return R"({"type":"function","name":"look","parameters":{"type":"object"}})";
    default:
      return R"({"functionDeclarations":[{"name":"look","parametersJsonSchema":{"type":"object"}}]})";
  }
}

// `past`: what stands between the question and another one.
std::string asking(Speech client, bool stream, const std::string& tools,
                   const std::string& past = {}, const std::string& more = {}) {
  const std::string streams = stream ? R"(,"stream":true)" : "";
  const std::string again = past.empty() ? "" : "," + past + ",";
  switch (client) {
    case Speech::anthropic:
      return R"({"model":"asked","max_tokens":1000,"tools":[)" + tools + "]" + streams + more +
             R"(,"messages":[{"role":"user","content":"look for relays"})" + again +
             (past.empty() ? "" : R"({"role":"user","content":"and now?"})") + "]}";
    case Speech::responses:
      return R"({"model":"asked","store":false,"tools":[)" + tools + "]" + streams + more +
             R"(,"include":["web_search_call.action.sources"],"input":[)"
             R"({"role":"user","content":"look for relays"})" +
             again + (past.empty() ? "" : R"({"role":"user","content":"and now?"})") + "]}";
    default:
      return R"({"tools":[)" + tools + "]" + more +
             R"(,"contents":[{"role":"user","parts":[{"text":"look for relays"}]}]})";
  }
}

std::string post_to(Speech client, bool stream, const std::string& body) {
  return RelayFixture::post(body, {}, Agent(client, stream).target());
}

// --- what a provider answers ---

std::string anthropic_answer(bool failed) {
  return R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-real","content":[)"
         R"({"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":)"
         R"({"query":"relays"},"caller":{"type":"direct"}},{"type":"web_search_tool_result",)"
         R"("tool_use_id":"srvtoolu_1","caller":{"type":"direct"},"content":)" +
         (failed ? R"({"type":"web_search_tool_result_error","error_code":"unavailable"}})"
                 : R"([{"type":"web_search_result","url":")" + url +
                       R"(","title":"T","encrypted_content":"enc","page_age":null}]})") +
         R"(,{"type":"text","text":")" + words + "\"" +
         (failed ? ""
                 : R"(,"citations":[{"type":"web_search_result_location","url":")" + url +
                       R"(","title":"T","encrypted_index":"enc","cited_text":"It was."}])") +
         R"(}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":30,)"
         R"("output_tokens":9,"server_tool_use":{"web_search_requests":)" +
         (failed ? "0" : "1") + "}}}";
}

std::string search_item(bool failed) {
  return R"({"type":"web_search_call","id":"ws_1","status":)" +
         (failed ? std::string(R"("failed","action":{"type":"search","query":"relays"}})")
                 : R"("completed","action":{"type":"search","query":"relays","sources":)"
                   R"([{"type":"url","url":")" +
                       url + R"("}]}})");
}

std::string message_item(bool failed) {
  return R"({"type":"message","id":"m_1","role":"assistant","status":"completed","content":)"
         R"([{"type":"output_text","text":")" +
         words + R"(","annotations":[)" +
         (failed ? ""
                 : R"({"type":"url_citation","url":")" + url +
                       R"(","title":"T","start_index":0,"end_index":4})") +
         "]}]}";
}

std::string responses_answer(bool failed, bool whole = true) {
  return R"({"id":"resp_1","object":"response","created_at":1,"model":"gpt-real","status":)" +
         std::string(whole ? R"("completed")" : R"("in_progress")") +
         R"(,"error":null,"incomplete_details":null,"output":[)" +
         (whole ? search_item(failed) + "," + message_item(failed) : "") +
         R"(],"usage":{"input_tokens":30,"output_tokens":9,"total_tokens":39}})";
}

std::string gemini_answer(bool failed) {
  return R"({"candidates":[{"content":{"role":"model","parts":[{"text":")" + words +
         R"("}]},"finishReason":"STOP","index":0)" +
         (failed ? ""
                 : R"(,"groundingMetadata":{"webSearchQueries":["relays"],"groundingChunks":)"
                   R"([{"web":{"uri":")" +
                       url +
                       R"(","title":"T"}}],"groundingSupports":[{"segment":{"endIndex":5,)"
                       R"("text":"x"},"groundingChunkIndices":[0]}]})") +
         R"(}],"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":9,)"
         R"("totalTokenCount":39},"modelVersion":"gemini-3-real"})";
}

std::string responses_stream(bool failed) {
  std::string out;
  int number = 0;
  const auto tell = [&](const std::string& type, const std::string& members) {
    dialect::append_event(out, type,
                          R"({"type":")" + type + R"(","sequence_number":)" +
                              std::to_string(number++) + "," + members + "}");
  };
  const std::string text = R"("output_index":1,"item_id":"m_1","content_index":0)";
  tell("response.created", R"("response":)" + responses_answer(failed, false));
  tell("response.output_item.added",
       R"("output_index":0,"item":{"type":"web_search_call","id":"ws_1","status":"in_progress"})");
  tell("response.web_search_call.searching", R"("output_index":0,"item_id":"ws_1")");
  tell("response.output_item.done", R"("output_index":0,"item":)" + search_item(failed));
  tell("response.output_item.added",
       R"("output_index":1,"item":{"type":"message","id":"m_1","role":"assistant","content":[]})");
  tell("response.output_text.delta", text + R"(,"delta":")" + words + "\"");
  if (!failed) {
    tell("response.output_text.annotation.added",
         text + R"(,"annotation_index":0,"annotation":{"type":"url_citation","url":")" + url +
             R"(","title":"T","start_index":0,"end_index":4})");
  }
  tell("response.output_text.done", text + R"(,"text":")" + words + "\"");
  tell("response.output_item.done", R"("output_index":1,"item":)" + message_item(failed));
  tell("response.completed", R"("response":)" + responses_answer(failed));
  return out;
}

Script searched(Speech provider, bool stream, bool failed = false) {
  const std::string whole = provider == Speech::anthropic   ? anthropic_answer(failed)
                            : provider == Speech::responses ? responses_answer(failed)
                                                            : gemini_answer(failed);
  if (!stream) return Script::reply(200, "application/json", whole);
  return Script::reply(200, "text/event-stream",
                       provider == Speech::anthropic   ? dialect::stream_of_message(whole)
                       : provider == Speech::responses ? responses_stream(failed)
                                                       : "data: " + whole + "\r\n\r\n");
}

// --- what a client hears ---

class Chunks final : public dialect::EventSink {
 public:
  void on_event(std::string_view, std::string_view data) override { all.emplace_back(data); }
  std::vector<std::string> all;
};

std::vector<std::string> chunks_of(std::string_view stream) {
  Chunks chunks;
  dialect::SseEvents events(chunks, std::size_t{1} << 20);
  events.feed(stream);
  events.end();
  return chunks.all;
}

std::string heard_by_anthropic(Json message) {
  std::string out;
  for (const Json block : message["content"].items()) {
    const Json type = block["type"];
    if (type.is("server_tool_use")) out += "asks " + block["input"]["query"].text() + "; ";
    if (type.is("web_search_tool_result") && block["content"].is_object()) out += "fails; ";
    for (const Json found : block["content"].items())
      out += "finds " + found["url"].text() + " " + found["title"].text() + "; ";
    if (!type.is("text")) continue;
    out += "says " + block["text"].text() + "; ";
    for (const Json one : block["citations"].items())
      out += "cites " + one["url"].text() + " " + one["title"].text() + " for " +
             one["cited_text"].text() + "; ";
  }
  const auto count = message["usage"]["server_tool_use"]["web_search_requests"].integer();
  return out + std::to_string(count.value_or(0));
}

std::string heard_by_responses(Json response) {
  std::string out;
  int count = 0;
  for (const Json item : response["output"].items()) {
    if (item["type"].is("web_search_call")) {
      out += "asks " + item["action"]["query"].text() + "; ";
      if (item["status"].is("failed")) out += "fails; ";
      if (item["status"].is("completed")) ++count;
    }
    for (const Json source : item["action"]["sources"].items())
      out += "finds " + source["url"].text() + "; ";
    for (const Json part : item["content"].items()) {
      out += "says " + part["text"].text() + "; ";
      for (const Json one : part["annotations"].items())
        out += "cites " + one["url"].text() + " " + one["title"].text() + " for " +
               std::string(one["start_index"].raw()) + "-" + std::string(one["end_index"].raw()) +
               "; ";
    }
  }
  return out + std::to_string(count);
}

std::string heard_by_gemini(const std::vector<std::string>& chunks) {
  std::string said, grounding;
  for (const std::string& chunk : chunks) {
    for (const Json candidate : Json::read(chunk)["candidates"].items()) {
      for (const Json part : candidate["content"]["parts"].items()) said += part["text"].text();
      grounding = candidate["groundingMetadata"].raw();
    }
  }
  // Only the last one tells it.
  const Json told = Json::read(grounding);
  std::string out;
  for (const Json query : told["webSearchQueries"].items()) out += "asks " + query.text() + "; ";
  for (const Json chunk : told["groundingChunks"].items())
    out += "finds " + chunk["web"]["uri"].text() + " " + chunk["web"]["title"].text() + "; ";
  out += "says " + said + "; ";
  for (const Json support : told["groundingSupports"].items()) {
    for (const Json index : support["groundingChunkIndices"].items())
      out += "cites " + std::string(index.raw()) + " for " + support["segment"]["text"].text() +
             " to " + std::string(support["segment"]["endIndex"].raw()) + "; ";
  }
  return out + std::to_string(told["webSearchQueries"].is_array() ? 1 : 0);
}

std::string heard(Speech client, bool stream, const std::string& body) {
  if (client == Speech::anthropic) {
    bool failed = false;
    const std::string message = stream ? dialect::message_of_stream(body, &failed) : body;
    CHECK_FALSE(failed);
    return heard_by_anthropic(Json::read(message));
  }
  const std::vector<std::string> chunks = stream ? chunks_of(body) : std::vector{body};
  if (client == Speech::gemini) return heard_by_gemini(chunks);
  const Json last = Json::read(chunks.back());
  return heard_by_responses(stream ? last["response"] : last);
}

struct Pair {
  Speech client;
  Speech provider;
  const char* tool;   // what the provider is asked with
  const char* heard;  // of a search that found something
  const char* failed;
};
const Pair pairs[] = {
    {Speech::anthropic, Speech::responses, R"("tools":[{"type":"web_search"}])",
     "asks relays; finds https://a.example/x a.example; says f\xC3\xBCnd it; "
     "cites https://a.example/x T for f\xC3\xBCnd; 1",
     "asks relays; fails; says f\xC3\xBCnd it; 0"},
    {Speech::anthropic, Speech::gemini, R"("tools":[{"googleSearch":{}}])",
     "says f\xC3\xBCnd it; cites https://a.example/x T for f\xC3\xBCnd; "
     "asks relays; finds https://a.example/x T; 1",
     "says f\xC3\xBCnd it; 0"},
    {Speech::responses, Speech::anthropic, R"({"type":"web_search_20250305","name":"web_search")",
     "asks relays; finds https://a.example/x; says f\xC3\xBCnd it; "
     "cites https://a.example/x T for 0-7; 1",
     "asks relays; fails; says f\xC3\xBCnd it; 0"},
    {Speech::responses, Speech::gemini, R"("tools":[{"googleSearch":{}}])",
     "says f\xC3\xBCnd it; cites https://a.example/x T for 0-7; "
     "asks relays; finds https://a.example/x; 1",
     "says f\xC3\xBCnd it; 0"},
    {Speech::gemini, Speech::anthropic, R"({"type":"web_search_20250305","name":"web_search")",
     "asks relays; finds https://a.example/x T; says f\xC3\xBCnd it; "
     "cites 0 for f\xC3\xBCnd it to 8; 1",
     "says f\xC3\xBCnd it; 0"},
    {Speech::gemini, Speech::responses, R"("tools":[{"type":"web_search"}])",
     "asks relays; finds https://a.example/x a.example; says f\xC3\xBCnd it; "
     "cites 0 for f\xC3\xBCnd it to 8; 1",
     "says f\xC3\xBCnd it; 0"},
};

/// Each search costs a cent, and nothing else does.
struct SearchStage : TranslateStage {
  explicit SearchStage(Speech provider) {
    config.routing.debug = true;
    add_vendor(provider, "v");
    PriceRow price;
    price.models = {"*"};
    price.rates.pico_usd.fill(0);
    price.web_search = 10'000'000;
    config.prices = {price};
  }
  std::string sent(std::size_t request = 0) { return providers[0]->requests().at(request).body; }
};

}  // namespace

TEST_CASE("a search of any vendor's is asked for, found, cited, counted and paid for",
          "[scenario][translate]") {
  const bool stream = GENERATE(false, true);
  for (const Pair& pair : pairs) {
    for (const bool failed : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (stream ? ", streamed" : "") << (failed ? ", failed" : ""));
      SearchStage f(pair.provider);
      f.providers[0]->enqueue(searched(pair.provider, stream, failed));
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(pair.client, stream, asking(pair.client, stream, tool_of(pair.client))));
      INFO(answer.body);
      CHECK(answer.status == 200);
      CHECK(heard(pair.client, stream, answer.body) == (failed ? pair.failed : pair.heard));
      CHECK(has(f.sent(), pair.tool));
      REQUIRE(f.finished().attempts.size() == 1);
      const Charge& charge = f.finished().attempts[0].usage.charges.at(0);
      CHECK(charge.web_searches.value_or(0) == (failed ? 0u : 1u));
      CHECK(charge.cost_nano_usd == (failed ? 0 : 10'000'000));
      CHECK(charge.tokens[TokenClass::output] == 9u);
    }
  }
}

TEST_CASE("a search among other tools is left out, or carried where that is wished",
          "[scenario][translate]") {
  for (const Pair& pair : pairs) {
    for (const bool always : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (always ? " always" : ""));
      SearchStage f(pair.provider);
      if (always) f.config.translation.web_search = "always";
      // Gemini from 3 on.
      f.config.providers[0].model_mapping = {
          {"*", pair.provider == Speech::gemini ? "gemini-3-flash" : "real"}};
      f.providers[0]->enqueue(searched(pair.provider, false));
      f.start();
      const std::string tools = function_of(pair.client) + "," + tool_of(pair.client);
      const Answer answer =
          f.RelayFixture::ask(post_to(pair.client, false, asking(pair.client, false, tools)));
      CHECK(answer.status == 200);
      CHECK(has(f.sent(), "\"look\""));
      const std::string word = pair.provider == Speech::gemini ? "googleSearch" : "web_search";
      CHECK(has(f.sent(), word) == always);
      const std::string left(answer.headers.get("x-cc-relay-dropped").value_or(""));
      const std::string own = pair.client == Speech::gemini      ? "googleSearch"
                              : pair.client == Speech::anthropic ? "web_search_20250305"
                                                                 : "web_search";
      CHECK(has(left, own) != always);
      if (always && pair.provider == Speech::gemini)
        CHECK(has(f.sent(), R"("includeServerSideToolInvocations":true)"));
    }
  }
}

TEST_CASE("without a search there is nobody to ask where searches are not carried",
          "[scenario][translate]") {
  for (const Pair& pair : pairs) {
    for (const bool never : {false, true}) {
      INFO(to_string(pair.client) << " > " << to_string(pair.provider)
                                  << (never ? ", by the operator's word" : ""));
      SearchStage f(pair.provider);
      if (never) f.config.translation.web_search = "never";
      if (!never) f.config.providers[0].quirks = {{"web_search", "false"}};
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(pair.client, false, asking(pair.client, false, tool_of(pair.client))));
      CHECK(answer.status == 400);
      CHECK(f.providers[0]->requests().empty());
    }
  }
}

TEST_CASE("what a search is limited to goes to who keeps to it", "[scenario][translate]") {
  struct Row {
    Speech client;
    const char* tool;
    const char* provider;  // who is asked of those that there are; empty: nobody can
    const char* sent;
  };
  const Row rows[] = {
      {Speech::anthropic,
       R"({"type":"web_search_20250305","name":"web_search","allowed_domains":["a.org"]})",
       "responses", R"({"type":"web_search","filters":{"allowed_domains":["a.org"]}})"},
      {Speech::anthropic,
       R"({"type":"web_search_20250305","name":"web_search","blocked_domains":["b.org"]})",
       "anthropic", R"("blocked_domains":["b.org"])"},
      {Speech::responses, R"({"type":"web_search","filters":{"allowed_domains":["a.org"]}})",
       "anthropic", R"("allowed_domains":["a.org"])"},
      {Speech::responses, R"({"type":"web_search","external_web_access":false})", "", ""},
      {Speech::gemini, R"({"googleSearch":{"excludeDomains":["b.org"]}})", "anthropic",
       R"("blocked_domains":["b.org"])"},
  };
  for (const Row& row : rows) {
    INFO(row.tool);
    TranslateStage f;
    // Chat searches nothing, and Gemini wherever it likes.
    for (const Speech provider :
         {Speech::chat, Speech::gemini, Speech::responses, Speech::anthropic}) {
      if (provider == row.client && provider != Speech::anthropic) continue;
      f.add_vendor(provider, std::string(to_string(provider)));
      f.providers.back()->respond_with(
          [provider](const RecordedRequest&) { return searched(provider, false); });
    }
    f.start();
    const Answer answer =
        f.RelayFixture::ask(post_to(row.client, false, asking(row.client, false, row.tool)));
    CHECK(answer.status == (row.provider[0] ? 200 : 400));
    std::string asked, sent;
    for (std::size_t i = 0; i < f.providers.size(); ++i) {
      for (const RecordedRequest& request : f.providers[i]->requests()) {
        asked += f.config.providers[i].name;
        sent = request.body;
      }
    }
    CHECK(asked == row.provider);
    CHECK(has(sent, row.sent));
  }
}

TEST_CASE("a search is forced beside other tools", "[scenario][translate]") {
  struct Row {
    Speech client;
    Speech provider;
    const char* choice;
    const char* sent;
    bool with_function;
  };
  const Row rows[] = {
      {Speech::anthropic, Speech::responses,
       R"(,"tool_choice":{"type":"tool","name":"web_search"})",
       R"("tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})",
       true},
      {Speech::anthropic, Speech::gemini, R"(,"tool_choice":{"type":"tool","name":"web_search"})",
       R"("tools":[{"googleSearch":{}}])", false},
      {Speech::responses, Speech::anthropic, R"(,"tool_choice":{"type":"web_search"})",
       R"("tool_choice":{"type":"tool","name":"web_search"})", true},
      {Speech::responses, Speech::anthropic,
       R"(,"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"web_search"}]})",
       R"("tool_choice":{"type":"tool","name":"web_search"})", false},
  };
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.provider) << row.choice);
    SearchStage f(row.provider);
    f.providers[0]->enqueue(searched(row.provider, false));
    f.start();
    const std::string tools = function_of(row.client) + "," + tool_of(row.client);
    const Answer answer = f.RelayFixture::ask(
        post_to(row.client, false, asking(row.client, false, tools, {}, row.choice)));
    INFO(f.sent());
    CHECK(answer.status == 200);
    CHECK(has(f.sent(), row.sent));
    CHECK(has(f.sent(), "\"look\"") == row.with_function);
    CHECK_FALSE(has(f.sent(), "functionCallingConfig"));
  }
}

TEST_CASE("what was found before is told in words to who did not find it",
          "[scenario][translate]") {
  struct Row {
    Speech client;
    Speech found_by;
    Speech asked_next;
  };
  const Row rows[] = {{Speech::anthropic, Speech::responses, Speech::anthropic},
                      {Speech::anthropic, Speech::responses, Speech::gemini},
                      {Speech::anthropic, Speech::gemini, Speech::responses},
                      {Speech::anthropic, Speech::gemini, Speech::chat},
                      {Speech::responses, Speech::anthropic, Speech::gemini},
                      {Speech::responses, Speech::anthropic, Speech::anthropic}};
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.found_by) << ", then "
                               << to_string(row.asked_next));
    std::string past;
    {
      SearchStage f(row.found_by);
      f.providers[0]->enqueue(searched(row.found_by, false));
      f.start();
      const Answer answer = f.RelayFixture::ask(
          post_to(row.client, false, asking(row.client, false, tool_of(row.client))));
      const Json told = Json::read(answer.body);
      if (row.client == Speech::anthropic) {
        past = R"({"role":"assistant","content":)" + std::string(told["content"].raw()) + "}";
      } else {
        for (const Json item : told["output"].items())
          past += (past.empty() ? "" : ",") + std::string(item.raw());
      }
    }
    SearchStage f(row.asked_next);
    f.start();
    const Answer answer = f.RelayFixture::ask(
        post_to(row.client, false, asking(row.client, false, function_of(row.client), past)));
    INFO(answer.body << f.complaints());
    CHECK(answer.status == 200);
    CHECK(f.complaints().empty());
    CHECK(has(f.sent(), "[Web search: relays]"));
    CHECK(has(f.sent(), url));
    CHECK(has(f.sent(), words));
    for (const char* never : {"ccr1.", "server_tool_use", "web_search_call", "\"citations\":["})
      CHECK_FALSE(has(f.sent(), never));
  }
}

TEST_CASE("Anthropic's own searches go back to it as they were", "[scenario][translate]") {
  SearchStage f(Speech::anthropic);
  f.config.providers[0].model_mapping.clear();
  f.start();
  std::string content(Json::read(anthropic_answer(false))["content"].raw());
  // However it is written.
  const std::string citations = "\"citations\":[";
  content.replace(content.find(citations), citations.size(), "\"citations\" : [ ");
  const std::string past = R"({"role":"assistant","content":)" + content + "}";
  const std::string body = asking(Speech::anthropic, false, tool_of(Speech::anthropic), past);
  f.RelayFixture::ask(post_to(Speech::anthropic, false, body));
  CHECK(f.sent() == body);
}

TEST_CASE("chat's own search is left out", "[scenario][translate]") {
  SearchStage f(Speech::anthropic);
  f.start();
  Agent agent(Speech::chat, false);
  agent.more = R"(,"web_search_options":{"search_context_size":"low"})";
  agent.ask("look for relays");
  CHECK(f.ask(agent).error.empty());
  CHECK(f.last.headers.get("x-cc-relay-dropped") == "web_search_options");
  CHECK_FALSE(has(f.sent(), "web_search"));
  CHECK(f.complaints().empty());
}
