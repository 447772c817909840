#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "catch.hpp"
#include "dialect/carried.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profiles.hpp"
#include "dialect/recall_tap.hpp"
#include "dialect/translate.hpp"

using namespace ccrelay::dialect;

// An answer that thinks more than once comes home in the order in which it was said, whether the
// client keeps the reasoning or the relay has to remember it.

namespace {

struct Kept final : Recall {
  std::string reasoning_of(std::string_view call_id) const override {
    const auto found = tags.find(std::string(call_id));
    return found == tags.end() ? std::string() : found->second;
  }
  std::map<std::string, std::string> tags;
};

Carried placed_turns(Dialect client, Dialect provider, const std::string& turns, bool stream,
                     const Recall* recall) {
  static const Profile profiles[] = {
      Profiles::shipped().of("anthropic", "m"), Profiles::shipped().of("generic", "m"),
      Profiles::shipped().of("openai", "m"), Profiles::shipped().of("gemini", "gemini-3.5-flash")};
  std::string body;
  if (client == Dialect::anthropic) {
    body = R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"})";
  } else if (client == Dialect::chat) {
    body = R"({"model":"m","messages":[{"role":"user","content":"q"})";
  } else if (client == Dialect::responses) {
    body = R"({"model":"m","input":[{"role":"user","content":"q"})";
  } else {
    body = R"({"contents":[{"role":"user","parts":[{"text":"q"}]})";
  }
  body += (turns.empty() ? "" : "," + turns) + "]";
  if (stream && client != Dialect::gemini) body += R"(,"stream":true)";
  TranslateOptions options =
      options_for(profiles[static_cast<std::size_t>(provider)], "gemini-3.5-flash");
  options.auto_cache = false;
  options.recall = recall;
  return must_carry(way_of(client, provider, stream, "m"), body + "}", options);
}

// What the relay remembers of an answer.
Kept remembered(Dialect provider, const std::string& answer) {
  RecallTap tap("0123456789ab");
  if (provider == Dialect::anthropic) {
    tap.feed(stream_of_message(answer));
  } else {
    Carried carried = placed_turns(Dialect::chat, provider, {}, false, nullptr);
    carried.way.client = Dialect::anthropic;
    tap.read(carry_answer(carried, 200, answer, "application/json").body);
  }
  Kept kept;
  for (const RecallTap::Told& told : tap.take()) kept.tags[told.call_id] = told.tags;
  return kept;
}

std::string joined_with(const std::string& list, const std::string& more) {
  return list.empty() ? more : list + "," + more;
}

// What the client sends behind that answer, with the results of its calls c1 to c3.
std::string turn_behind(Dialect client, const std::string& answer, bool keeps) {
  const Json json(answer);
  std::string said, results;
  const auto result = [&](const std::string& id) {
    if (client == Dialect::anthropic) {
      results = joined_with(
          results, R"({"type":"tool_result","tool_use_id":")" + id + R"(","content":"r"})");
    } else if (client == Dialect::chat) {
      results += R"(,{"role":"tool","tool_call_id":")" + id + R"(","content":"r"})";
    } else if (client == Dialect::responses) {
      results += R"(,{"type":"function_call_output","call_id":")" + id + R"(","output":"r"})";
    } else {
      results = joined_with(results, R"({"functionResponse":{"id":")" + id +
                                         R"(","name":"f","response":{"output":"r"}}})");
    }
  };
  if (client == Dialect::anthropic) {
    for (const Json block : json["content"].items()) {
      if (keeps || !block["type"].is("thinking"))
        said = joined_with(said, std::string(block.raw()));
      if (block["type"].is("tool_use")) result(block["id"].text());
    }
    return R"({"role":"assistant","content":[)" + said + R"(]},{"role":"user","content":[)" +
           results + "]}";
  }
  if (client == Dialect::chat) {
    const Json message = (*json["choices"].items().begin())["message"];
    for (const JsonMember& member : message.members()) {
      if (keeps || !member.is("reasoning_details"))
        said = joined_with(said, std::string(member.key) + ":" + std::string(member.value.raw()));
    }
    for (const Json call : message["tool_calls"].items()) result(call["id"].text());
    return "{" + said + "}" + results;
  }
  if (client == Dialect::responses) {
    for (const Json item : json["output"].items()) {
      if (keeps || !item["type"].is("reasoning")) said = joined_with(said, std::string(item.raw()));
      if (item["type"].is("function_call")) result(item["call_id"].text());
    }
    return said + results;
  }
  const Json content = (*json["candidates"].items().begin())["content"];
  for (const Json part : content["parts"].items()) {
    std::string members;
    for (const JsonMember& member : part.members()) {
      if (keeps || !member.is("thoughtSignature"))
        members =
            joined_with(members, std::string(member.key) + ":" + std::string(member.value.raw()));
    }
    said = joined_with(said, "{" + members + "}");
    if (part["functionCall"]) result(part["functionCall"]["id"].text());
  }
  return R"({"role":"model","parts":[)" + said + R"(]},{"role":"user","parts":[)" + results + "]}";
}

