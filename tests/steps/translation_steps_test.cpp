#include <functional>
#include <string>
#include <string_view>

#include "dialect/chat_stream_reader.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/profile.hpp"
#include "dialect/responses_answer.hpp"
#include "dialect/responses_reader.hpp"
#include "dialect/translate.hpp"
#include "steps/linear.hpp"

// What is translated: requests that a client wrote, and answers of providers. See linear.hpp.

using namespace ccrelay;
using namespace ccrelay::dialect;
using namespace ccrelay::testing;

namespace {

std::string nth(const std::string& words, std::size_t n, const std::string& number) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    std::string one = words;
    for (std::size_t at = 0; (at = one.find('#', at)) != std::string::npos;)
      one.replace(at, 1, number.empty() ? std::to_string(100'000 + i) : number);
    out += (i == 0 ? "" : ",") + one;
  }
  return out;
}

/// `words` n times with commas between, each # in them another number of six digits.
std::string listed(std::size_t n, const std::string& words) {
  return nth(words, n, {});
}

std::string event(const std::string& data) {
  return "data: " + data + "\n\n";
}

/// The same as events.
std::string events(std::size_t n, const std::string& data) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    std::string one = data;
    for (std::size_t at = 0; (at = one.find('#', at)) != std::string::npos;)
      one.replace(at, 1, std::to_string(100'000 + i));
    out += event(one);
  }
  return out;
}

std::function<void(std::string_view)> sent(Dialect client, Dialect provider) {
  return [=](std::string_view text) {
    Profile profile;
    if (provider == Dialect::gemini) profile.schema = "openapi";
    TranslateOptions options;
    options.profile = &profile;
    Way way;
    way.client = client;
    way.provider = provider;
    const auto out = carry_request(way, text, options);
    if (const auto* refused = std::get_if<Refused>(&out)) FAIL(refused->message);
    REQUIRE(std::holds_alternative<Carried>(out));
  };
}

template <class Stream>
std::function<void(std::string_view)> streamed() {
  return [](std::string_view text) {
    AnswerContext context;
    context.web_search = true;
    Stream stream(context);
    std::string out;
    stream.feed(text, out);
    stream.end(out);
    CHECK(stream.finished());
  };
}

}  // namespace

