#include "dialect/translate.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/carried.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"

using namespace ccrelay::dialect;

namespace {

// The same question in each dialect: a tool, a call that was answered, and a limit.
std::string question(Dialect client, bool stream) {
  const std::string streamed = stream ? R"(,"stream":true})" : "}";
  switch (client) {
    case Dialect::anthropic:
      return R"({"model":"asked","max_tokens":1000,"system":"be brief",)"
             R"("tools":[{"name":"look","description":"d","input_schema":{"type":"object","properties":{"n":{"type":"number"}}}}],)"
             R"("messages":[{"role":"user","content":"hello"},)"
             R"({"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"look","input":{"n":12345678901234567890}}]},)"
             R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"seen"}]}])" +
             streamed;
    case Dialect::chat:
      return R"({"model":"asked","max_tokens":1000,)"
             R"("tools":[{"type":"function","function":{"name":"look","description":"d","parameters":{"type":"object","properties":{"n":{"type":"number"}}}}}],)"
             R"("messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hello"},)"
             R"({"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"look","arguments":"{\"n\":12345678901234567890}"}}]},)"
             R"({"role":"tool","tool_call_id":"call_1","content":"seen"}])" +
             streamed;
    case Dialect::responses:
      return R"({"model":"asked","max_output_tokens":1000,"instructions":"be brief",)"
             R"("tools":[{"type":"function","name":"look","description":"d","strict":false,"parameters":{"type":"object","properties":{"n":{"type":"number"}}}}],)"
             R"("input":[{"role":"user","content":"hello"},)"
             R"({"type":"function_call","call_id":"call_1","name":"look","arguments":"{\"n\":12345678901234567890}"},)"
             R"({"type":"function_call_output","call_id":"call_1","output":"seen"}])" +
             streamed;
    case Dialect::gemini:
      return R"({"systemInstruction":{"parts":[{"text":"be brief"}]},"generationConfig":{"maxOutputTokens":1000},)"
             R"("tools":[{"functionDeclarations":[{"name":"look","description":"d","parametersJsonSchema":{"type":"object","properties":{"n":{"type":"number"}}}}]}],)"
             R"("contents":[{"role":"user","parts":[{"text":"hello"}]},)"
             R"({"role":"model","parts":[{"functionCall":{"id":"call_1","name":"look","args":{"n":12345678901234567890}}}]},)"
             R"({"role":"user","parts":[{"functionResponse":{"id":"call_1","name":"look","response":{"output":"seen"}}}]}]})";
  }
  return {};
}

// The same answer of each provider: some text, and a call.
std::string answer(Dialect provider) {
  switch (provider) {
    case Dialect::anthropic:
      return R"({"id":"msg_1","type":"message","role":"assistant","model":"sent","content":[{"type":"text","text":"One moment"},)"
             R"({"type":"tool_use","id":"call_2","name":"look","input":{"n":1.0}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":11,"output_tokens":7}})";
    case Dialect::chat:
      return R"({"id":"c","object":"chat.completion","model":"sent","choices":[{"index":0,"message":{"role":"assistant","content":"One moment",)"
             R"("tool_calls":[{"id":"call_2","type":"function","function":{"name":"look","arguments":"{\"n\":1.0}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":11,"completion_tokens":7,"total_tokens":18}})";
    case Dialect::responses:
      return R"({"id":"resp_1","object":"response","model":"sent","status":"completed","output":[{"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"One moment","annotations":[]}]},)"
             R"({"type":"function_call","id":"f","call_id":"call_2","name":"look","arguments":"{\"n\":1.0}","status":"completed"}],"usage":{"input_tokens":11,"output_tokens":7,"total_tokens":18}})";
    case Dialect::gemini:
      return R"({"candidates":[{"content":{"role":"model","parts":[{"text":"One moment"},{"functionCall":{"id":"call_2","name":"look","args":{"n":1.0}}}]},"finishReason":"STOP","index":0}],)"
             R"("usageMetadata":{"promptTokenCount":11,"candidatesTokenCount":7,"totalTokenCount":18},"modelVersion":"sent"})";
  }
  return {};
}

