#include <array>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "catch.hpp"
#include "dialect/profiles.hpp"
#include "dialect/provider_paths.hpp"
#include "dialect/recall_tap.hpp"
#include "dialect/translate.hpp"
#include "support/agent.hpp"
#include "support/vendor.hpp"

using namespace ccrelay::dialect;
using ccrelay::testing::Agent;
using ccrelay::testing::Said;
using ccrelay::testing::Vendor;

// Whole conversations between clients and strict providers, with nothing but the translators
// between them.

namespace {

constexpr std::array<Dialect, 4> all{Dialect::anthropic, Dialect::chat, Dialect::responses,
                                     Dialect::gemini};

struct Memory final : Recall {
  std::string reasoning_of(std::string_view call_id) const override {
    const auto found = tags.find(std::string(call_id));
    return found == tags.end() ? std::string() : found->second;
  }
  std::map<std::string, std::string> tags;
};

struct Relay {
  explicit Relay(Vendor& to, std::string name_of_issuer = "0123456789ab")
      : vendor(to), issuer(std::move(name_of_issuer)) {
    constexpr std::array<const char*, 4> profiles{"anthropic", "openai", "openai", "gemini"};
    constexpr std::array<const char*, 4> models{"claude-test", "gpt-test", "gpt-test",
                                                "gemini-3-pro"};
    const auto which = static_cast<std::size_t>(to.dialect());
    model = models[which];
    profile = Profiles::shipped().of(vendor.reasons_openly ? "deepseek" : profiles[which], model);
  }

  Carried carried(const Agent& agent) const {
    Way way;
    way.client = agent.dialect();
    way.provider = vendor.dialect();
    if (agent.dialect() == Dialect::gemini) {
      way.asked_model = agent.model;
      way.asked_stream = agent.streams();
    }
    TranslateOptions options;
    options.profile = &profile;
    options.model = model;
    options.seed = "seed";
    options.issuer = issuer;
    options.now_s = 1'800'000'000;
    options.recall = recall;
    const auto out = carry_request(way, agent.body(), options);
    if (const auto* refused = std::get_if<Refused>(&out)) FAIL(refused->message);
    if (const auto* cannot = std::get_if<NotCarriable>(&out)) FAIL(cannot->what);
    return std::get<Carried>(out);
  }
  Vendor::Answer sent(const Agent& agent, const Carried& request) const {
    ApiCall call;
    call.dialect = vendor.dialect();
    call.base_url = vendor.dialect() == Dialect::gemini ? "http://x" : "http://x/v1";
    call.model = model;
    call.stream = agent.streams();
    return vendor.answer(call_url(call), request.body);
  }

  /// One request, and what came of it. `cut`: a stream comes byte by byte.
  Said ask(Agent& agent, bool cut = false) {
    const Carried request = carried(agent);
    const Vendor::Answer answer = sent(agent, request);
    const std::string body = answer.body();
    if (memory) learn(request, answer);
    if (!agent.streams() || answer.status != 200) {
      const TranslatedAnswer told = carry_answer(request, answer.status, body, answer.content_type);
      return agent.hear(told.status, "application/json", told.body);
    }
    return agent.hear(200, "text/event-stream", streamed(request, answer, body, cut));
  }
  std::string streamed(const Carried& request, const Vendor::Answer& answer, std::string_view body,
                       bool cut) const {
    const auto translator = carry_stream(request, answer.content_type);
    std::string out;
    const std::size_t step = cut ? 1 : body.size();
    for (std::size_t at = 0; at < body.size(); at += step)
      translator->feed(body.substr(at, step), out);
    translator->end(out);
    return out;
  }
  void learn(Carried request, const Vendor::Answer& answer) {
    request.way.client = Dialect::anthropic;
    RecallTap tap(issuer);
    if (answer.events.size() == 1) {
      tap.read(carry_answer(request, 200, answer.body(), answer.content_type).body);
    } else if (vendor.dialect() == Dialect::anthropic) {
      tap.feed(answer.body());
    } else {
      tap.feed(streamed(request, answer, answer.body(), false));
    }
    for (const RecallTap::Told& told : tap.take()) memory->tags[told.call_id] = told.tags;
  }

