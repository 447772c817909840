#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dialect/hub_fold.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "scenario/translate_stage.hpp"

// The web search of one vendor for the client of another: what is asked, what each vendor answers,
// and what each client hears of it.

namespace ccrelay::testing::searching {

using dialect::Json;

inline const std::string url = "https://a.example/x";
inline const std::string words = "f\xC3\xBCnd it";  // 8 characters, 9 bytes

// --- what a client asks ---

inline std::string tool_of(Speech client) {
  switch (client) {
    case Speech::anthropic:
      return R"({"type":"web_search_20250305","name":"web_search","max_uses":8})";
    case Speech::responses:
      return R"({"type":"web_search"})";
    default:
      return R"({"googleSearch":{}})";
  }
}

inline std::string function_of(Speech client) {
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
inline std::string asking(Speech client, bool stream, const std::string& tools,
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

inline std::string post_to(Speech client, bool stream, const std::string& body) {
  return RelayFixture::post(body, {}, Agent(client, stream).target());
}

// --- what a provider answers ---

inline std::string anthropic_answer(bool failed) {
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

inline std::string search_item(bool failed) {
  return R"({"type":"web_search_call","id":"ws_1","status":)" +
         (failed ? std::string(R"("failed","action":{"type":"search","query":"relays"}})")
                 : R"("completed","action":{"type":"search","query":"relays","sources":)"
                   R"([{"type":"url","url":")" +
                       url + R"("}]}})");
}

inline std::string message_item(bool failed) {
  return R"({"type":"message","id":"m_1","role":"assistant","status":"completed","content":)"
         R"([{"type":"output_text","text":")" +
         words + R"(","annotations":[)" +
         (failed ? ""
                 : R"({"type":"url_citation","url":")" + url +
                       R"(","title":"T","start_index":0,"end_index":4})") +
         "]}]}";
}

inline std::string responses_answer(bool failed, bool whole = true) {
  return R"({"id":"resp_1","object":"response","created_at":1,"model":"gpt-real","status":)" +
         std::string(whole ? R"("completed")" : R"("in_progress")") +
         R"(,"error":null,"incomplete_details":null,"output":[)" +
         (whole ? search_item(failed) + "," + message_item(failed) : "") +
         R"(],"usage":{"input_tokens":30,"output_tokens":9,"total_tokens":39}})";
}

inline std::string gemini_answer(bool failed) {
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

inline std::string responses_stream(bool failed) {
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

inline Script searched(Speech provider, bool stream, bool failed = false) {
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

inline std::vector<std::string> chunks_of(std::string_view stream) {
  Chunks chunks;
  dialect::SseEvents events(chunks, std::size_t{1} << 20);
  events.feed(stream);
  events.end();
  return chunks.all;
}

inline std::string heard_by_anthropic(Json message) {
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

inline std::string heard_by_responses(Json response) {
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

inline std::string heard_by_gemini(const std::vector<std::string>& chunks) {
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

inline std::string heard(Speech client, bool stream, const std::string& body) {
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
inline const Pair pairs[] = {
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
     "says f\xC3\xBCnd it; cites https://a.example/x T for 0-4; "
     "asks relays; finds https://a.example/x; 1",
     "says f\xC3\xBCnd it; 0"},
    {Speech::gemini, Speech::anthropic, R"({"type":"web_search_20250305","name":"web_search")",
     "asks relays; finds https://a.example/x T; says f\xC3\xBCnd it; "
     "cites 0 for f\xC3\xBCnd it to 8; 1",
     "says f\xC3\xBCnd it; 0"},
    {Speech::gemini, Speech::responses, R"("tools":[{"type":"web_search"}])",
     "asks relays; finds https://a.example/x a.example; says f\xC3\xBCnd it; "
     "cites 0 for f\xC3\xBCnd to 5; 1",
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

}  // namespace ccrelay::testing::searching