std::string streamed(Dialect provider) {
  switch (provider) {
    case Dialect::anthropic:
      return "event: message_start\ndata: "
             "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\","
             "\"role\":\"assistant\",\"model\":\"sent\",\"content\":[],\"stop_reason\":null,"
             "\"usage\":{\"input_tokens\":11,\"output_tokens\":1}}}\n\n"
             "event: content_block_start\ndata: "
             "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
             "\"text\":\"\"}}\n\n"
             "event: ping\ndata: {\"type\":\"ping\"}\n\n"
             "event: content_block_delta\ndata: "
             "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\","
             "\"text\":\"One moment\"}}\n\n"
             "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
             "event: content_block_start\ndata: "
             "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_"
             "use\",\"id\":\"call_2\",\"name\":\"look\",\"input\":{}}}\n\n"
             "event: content_block_delta\ndata: "
             "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_"
             "delta\",\"partial_json\":\"{\\\"n\\\":1.0}\"}}\n\n"
             "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
             "event: message_delta\ndata: "
             "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_"
             "sequence\":null},\"usage\":{\"output_tokens\":7}}\n\n"
             "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
    case Dialect::chat:
      return "data: "
             "{\"model\":\"sent\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
             "\"content\":\"One moment\"}}]}\n\n"
             ": OPENROUTER PROCESSING\n\n"
             "data: "
             "{\"model\":\"sent\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":"
             "0,\"id\":\"call_2\",\"type\":\"function\",\"function\":{\"name\":\"look\","
             "\"arguments\":\"{\\\"n\\\":1.0}\"}}]}}]}\r\n\r\n"
             "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n"
             "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7}}\n\n"
             "data: [DONE]\n\n";
    case Dialect::responses:
      return "event: response.created\ndata: "
             "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"sent\","
             "\"status\":\"in_progress\",\"output\":[]}}\n\n"
             "event: response.output_item.added\ndata: "
             "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":"
             "\"message\",\"id\":\"m\",\"role\":\"assistant\",\"content\":[]}}\n\n"
             "event: response.output_text.delta\ndata: "
             "{\"type\":\"response.output_text.delta\",\"output_index\":0,\"content_index\":0,"
             "\"item_id\":\"m\",\"delta\":\"One moment\"}\n\n"
             "event: response.output_item.done\ndata: "
             "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"type\":"
             "\"message\",\"id\":\"m\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_"
             "text\",\"text\":\"One moment\",\"annotations\":[]}]}}\n\n"
             "event: response.output_item.added\ndata: "
             "{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":{\"type\":"
             "\"function_call\",\"id\":\"f\",\"call_id\":\"call_2\",\"name\":\"look\","
             "\"arguments\":\"\"}}\n\n"
             "event: response.function_call_arguments.delta\ndata: "
             "{\"type\":\"response.function_call_arguments.delta\",\"output_index\":1,\"item_id\":"
             "\"f\",\"delta\":\"{\\\"n\\\":1.0}\"}\n\n"
             "event: response.output_item.done\ndata: "
             "{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":{\"type\":"
             "\"function_call\",\"id\":\"f\",\"call_id\":\"call_2\",\"name\":\"look\","
             "\"arguments\":\"{\\\"n\\\":1.0}\"}}\n\n"
             "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":" +
             answer(provider) + "}\n\n";
    case Dialect::gemini:
      return "data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"One "
             "moment\"}]},\"index\":0}],\"modelVersion\":\"sent\"}\r\n\r\n"
             "data: "
             "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"functionCall\":{"
             "\"id\":\"call_2\",\"name\":\"look\",\"args\":{\"n\":1.0}}}]},\"finishReason\":"
             "\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":11,"
             "\"candidatesTokenCount\":7,\"totalTokenCount\":18},\"modelVersion\":\"sent\"}"
             "\r\n\r\n";
  }
  return {};
}

Carried carried(const Way& way, const Profile& profile, bool stream) {
  return must_carry(way, question(way.client, stream), options_for(profile));
}

void check_holds(const std::string& text, const std::vector<std::string>& pieces) {
  INFO(text);
  for (const std::string& piece : pieces) {
    INFO(piece);
    CHECK(text.find(piece) != std::string::npos);
  }
}

// What every request of a provider's dialect must have kept.
std::vector<std::string> asked_of(Dialect provider) {
  switch (provider) {
    case Dialect::anthropic:
      return {R"("model":"sent")",
              "be brief",
              R"("id":"call_1")",
              R"("input":{"n":12345678901234567890})",
              "seen",
              R"("input_schema":{"type":"object")"};
    case Dialect::chat:
      return {R"("model":"sent")",
              "be brief",
              R"("id":"call_1")",
              R"("arguments":"{\"n\":12345678901234567890}")",
              "seen",
              R"("role":"tool")"};
    case Dialect::responses:
      return {R"("model":"sent")",     "be brief",
              R"("call_id":"call_1")", R"("arguments":"{\"n\":12345678901234567890}")",
              R"("output":"seen")",    R"("store":false)"};
    case Dialect::gemini:
      return {"be brief", R"("args":{"n":12345678901234567890})", R"("output":"seen")",
              R"("functionDeclarations")"};
  }
  return {};
}

// What every answer for a client must say.
std::vector<std::string> told_to(Dialect client) {
  switch (client) {
    case Dialect::anthropic:
      return {"One moment", R"("id":"call_2")", R"("name":"look")", R"("stop_reason":"tool_use")",
              R"("output_tokens":7)"};
    case Dialect::chat:
      return {"One moment", R"("id":"call_2")", R"("name":"look")", R"({\"n\":1.0})",
              R"("finish_reason":"tool_calls")"};
    case Dialect::responses:
      return {"One moment",     R"("call_id":"call_2")",   R"("name":"look")",
              R"({\"n\":1.0})", R"("status":"completed")", R"("output_tokens":7)"};
    case Dialect::gemini:
      return {"One moment",          R"("id":"call_2")",         R"("name":"look")",
              R"("args":{"n":1.0})", R"("finishReason":"STOP")", R"("candidatesTokenCount":7)"};
  }
  return {};
}

std::string translated(const Carried& carried, std::string_view content_type, std::string_view text,
                       std::size_t piece) {
  const auto stream = carry_stream(carried, content_type);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) stream->feed(text.substr(at, piece), out);
  stream->end(out);
  CHECK_FALSE(stream->failed());
  return out;
}

}  // namespace