// What the provider is sent as its own words, a word for each piece.
std::string order_of(Dialect provider, const std::string& body) {
  std::string out;
  const auto say = [&](const std::string& word) { out += (out.empty() ? "" : " ") + word; };
  const Json json(body);
  if (provider == Dialect::responses) {
    for (const Json item : json["input"].items()) {
      if (item["type"].is("reasoning"))
        say(item["id"].text() + "=" + item["encrypted_content"].text());
      if (item["type"].is("function_call")) say(item["call_id"].text());
      if (!item["role"].is("assistant")) continue;
      for (const Json part : item["content"].items()) say("'" + part["text"].text() + "'");
    }
  } else if (provider == Dialect::gemini) {
    for (const Json content : json["contents"].items()) {
      if (!content["role"].is("model")) continue;
      for (const Json part : content["parts"].items())
        say(part["functionCall"]["id"].text() + "=" + part["thoughtSignature"].text());
    }
  } else {
    for (const Json message : json["messages"].items()) {
      if (!message["role"].is("assistant")) continue;
      for (const Json block : message["content"].items()) {
        if (block["type"].is("text")) say("'" + block["text"].text() + "'");
        if (block["type"].is("thinking")) say(block["signature"].text());
        if (block["type"].is("redacted_thinking")) say(block["data"].text());
        if (block["type"].is("tool_use")) say(block["id"].text());
      }
    }
  }
  return out;
}

// A stream of the answer, cut after every byte, gives a chat client the same tags.
void check_stream(const std::string& answer, const std::string& told) {
  const auto stream = carry_stream(
      placed_turns(Dialect::chat, Dialect::anthropic, {}, true, nullptr), "text/event-stream");
  std::string out;
  for (const char byte : stream_of_message(answer)) stream->feed({&byte, 1}, out);
  stream->end(out);
  CHECK_FALSE(stream->failed());
  const std::string_view mark = "\"ccr1.";
  std::size_t tags = 0;
  for (std::size_t at = 0; (at = told.find(mark, at)) != std::string::npos; ++tags) {
    const std::size_t end = told.find('"', at + 1) + 1;
    const std::size_t found = out.find(told.substr(at, end - at));
    CHECK(found != std::string::npos);
    at = end;
  }
  CHECK(tags > 0);
}

void check_order(Dialect client, Dialect provider, const std::string& answer,
                 const std::string& order) {
  const std::string told = carry_answer(placed_turns(client, provider, {}, false, nullptr), 200,
                                        answer, "application/json")
                               .body;
  INFO(to_string(client) << " > " << to_string(provider) << " " << told);
  const Kept kept = remembered(provider, answer);
  const auto sent = [&](bool keeps, const Recall* recall) {
    return placed_turns(client, provider, turn_behind(client, told, keeps), false, recall).body;
  };
  CHECK(order_of(provider, sent(true, &kept)) == order);
  CHECK(order_of(provider, sent(true, nullptr)) == order);
  CHECK(order_of(provider, sent(false, &kept)) == order);
  if (client == Dialect::chat && provider == Dialect::anthropic) check_stream(answer, told);
}