  Vendor& vendor;
  std::string issuer;
  std::string model;
  Profile profile;
  const Recall* recall = nullptr;
  Memory* memory = nullptr;
};

const std::string schema =
    R"({"type":"object","properties":{"n":{"type":"number","maximum":12345678901234567890}}})";

Agent agent_of(Dialect client, bool stream) {
  Agent agent(client, stream);
  agent.thinks = true;
  agent.tools = {{"look", schema}, {"list", R"({"type":"object","properties":{}})"}};
  agent.ask("hello \xC3\xBC");
  return agent;
}

Said tool_turn(Dialect provider) {
  const std::string first = provider == Dialect::anthropic ? "toolu_1" : "fn:1.a";
  Said said;
  said.thinking = "hm, \xE2\x82\xAC \"so\"";
  said.text = "One moment\n\xF0\x9F\x98\x80";
  said.calls = {{first, "look", R"({"n":12345678901234567890,"b":1.0,"a":"\"\u00e9\\"})"},
                {"call_2", "list", "{}"}};
  said.stop = "tool_use";
  said.cached = 20;
  said.thought = 4;
  return said;
}

Said last_turn() {
  Said said;
  said.text = "done";
  return said;
}

// What every provider is told in the second request; where the reasoning stands is its own way.
std::string transcript(Dialect provider, bool thinks) {
  const std::string first = provider == Dialect::anthropic ? "toolu_1" : "fn:1.a";
  const std::string thought = thinks ? "thinks: hm, \xE2\x82\xAC \"so\"\n" : "";
  const std::string text = "assistant: One moment\n\xF0\x9F\x98\x80\n";
  const std::string tools = "tool look: " + schema + R"(
tool list: {"type":"object","properties":{}}
)";
  const std::string system = "system: be brief\n";
  return (provider == Dialect::chat ? tools + system : system + tools) + "user: hello \xC3\xBC\n" +
         (provider == Dialect::gemini ? text + thought : thought + text) + "call " + first +
         R"( look {"n":12345678901234567890,"b":1.0,"a":"\"\u00e9\\"}
call call_2 list {}
result )" +
         first + ": seen\nresult call_2" +
         (provider == Dialect::anthropic || provider == Dialect::gemini ? " (error)" : "") + ": " +
         (provider == Dialect::anthropic || provider == Dialect::gemini ? "" : "Error: ") +
         "no such\n";
}

// An agent of a dialect that cannot say that a call failed says nothing of it.
std::string as_heard(Dialect client, std::string lines) {
  if (client == Dialect::anthropic || client == Dialect::gemini) return lines;
  for (const std::string mark : {" (error)", "Error: "}) {
    const std::size_t at = lines.find(mark);
    if (at != std::string::npos) lines.erase(at, mark.size());
  }
  return lines;
}

template <class Function>
void for_each_pair(Function function) {
  for (const Dialect client : all) {
    for (const Dialect provider : all) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      function(client, provider);
    }
  }
}

void answer_calls(Agent& agent, const Said& said) {
  REQUIRE(said.calls.size() == 2);
  agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "no such", true}});
}

}  // namespace

TEST_CASE("a tool loop with reasoning passes between any client and any provider", "[dialect]") {
  for (const bool stream : {false, true}) {
    for (const bool keeps : {true, false}) {
      for_each_pair([&](Dialect client, Dialect provider) {
        INFO((stream ? "streamed " : "whole ") << (keeps ? "" : "and the client drops reasoning"));
        Vendor vendor(provider);
        vendor.reasons_openly = provider == Dialect::chat;
        vendor.will_say(tool_turn(provider));
        vendor.will_say(last_turn());
        Relay relay(vendor);
        Memory memory;
        if (!keeps) relay.recall = relay.memory = &memory;
        Agent agent = agent_of(client, stream);
        agent.keeps_reasoning = keeps;
        const Said said = relay.ask(agent);
        INFO((vendor.refusals().empty() ? "" : vendor.refusals()[0]));
        CHECK(line_of(said) == line_of(tool_turn(provider)));
        CHECK(usage_line_of(said) == usage_line_of(tool_turn(provider)));
        answer_calls(agent, said);
        CHECK(line_of(relay.ask(agent)) == line_of(last_turn()));
        CHECK(vendor.refusals().size() == 0);
        CHECK(vendor.heard() == as_heard(client, transcript(provider, true)));
        agent.ask("and then?");
        CHECK(line_of(relay.ask(agent)) == line_of(last_turn()));
        CHECK(vendor.refusals().size() == 0);
      });
    }
  }
}