TEST_CASE("a request and its answer cross between every two dialects") {
  for (const Dialect client : all_dialects) {
    for (const Dialect provider : all_dialects) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      const Carried sent = carried(way_of(client, provider), profile, false);
      CHECK(Json::read(sent.body).is_object());
      check_holds(sent.body, asked_of(provider));
      const TranslatedAnswer whole = carry_answer(sent, 200, answer(provider), "application/json");
      CHECK(whole.status == 200);
      CHECK(Json::read(whole.body).is_object());
      check_holds(whole.body, told_to(client));
      // One that was asked for whole and comes as a stream.
      const TranslatedAnswer folded =
          carry_answer(sent, 200, streamed(provider), "text/event-stream; charset=utf-8");
      CHECK(folded.status == 200);
      CHECK(Json::read(folded.body).is_object());
      check_holds(folded.body, told_to(client));
    }
  }
}

TEST_CASE("a streamed answer crosses between every two dialects, however it is cut") {
  for (const Dialect client : all_dialects) {
    for (const Dialect provider : all_dialects) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      const Carried sent = carried(way_of(client, provider, true), profile, true);
      const std::string stream = streamed(provider);
      const std::string out = translated(sent, "text/event-stream", stream, stream.size());
      check_holds(out, told_to(client));
      for (const std::size_t piece : {1U, 2U, 7U})
        CHECK(translated(sent, "text/event-stream", stream, piece) == out);
      // One that was asked for as a stream and comes whole.
      check_holds(translated(sent, "application/json", answer(provider), 5), told_to(client));
    }
  }
}

