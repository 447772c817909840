#include <string>
#include <string_view>
#include <vector>

#include "dialect/profiles.hpp"
#include "scenario/books.hpp"
#include "scenario/translate_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// What a provider itself says that an answer cost is what the books have.

namespace {

struct Teller {
  const char* profile;
  Speech speech;
  const char* cost;  // in its usage
  std::int64_t nano_usd;
};

constexpr Teller tellers[] = {
    {"openrouter", Speech::chat, R"("cost":0.0012345,"is_byok":false)", 1'234'500},
    {"xai", Speech::chat, R"("cost_in_usd_ticks":37756000)", 3'775'600},
    {"xai", Speech::responses, R"("cost_in_usd_ticks":37756000)", 3'775'600},
    {"openrouter", Speech::anthropic, R"("cost":0.0012345,"is_byok":false)", 1'234'500},
    {"openrouter", Speech::anthropic,
     R"("cost":0.0001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.002})", 2'100'000},
    {"xai", Speech::anthropic, R"("cost_in_usd_ticks":37756000)", 3'775'600},
};

std::string usage_of(Speech speech, const std::string& more) {
  const std::string last = more.empty() ? "}" : "," + more + "}";
  if (speech == Speech::anthropic) return R"({"input_tokens":30,"output_tokens":9)" + last;
  return (speech == Speech::chat ? R"({"prompt_tokens":30,"completion_tokens":9,"total_tokens":39)"
                                 : R"({"input_tokens":30,"output_tokens":9,"total_tokens":39)") +
         last;
}

Script told_by_anthropic(bool stream, const std::string& usage) {
  const auto message = [](const std::string& content, const std::string& stop,
                          const std::string& figures) {
    return R"({"id":"msg_1","type":"message","role":"assistant","model":"real","content":[)" +
           content + R"(],"stop_reason":)" + stop + R"(,"stop_sequence":null,"usage":)" + figures +
           "}";
  };
  if (!stream)
    return Script::reply(200, "application/json",
                         message(R"({"type":"text","text":"done"})", R"("end_turn")", usage));
  Script script = Script::stream_head();
  const auto event = [&](const std::string& type, const std::string& rest) {
    script.chunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n");
  };
  event("message_start",
        R"(,"message":)" + message("", "null", R"({"input_tokens":30,"output_tokens":1})"));
  event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
  event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"done"})");
  event("content_block_stop", R"(,"index":0)");
  event("message_delta",
        R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":)" + usage);
  event("message_stop", "");
  return script.last_chunk();
}

std::string response(const std::string& status, const std::string& output,
                     const std::string& usage) {
  return R"({"id":"resp_1","object":"response","created_at":1800000000,"model":"real","status":")" +
         status + R"(","output":[)" + output + R"(],"usage":)" + usage + "}";
}

Script told(Speech speech, bool stream, const std::string& cost) {
  const std::string usage = usage_of(speech, cost);
  if (speech == Speech::anthropic) return told_by_anthropic(stream, usage);
  const std::string item =
      R"({"type":"message","id":"msg_1","role":"assistant","status":"completed",)"
      R"("content":[{"type":"output_text","text":"done","annotations":[]}]})";
  const std::string chat = R"({"id":"gen-1","created":1800000000,"model":"real","object":)";
  if (!stream) {
    return Script::reply(
        200, "application/json",
        speech == Speech::responses
            ? response("completed", item, usage)
            : chat +
                  R"("chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
                  R"("content":"done"},"finish_reason":"stop"}],"usage":)" +
                  usage + "}");
  }
  Script script = Script::stream_head();
  if (speech == Speech::responses) {
    const auto event = [&](const std::string& type, const std::string& rest) {
      script.chunk("event: " + type + "\ndata: {\"type\":\"" + type + "\"," + rest + "}\n\n");
    };
    event("response.created", R"("response":)" + response("in_progress", "", "null"));
    event("response.output_item.done", R"("output_index":0,"item":)" + item);
    event("response.completed", R"("response":)" + response("completed", item, usage));
  } else {
    const auto chunk = [&](const std::string& choices, const std::string& figures) {
      script.chunk("data: " + chat + R"("chat.completion.chunk","choices":[)" + choices + "]" +
                   (figures.empty() ? "" : R"(,"usage":)" + figures) + "}\n\n");
    };
    chunk(R"({"index":0,"delta":{"role":"assistant","content":"done"},"finish_reason":null})", "");
    chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})", "");
    chunk("", usage);
    script.chunk("data: [DONE]\n\n");
  }
  return script.last_chunk();
}