TEST_CASE("a whole conversation's stream is the same however it is cut", "[dialect]") {
  for_each_pair([](Dialect client, Dialect provider) {
    Vendor vendor(provider);
    vendor.reasons_openly = vendor.interleaves = provider == Dialect::chat;
    vendor.will_say(tool_turn(provider));
    Relay relay(vendor);
    Agent agent = agent_of(client, true);
    const Carried request = relay.carried(agent);
    const Vendor::Answer answer = relay.sent(agent, request);
    REQUIRE(answer.status == 200);
    const std::string whole = relay.streamed(request, answer, answer.body(), false);
    CHECK(relay.streamed(request, answer, answer.body(), true) == whole);
    CHECK(line_of(agent.hear(200, "text/event-stream", whole)) == line_of(tool_turn(provider)));
  });
}

TEST_CASE("a stream that breaks off after any event is never taken for a whole one", "[dialect]") {
  for_each_pair([](Dialect client, Dialect provider) {
    Vendor vendor(provider);
    vendor.will_say(tool_turn(provider));
    Relay relay(vendor);
    const Agent agent = agent_of(client, true);
    const Carried request = relay.carried(agent);
    const Vendor::Answer answer = relay.sent(agent, request);
    REQUIRE(answer.status == 200);
    std::string stream;
    for (const std::string& event : answer.events) {
      Agent listener = agent;
      const Said said =
          listener.hear(200, "text/event-stream", relay.streamed(request, answer, stream, false));
      INFO(stream);
      // What comes behind the reason to stop is no more than the usage.
      const bool stopped = stream.find("\"finish_reason\":\"") != std::string::npos;
      if (stopped) {
        CHECK(said.error.empty());
      } else {
        CHECK(said.error.substr(0, 13) == "in the stream");
      }
      stream += event;
    }
  });
}

TEST_CASE("a conversation moves from provider to provider and home again", "[dialect]") {
  for (const Dialect client : all) {
    for (const Dialect first : all) {
      for (const Dialect second : all) {
        if (client == first || client == second || first == second) continue;
        INFO(to_string(client) << " > " << to_string(first) << ", " << to_string(second));
        Vendor home(first, "home");
        Vendor away(second, "away");
        home.reasons_openly = first == Dialect::chat;
        for (const char* number : {"7", "8", "9"}) {
          for (Vendor* vendor : {&home, &away}) {
            Said said = tool_turn(vendor->dialect());
            for (Said::Call& call : said.calls)
              call.id += (vendor == &home ? "h" : "a") + std::string(number);
            vendor->will_say(said);
          }
        }
        Relay to_home(home, "aaaaaaaaaaaa");
        Relay to_away(away, "bbbbbbbbbbbb");
        Agent agent = agent_of(client, true);
        int turn = 0;
        for (Relay* relay : {&to_home, &to_away, &to_home, &to_away, &to_home}) {
          const Said said = relay->ask(agent);
          INFO("turn " << turn++ << " " << line_of(said));
          REQUIRE(said.calls.size() == 2);
          answer_calls(agent, said);
        }
        CHECK(home.refusals().size() == 0);
        CHECK(away.refusals().size() == 0);
        // Its own reasoning of two turns came home, none of the other's.
        const std::string mark = "thinks: hm";
        const std::size_t one = home.heard().find(mark);
        REQUIRE(one != std::string::npos);
        const std::size_t two = home.heard().find(mark, one + 1);
        REQUIRE(two != std::string::npos);
        // Servers that must have some in front of each call get the text of what there is.
        if (!home.reasons_openly) CHECK(home.heard().find(mark, two + 1) == std::string::npos);
      }
    }
  }
}