TEST_CASE("what Claude Code tells Anthropic about bills goes to nobody else") {
  const auto asked = [](const std::string& nonce, bool alone) {
    const std::string line =
        "x-anthropic-billing-header: cc_version=2.1.177.01c; cc_entrypoint=cli; cch=" + nonce + ";";
    const std::string more = R"("},{"type":"text","text":")";
    return R"({"model":"asked","max_tokens":1000,"system":[{"type":"text","text":")" + line +
           (alone ? more : "\\n") + R"(You are Claude Code."},{"type":"text","text":"Be brief.",)" +
           R"("cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":)" +
           R"("what is x-anthropic-billing-header: ?"}]})";
  };
  for (const Dialect provider : all_dialects) {
    for (const bool count : {false, true}) {
      INFO(to_string(provider) << (count ? " counts" : ""));
      const Profile profile = profile_of(provider);
      Way to = way_of(Dialect::anthropic, provider);
      to.count = count;
      std::vector<std::string> sent;
      for (const bool alone : {true, false}) {
        for (const char* nonce : {"36ee5", "0aaa9"}) {
          auto out = carry_request(to, asked(nonce, alone), options_for(profile));
          if (std::holds_alternative<NotCarriable>(out)) continue;  // chat counts nothing
          const Carried& carried = std::get<Carried>(out);
          sent.push_back(carried.body);
          CHECK(std::find(carried.dropped.begin(), carried.dropped.end(), "system") ==
                carried.dropped.end());
        }
      }
      if (provider == Dialect::chat && count) continue;
      REQUIRE(sent.size() == 4);
      check_holds(sent[0],
                  {"You are Claude Code.", "Be brief.", "what is x-anthropic-billing-header: ?"});
      if (provider == Dialect::anthropic) {
        check_holds(sent[0], {"cch=36ee5;"});
        continue;
      }
      CHECK(sent[0].find("cch=") == std::string::npos);
      for (const std::string& each : sent) CHECK(each == sent[0]);
    }
  }
  // In a system prompt that is one text, or nothing else.
  const Profile profile = profile_of(Dialect::chat);
  const auto system = [&](const std::string& text) {
    auto out = carry_request(way_of(Dialect::anthropic, Dialect::chat),
                             R"({"model":"asked","max_tokens":9,"system":")" + text +
                                 R"(","messages":[{"role":"user","content":"a"}]})",
                             options_for(profile));
    return std::string(Json(std::get<Carried>(out).body)["messages"].raw());
  };
  const std::string user = R"({"role":"user","content":"a"}])";
  CHECK(system("x-anthropic-billing-header: cch=1;") == "[" + user);
  CHECK(system(R"(x-anthropic-billing-header: cch=1;\nbe \"kind\")") ==
        R"([{"role":"system","content":"be \"kind\""},)" + user);
  CHECK(system("x-anthropic-billing: b") ==
        R"([{"role":"system","content":"x-anthropic-billing: b"},)" + user);
}

TEST_CASE("an Anthropic client is told the model it asked for, others what the provider says") {
  for (const Dialect client : all_dialects) {
    const Dialect provider = client == Dialect::chat ? Dialect::gemini : Dialect::chat;
    INFO(to_string(client));
    const Profile profile = profile_of(provider);
    const std::string body = carry_answer(carried(way_of(client, provider), profile, false), 200,
                                          answer(provider), "application/json")
                                 .body;
    const Json json = Json::read(body);
    const Json model = client == Dialect::gemini ? json["modelVersion"] : json["model"];
    CHECK(model.text() == (client == Dialect::anthropic ? "asked" : "sent"));
  }
}