// A provider that tells its costs, and a price of its model that nobody is to use then.
class Costs : public Books {
 public:
  explicit Costs(const Teller& teller) {
    add_provider("one");
    ProviderConfig& entry = config.providers.back();
    if (teller.speech == Speech::anthropic) {
      entry.type = "anthropic";
      // What its host's row says, which this one's has not.
      const std::string told = dialect::Profiles::shipped().of(teller.profile, "").told_cost;
      if (!told.empty()) entry.quirks["told_cost"] = '"' + told + '"';
    } else {
      entry.type = "openai";
      entry.base_url += "/v1";
      entry.api = to_string(teller.speech);
      entry.profile = teller.profile;
    }
    entry.price_factor = 500;
    entry.model_mapping = {{"*", "real"}};
    config.prices.push_back(row("one", "real", rates(1000, 2000, 3000, 4000, 500)));
  }
  const Charge& charge() { return finished().attempts.at(0).usage.charges.at(0); }
  std::string sent() { return providers[0]->requests().at(0).body; }
};

}  // namespace

TEST_CASE("the cost that a provider tells is booked, and the client's answer is as ever",
          "[scenario][translate][account]") {
  for (const Teller& teller : tellers) {
    for (const Speech client : all_speeches) {
      for (const bool stream : {false, true}) {
        INFO(teller.profile << " " << to_string(teller.speech) << ", for " << to_string(client)
                            << (stream ? ", streamed" : ""));
        Costs f(teller);
        f.providers[0]->enqueue(told(teller.speech, stream, teller.cost));
        f.start();
        Agent agent(client, stream);
        agent.ask("x");
        const Answer answer = f.ask(RelayFixture::post(agent.body(), {}, agent.target()));
        CHECK(answer.status == 200);
        CHECK(has(answer.body, "done"));
        if (client != teller.speech) {
          const Said said = agent.hear(
              answer.status, answer.headers.get("content-type").value_or(""), answer.body);
          CHECK(line_of(said) == line_of(saying("done")));
        }
        // Who gets the provider's own bytes has its words; nobody else is told.
        CHECK(has(answer.body, "cost") == (client == teller.speech));
        // It tells without being asked for it.
        CHECK_FALSE(has(f.sent(), R"("include":true)"));
        CHECK(f.charge().cost_nano_usd == teller.nano_usd);
        CHECK(f.charge().price == told_price);
        CHECK(f.charge().tokens[TokenClass::output] == 9u);
        CHECK(f.number("SELECT cost_nano_usd FROM charges WHERE price = 'told'") ==
              teller.nano_usd);
        f.check_agreement();
      }
    }
  }
}

TEST_CASE("a cost that makes no sense, or is told by anybody else, is reckoned as ever",
          "[scenario][translate][account]") {
  struct Row {
    const char* profile;
    const char* cost;
    Speech speech = Speech::chat;
  };
  const Row rows[] = {
      {"openrouter", ""},
      {"openrouter", R"("cost":-1)"},
      {"openrouter", R"("cost":1e300)"},
      {"openrouter", R"("cost":"0.5")"},
      {"xai", R"("cost_in_usd_ticks":-5)"},
      {"xai", R"("cost_in_usd_ticks":1e99)"},
      {"xai", R"("cost":0.5)"},
      {"generic", R"("cost":0.5,"cost_in_usd_ticks":37756000)"},
      {"openrouter", R"("cost":-1)", Speech::anthropic},
      {"openrouter", R"("cost":"0.5","cost_in_usd_ticks":5)", Speech::anthropic},
      {"openrouter", R"("cost":0.5,"is_byok":true)", Speech::anthropic},
      {"xai", R"("cost_in_usd_ticks":1e99)", Speech::anthropic},
      {"anthropic", R"("cost":0.5,"cost_in_usd_ticks":37756000)", Speech::anthropic},
  };
  for (const Row& row : rows) {
    for (const bool stream : {false, true}) {
      INFO(row.profile << " " << row.cost << (stream ? ", streamed" : ""));
      Costs f({row.profile, row.speech, row.cost, 0});
      f.providers[0]->enqueue(told(row.speech, stream, row.cost));
      f.start();
      Agent agent(Speech::anthropic, stream);
      agent.ask("x");
      const Answer answer = f.ask(RelayFixture::post(agent.body(), {}, agent.target()));
      CHECK(answer.status == 200);
      CHECK(has(answer.body, "done"));
      // By half the price of the row.
      CHECK(f.charge().cost_nano_usd == (30 * 1000 + 9 * 2000) / 2);
      CHECK(has(f.charge().price, "one/real"));
      f.check_agreement();
    }
  }
}

TEST_CASE("a cost that was told before the client left is booked",
          "[scenario][translate][account]") {
  Costs f(tellers[0]);
  const std::string usage = usage_of(Speech::chat, tellers[0].cost);
  f.providers[0]->enqueue(
      Script::stream_head()
          .chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
                 "\"content\":\"done\"},\"finish_reason\":\"stop\"}],\"usage\":" +
                 usage + "}\n\n")
          .hold());
  f.start();
  Agent agent(Speech::chat, true);
  agent.ask("x");
  {
    const auto client = f.connect();
    client->send(RelayFixture::post(agent.body(), {}, agent.target()));
    f.until([&] { return has(client->received(), "done"); });
  }
  f.finished();
  CHECK(f.charge().cost_nano_usd == tellers[0].nano_usd);
  f.check_agreement();
}