TEST_CASE("a request is translated in proportion to what it has many of", "[steps]") {
  const std::string user = R"({"role":"user","content":"a"})";
  const std::string chat_tool = R"({"type":"function","function":{"name":"t#"}})";
  const std::string responses_tool = R"({"type":"function","name":"t#"})";
  const auto parts = [](const std::string& role, const std::string& list) {
    return R"({"role":")" + role + R"(","parts":[)" + list + "]}";
  };
  const auto one_id = [](auto n) {
    return R"({"model":"m","max_tokens":9,"messages":[)" +
           listed(n, R"({"role":"assistant","content":[)"
                     R"({"type":"tool_use","id":"c","name":"f","input":{}}]},)"
                     R"({"role":"user","content":[)"
                     R"({"type":"tool_result","tool_use_id":"c","content":"a"}]})") +
           "]}";
  };
  const std::string call = R"({"functionCall":{"name":"f","args":{}}})";
  const auto gemini = sent(Dialect::gemini, Dialect::anthropic);
  const Worst all[] = {
      {"chat: allowed tools",
       [&](auto n) {
         return R"({"model":"m","messages":[)" + user + R"(],"tools":[)" + listed(n, chat_tool) +
                R"(],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto",)" +
                R"("tools":[)" + listed(n, chat_tool) + "]}}}";
       },
       sent(Dialect::chat, Dialect::anthropic)},
      {"responses: allowed tools",
       [&](auto n) {
         return R"({"model":"m","input":"a","tools":[)" + listed(n, responses_tool) +
                R"(],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[)" +
                listed(n, responses_tool) + "]}}";
       },
       sent(Dialect::responses, Dialect::anthropic)},
      {"gemini: allowed tools",
       [&](auto n) {
         return R"({"contents":[)" + parts("user", R"({"text":"a"})") +
                R"(],"tools":[{"functionDeclarations":[)" + listed(n, R"({"name":"t#"})") +
                R"(]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY",)" +
                R"("allowedFunctionNames":[)" + listed(n, R"("t#")") + "]}}}";
       },
       gemini},
      {"gemini: calls of one name",
       [&](auto n) {
         return R"({"contents":[)" + parts("model", listed(n, call)) + "," +
                parts("user",
                      listed(n, R"({"functionResponse":{"name":"f","response":{"output":"a"}}})")) +
                "]}";
       },
       gemini},
      {"gemini: calls with ids",
       [&](auto n) {
         return R"({"contents":[)" +
                parts("model", listed(n, R"({"functionCall":{"id":"c#","name":"f","args":{}}})")) +
                "," +
                parts("user", listed(n, R"({"functionResponse":{"id":"c#","name":"f",)"
                                        R"("response":{"output":"a"}}})")) +
                "]}";
       },
       gemini},
      {"gemini: responses with ids of nobody",
       [&](auto n) {
         return R"({"contents":[)" + parts("model", listed(n, call)) + "," +
                parts("user", listed(n, R"({"functionResponse":{"id":"c#","name":"f",)"
                                        R"("response":{"output":"a"}}})")) +
                "]}";
       },
       gemini},
      {"gemini: texts in front of a call",
       [&](auto n) {
         return R"({"contents":[)" + parts("model", listed(n, R"({"text":"a"})") + "," + call) +
                "]}";
       },
       gemini},
      {"results for responses",
       [](auto n) {
         return R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[)" +
                listed(n, R"({"type":"tool_use","id":"c#","name":"f","input":{}})") +
                R"(]},{"role":"user","content":[)" +
                listed(n, R"({"type":"tool_result","tool_use_id":"c#","content":"a"})") + "]}]}";
       },
       sent(Dialect::anthropic, Dialect::responses)},
      {"results for chat",
       [](auto n) {
         return R"({"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[)" +
                listed(n, R"({"type":"tool_use","id":"c#","name":"f","input":{}})") +
                R"(]},{"role":"user","content":[)" +
                listed(n, R"({"type":"tool_result","tool_use_id":"c#","content":"a"})") + "]}]}";
       },
       sent(Dialect::anthropic, Dialect::chat)},
      {"results of one id for responses", one_id, sent(Dialect::anthropic, Dialect::responses)},
      {"results of one id for chat", one_id, sent(Dialect::anthropic, Dialect::chat)},
      {"results of one id for gemini", one_id, sent(Dialect::anthropic, Dialect::gemini)},
      {"properties for gemini",
       [&](auto n) {
         return R"({"model":"m","max_tokens":9,"messages":[)" + user +
                R"(],"tools":[{"name":"f","input_schema":{"type":"object","properties":{)" +
                listed(n, R"("p#":{"type":"string"})") + R"(},"required":[)" +
                listed(n, R"("p#")") + "]}}]}";
       },
       sent(Dialect::anthropic, Dialect::gemini)},
  };
  for (const Worst& worst : all) check_linear(worst, 4'096);
}

TEST_CASE("an answer is translated in proportion to what it has many of", "[steps]") {
  const auto cited = [](std::size_t n, std::size_t at) {
    return nth(R"({"type":"url_citation","url":"u","title":"","start_index":#,"end_index":#1})", n,
               std::to_string(at));
  };
  const auto responses = [](std::string_view text) {
    CHECK(std::holds_alternative<std::string>(from_responses_answer(text, AnswerContext())));
  };
  const auto fold = [](std::string_view text) {
    bool failed = false;
    (void)message_of_stream(text, &failed);
    CHECK_FALSE(failed);
  };
  const std::string start = event(R"({"type":"message_start","message":{"type":"message"}})");
  const std::string stop = event(R"({"type":"message_stop"})");
  const auto hub_text = [](std::size_t n) {
    std::string all;
    for (
        const char* data :
        {R"({"type":"content_block_start","content_block":{"type":"text","text":""}})",
         R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"ab"}})",
         R"({"type":"content_block_delta","delta":{"type":"citations_delta","citation":{"url":"u"}}})",
         R"({"type":"content_block_stop"})"})
      all += event(data);
    return times(n, all);
  };
  const auto chat_calls = [](std::size_t n, const std::string& call, const std::string& more) {
    const auto delta = [](const std::string& json) {
      return R"({"choices":[{"delta":{"tool_calls":[)" + json + "]}}]}";
    };
    return events(n, delta(call)) + events(n, delta(more)) +
           event(R"({"choices":[{"delta":{},"finish_reason":"tool_calls"}]})") + "data: [DONE]\n\n";
  };
  const Worst all[] = {
      {"responses: annotations far behind",
       [&](auto n) {
         return R"({"status":"completed","output":[{"type":"message","content":[{"type":)"
                R"("output_text","text":")" +
                times(n, "\u00fc") + R"(","annotations":[)" + cited(n, n - 1) + "]}]}]}";
       },
       responses},
      {"responses: annotations in a stream",
       [&](auto n) {
         return event(R"({"type":"response.output_text.delta","output_index":0,"delta":")" +
                      times(n, "a") + "\"}") +
                times(n, event(R"({"type":"response.output_text.annotation.added",)"
                               R"("output_index":0,"annotation":)" +
                               cited(1, n - 1) + "}")) +
                event(R"({"type":"response.completed","response":{"status":"completed"}})");
       },
       streamed<FromResponsesStream>()},
      {"cited texts for a Responses client", [&](auto n) { return start + hub_text(n) + stop; },
       streamed<ToResponsesStream>()},
      {"chat: deltas to the first of many calls",
       [&](auto n) {
         return chat_calls(n, R"({"index":#,"id":"c#","function":{"name":"f","arguments":"{}"}})",
                           R"({"index":100000,"function":{"arguments":" "}})");
       },
       streamed<ChatStreamReader>()},
      {"chat: calls by id",
       [&](auto n) {
         return chat_calls(n, R"({"id":"c#","function":{"name":"f","arguments":"{}"}})",
                           R"({"id":"c#","function":{"arguments":" "}})");
       },
       streamed<ChatStreamReader>()},
      {"usages",
       [&](auto n) {
         return start + times(n, event(R"({"type":"message_delta","usage":{"input_tokens":1}})")) +
                stop;
       },
       fold},
      {"members of two usages",
       [&](auto n) {
         return event(R"({"type":"message_start","message":{"usage":{)" + listed(n, R"("u#":1)") +
                      "}}}") +
                event(R"({"type":"message_delta","usage":{)" + listed(n, R"("u#":2)") + "}}") +
                stop;
       },
       fold},
      {"texts of a block",
       [&](auto n) {
         return start +
                event(R"({"type":"content_block_start","content_block":{"type":"text",)" +
                      listed(n, R"("text":"")") + "}}") +
                event(R"({"type":"content_block_delta","delta":{"type":"text_delta","text":")" +
                      times(n, "a") + "\"}}") +
                stop;
       },
       fold},
  };
  for (const Worst& worst : all) check_linear(worst, 512);
}