TEST_CASE("a model that no provider names is the one that was asked for") {
  const auto unnamed = [](std::string text) {
    for (const std::string_view name : {R"("model":"sent",)", R"(,"modelVersion":"sent")"}) {
      for (std::size_t at = 0; (at = text.find(name)) != std::string::npos;)
        text.erase(at, name.size());
    }
    REQUIRE(text.find("sent") == std::string::npos);
    return text;
  };
  for (const Dialect client : all_dialects) {
    for (const Dialect provider : all_dialects) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      const bool by_provider = client == Dialect::anthropic;
      const std::string member = client == Dialect::gemini ? "\"modelVersion\":" : "\"model\":";
      const std::string told = member + (by_provider ? "\"asked\"" : "\"sent\"");
      const Carried whole = carried(way_of(client, provider), profile, false);
      const auto said =
          carry_answer(whole, 200, unnamed(answer(provider)), "application/json").body;
      INFO(said);
      CHECK(said.find(told) != std::string::npos);
      const Carried streams = carried(way_of(client, provider, true), profile, true);
      const auto stream = translated(streams, "text/event-stream", unnamed(streamed(provider)), 7);
      INFO(stream);
      CHECK(stream.find(told) != std::string::npos);
      CHECK(stream.find(member + "\"\"") == std::string::npos);
    }
  }
}

TEST_CASE("a provider's error reaches the client in its own envelope") {
  const Profile profile = profile_of(Dialect::chat);
  const std::string body = R"({"error":{"message":"slow","code":"rate_limit_exceeded"}})";
  const Carried hub = carried(way_of(Dialect::anthropic, Dialect::chat), profile, false);
  const TranslatedAnswer told = carry_answer(hub, 429, body, "application/json");
  CHECK(told.status == 429);
  CHECK(told.body == R"({"type":"error","error":{"type":"rate_limit_error","message":"slow"}})");
  const Carried gemini = carried(way_of(Dialect::gemini, Dialect::chat), profile, false);
  CHECK(carry_answer(gemini, 429, body, "application/json").body ==
        R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}})");
  // One of success that is none.
  const TranslatedAnswer inside = carry_answer(gemini, 200, body, "application/json");
  CHECK(inside.status == 429);
  CHECK(Json::read(inside.body)["error"]["status"].is("RESOURCE_EXHAUSTED"));
}

TEST_CASE("JSON that is no message is an error, whole or as a stream") {
  for (const Dialect client : all_dialects) {
    if (client == Dialect::anthropic) continue;
    INFO(to_string(client));
    const Profile profile = profile_of(Dialect::anthropic);
    const Carried sent = carried(way_of(client, Dialect::anthropic, true), profile, true);
    const std::string body = R"({"type":"list","content":[],"stop_reason":"end_turn"})";
    CHECK(carry_answer(sent, 200, body, "application/json").status == 502);
    const auto stream = carry_stream(sent, "application/json");
    std::string out;
    stream->feed(body, out);
    stream->end(out);
    CHECK(stream->failed());
    CHECK_FALSE(stream->finished());
    CHECK(out.find("error") != std::string::npos);
  }
}

TEST_CASE("a stream that is cut ends in an error for every client") {
  for (const Dialect client : all_dialects) {
    for (const Dialect provider : all_dialects) {
      if (client == provider || provider == Dialect::anthropic) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      const Carried sent = carried(way_of(client, provider, true), profile, true);
      const std::string whole = streamed(provider);
      const std::string stream = whole.substr(0, whole.find("call_2"));
      const auto translator = carry_stream(sent, "text/event-stream");
      std::string out;
      translator->feed(stream, out);
      translator->end(out);
      CHECK(translator->failed());
      INFO(out);
      CHECK(out.find("error") != std::string::npos);
      CHECK(out.find("message_stop") == std::string::npos);
      CHECK(out.find("[DONE]") == std::string::npos);
      CHECK(out.find("response.completed") == std::string::npos);
      CHECK(out.find("finishReason") == std::string::npos);
    }
  }
}