std::string call_block(const std::string& id) {
  return R"({"type":"tool_use","id":")" + id + R"(","name":"f","input":{}})";
}
std::string think_block(const std::string& signature) {
  return R"({"type":"thinking","thinking":"hm","signature":")" + signature + R"("})";
}
std::string text_of_block(const std::string& text) {
  return R"({"type":"text","text":")" + text + R"("})";
}
std::string reasoning_item(const std::string& id) {
  return R"({"type":"reasoning","id":")" + id + R"(","summary":[],"encrypted_content":"E)" + id +
         R"("})";
}
std::string call_item(const std::string& id) {
  return R"({"type":"function_call","id":"fc_)" + id + R"(","call_id":")" + id +
         R"(","name":"f","arguments":"{}"})";
}
std::string message_item(const std::string& text) {
  return R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":")" +
         text + R"("}]})";
}

}  // namespace

TEST_CASE("what Claude thinks before a text, a call and the next call comes back there") {
  const struct {
    std::string blocks;
    const char* order;
  } rows[] = {
      {text_of_block("Grüß") + "," + think_block("S") + "," + call_block("c1"), "'Grüß' S c1"},
      {think_block("S") + "," + text_of_block("Grüß") + "," + think_block("T") + "," +
           call_block("c1"),
       "S 'Grüß' T c1"},
      {think_block("S") + "," + call_block("c1") + "," + think_block("T") + "," + call_block("c2"),
       "S c1 T c2"},
      {think_block("S") + "," + text_of_block("ü") + "," + call_block("c1") + "," +
           think_block("T") + "," + call_block("c2") + "," + call_block("c3"),
       "S 'ü' c1 T c2 c3"},
      {think_block("S") + "," + call_block("c1") + R"(,{"type":"redacted_thinking","data":"R"},)" +
           think_block("T") + "," + text_of_block("ü") + "," + call_block("c2"),
       "S c1 R T 'ü' c2"},
  };
  for (const auto& row : rows) {
    const std::string answer =
        R"({"id":"m","type":"message","role":"assistant","model":"c","content":[)" + row.blocks +
        R"(],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":1,)"
        R"("output_tokens":1}})";
    for (const Dialect client : {Dialect::chat, Dialect::responses, Dialect::gemini})
      check_order(client, Dialect::anthropic, answer, row.order);
  }
}

TEST_CASE("an item of reasoning comes back in front of the item that it belongs to") {
  const struct {
    std::string items;
    const char* order;
  } rows[] = {
      {reasoning_item("r1") + "," + message_item("Grüß") + "," + reasoning_item("r2") + "," +
           call_item("c1") + "," + call_item("c2"),
       "r1=Er1 'Grüß' r2=Er2 c1 c2"},
      {reasoning_item("r1") + "," + call_item("c1") + "," + reasoning_item("r2") + "," +
           call_item("c2"),
       "r1=Er1 c1 r2=Er2 c2"},
      {reasoning_item("r1") + "," + message_item("ü") + "," + call_item("c1") + "," +
           reasoning_item("r2") + "," + call_item("c2"),
       "r1=Er1 'ü' c1 r2=Er2 c2"},
      {message_item("ü") + "," + reasoning_item("r1") + "," + message_item("a") + "," +
           reasoning_item("r2") + "," + call_item("c1"),
       "'ü' r1=Er1 'a' r2=Er2 c1"},
  };
  for (const auto& row : rows) {
    const std::string answer =
        R"({"id":"resp_1","object":"response","status":"completed","model":"g","output":[)" +
        row.items + R"(],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}})";
    for (const Dialect client : {Dialect::anthropic, Dialect::chat, Dialect::gemini})
      check_order(client, Dialect::responses, answer, row.order);
  }
}

TEST_CASE("each of Gemini's calls comes back with the signature that it had") {
  const std::string answer =
      R"({"candidates":[{"content":{"role":"model","parts":[)"
      R"({"thoughtSignature":"S1","functionCall":{"id":"c1","name":"f","args":{}}},)"
      R"({"thoughtSignature":"S2","functionCall":{"id":"c2","name":"f","args":{}}},)"
      R"({"functionCall":{"id":"c3","name":"f","args":{}}}]},"finishReason":"STOP","index":0}],)"
      R"("modelVersion":"g"})";
  for (const Dialect client : {Dialect::anthropic, Dialect::chat, Dialect::responses})
    check_order(client, Dialect::gemini, answer, "c1=S1 c2=S2 c3=");
}