TEST_CASE("tokens are counted by every provider that can") {
  struct Row {
    Dialect client;
    Dialect provider;
    const char* answer;
    const char* told;
  };
  const Row rows[] = {
      {Dialect::anthropic, Dialect::responses,
       R"({"object":"response.input_tokens","input_tokens":42})", R"({"input_tokens":42})"},
      {Dialect::anthropic, Dialect::gemini, R"({"totalTokens":42})", R"({"input_tokens":42})"},
      {Dialect::responses, Dialect::anthropic, R"({"input_tokens":42})",
       R"({"object":"response.input_tokens","input_tokens":42})"},
      {Dialect::responses, Dialect::gemini, R"({"totalTokens":42})",
       R"({"object":"response.input_tokens","input_tokens":42})"},
      {Dialect::gemini, Dialect::anthropic, R"({"input_tokens":42})", R"({"totalTokens":42})"},
      {Dialect::gemini, Dialect::responses, R"({"input_tokens":42})", R"({"totalTokens":42})"},
  };
  for (const Row& row : rows) {
    INFO(to_string(row.client) << " > " << to_string(row.provider));
    const Profile profile = profile_of(row.provider);
    Way counting = way_of(row.client, row.provider);
    counting.count = true;
    const Carried sent = carried(counting, profile, false);
    const Json body = Json::read(sent.body);
    REQUIRE(body.is_object());
    for (const char* field : {"max_tokens", "stream", "max_output_tokens", "store", "include"})
      CHECK_FALSE(body[field]);
    const TranslatedAnswer told = carry_answer(sent, 200, row.answer, "application/json");
    CHECK(told.status == 200);
    CHECK(told.body == row.told);
    CHECK(carry_answer(sent, 200, "{}", "application/json").status == 502);
  }
  const Profile profile = profile_of(Dialect::chat);
  Way counting = way_of(Dialect::anthropic, Dialect::chat);
  counting.count = true;
  const auto none =
      carry_request(counting, question(Dialect::anthropic, false), options_for(profile));
  CHECK(std::holds_alternative<NotCarriable>(none));
}

TEST_CASE("what is no request is refused, whoever sends it") {
  for (const Dialect client : all_dialects) {
    for (const Dialect provider : all_dialects) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      const Profile profile = profile_of(provider);
      for (const char* body : {"", "{", "[]", "{}"}) {
        INFO(body);
        const auto out = carry_request(way_of(client, provider), body, options_for(profile));
        const auto* refused = std::get_if<Refused>(&out);
        REQUIRE(refused);
        CHECK(refused->status == 400);
      }
    }
  }
}

TEST_CASE("a name that Anthropic does not take comes back as the client said it", "[dialect]") {
  for (const Dialect client : {Dialect::chat, Dialect::gemini}) {
    CAPTURE(to_string(client));
    Way way;
    way.client = client;
    way.provider = Dialect::anthropic;
    const std::string body =
        client == Dialect::chat
            ? R"({"model":"m","messages":[{"role":"user","content":"hello"}],"tools":[{"type":"function","function":{"name":"look.up"}}]})"
            : R"({"contents":[{"role":"user","parts":[{"text":"hello"}]}],"tools":[{"functionDeclarations":[{"name":"look.up"}]}]})";
    const auto carried = carry_request(way, body, {});
    REQUIRE(std::holds_alternative<Carried>(carried));
    const std::string& sent = std::get<Carried>(carried).body;
    CHECK(sent.find("look.up") == std::string::npos);
    std::string name;
    const Json request = Json::read(sent);
    for (const Json& tool : request["tools"].items()) name = tool["name"].text();
    const std::string answered =
        R"({"type":"message","model":"m","content":[{"type":"tool_use","id":"t","name":")" + name +
        R"(","input":{}}],"stop_reason":"tool_use","usage":{}})";
    const TranslatedAnswer shown =
        carry_answer(std::get<Carried>(carried), 200, answered, "application/json");
    CHECK(shown.body.find(R"("name":"look.up")") != std::string::npos);
  }
}
