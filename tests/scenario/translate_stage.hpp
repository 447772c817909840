#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "dialect/dialect.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"
#include "support/agent.hpp"
#include "support/vendor.hpp"

namespace ccrelay::testing {

using dialect::to_string;
using Speech = dialect::Dialect;

constexpr std::array<Speech, 4> all_speeches{Speech::anthropic, Speech::chat, Speech::responses,
                                             Speech::gemini};

/// What a vendor answers, as a fake provider's script. `piece`: a stream in chunks of so many
/// bytes, 0: an event each.
inline Script script_of(const Vendor::Answer& answer, std::size_t piece = 0) {
  if (answer.content_type.find("event-stream") == std::string::npos)
    return Script::reply(answer.status, answer.content_type, answer.body());
  Script script = Script::stream_head();
  const std::string body = answer.body();
  if (piece == 0) {
    for (const std::string& event : answer.events) script.chunk(event);
  } else {
    for (std::size_t at = 0; at < body.size(); at += piece) script.chunk(body.substr(at, piece));
  }
  return script.last_chunk();
}

/// The first `count` events of a streamed answer, and no end.
inline Script begun_of(const Vendor::Answer& answer, std::size_t count) {
  Script script = Script::stream_head();
  for (std::size_t i = 0; i < count; ++i) script.chunk(answer.events[i]);
  return script;
}

/// How many events of a vendor's stream say nothing yet.
inline std::size_t silent_events(Speech speech) {
  return speech == Speech::responses ? 2 : speech == Speech::gemini ? 0 : 1;
}

/// An event that says that the vendor is overloaded.
inline std::string overloaded_event(Speech speech) {
  switch (speech) {
    case Speech::anthropic:
      return in_band_error("overloaded_error");
    case Speech::chat:
      return "data: {\"error\":{\"message\":\"from the provider\",\"type\":\"server_error\","
             "\"code\":\"server_is_overloaded\",\"param\":null}}\n\n";
    case Speech::responses:
      return "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":2,"
             "\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"failed\","
             "\"output\":[],\"error\":{\"code\":\"server_is_overloaded\","
             "\"message\":\"from the provider\"}}}\n\n";
    case Speech::gemini:
      break;
  }
  return "data: {\"error\":{\"code\":503,\"message\":\"from the provider\","
         "\"status\":\"UNAVAILABLE\"}}\r\n\r\n";
}

/// A relay in front of strict providers of several dialects, and agents that ask it.
class TranslateStage : public RelayFixture {
 public:
  /// A strict provider, behind all that are there; it is asked for its own model. `open`: of chat,
  /// one that tells its reasoning and wants it back.
  Vendor& add_vendor(Speech speech, const std::string& name, bool open = false) {
    FakeProvider& provider = add_provider(name);
    vendors_.push_back(std::make_unique<Vendor>(speech, name));
    Vendor& vendor = *vendors_.back();
    vendor.reasons_openly = open;
    ProviderConfig& entry = config.providers.back();
    switch (speech) {
      case Speech::anthropic:
        entry.model_mapping = {{"*", "claude-real"}};
        break;
      case Speech::chat:
      case Speech::responses:
        entry.type = "openai";
        entry.base_url += "/v1";
        entry.api = to_string(speech);
        entry.profile = open ? "deepseek" : "openai";
        entry.model_mapping = {{"*", "gpt-real"}};
        break;
      case Speech::gemini:
        entry.type = "gemini";
        entry.model_mapping = {{"*", "gemini-3-real"}};
    }
    provider.respond_with([this, &vendor, name](const RecordedRequest& request) {
      check_head(vendor, name, request);
      return script_of(vendor.answer(request.head.target, request.body), piece);
    });
    return vendor;
  }

  /// A request and its answer.
  Said ask(Agent& agent, const std::string& more_headers = {}) {
    last = RelayFixture::ask(post(agent.body(), more_headers, agent.target()));
    return agent.hear(last.status, last.headers.get("content-type").value_or(""), last.body);
  }

  /// What all vendors refused, and what was wrong with a request's head.
  std::string complaints() const {
    std::string all = complaints_;
    for (const auto& vendor : vendors_)
      for (const std::string& refusal : vendor->refusals()) all += refusal + '\n';
    return all;
  }

  std::size_t piece = 0;  // see script_of()
  Answer last;

 private:
  // The provider's own key where its API has it, and nothing of the client's.
  void check_head(const Vendor& vendor, const std::string& name, const RecordedRequest& request) {
    const std::string key = "sk-test-" + name;
    const Speech speech = vendor.dialect();
    const bool bearer = speech == Speech::chat || speech == Speech::responses;
    const auto need = [&](std::string_view field, const std::string& value) {
      if (request.head.headers.get(field) != value)
        complaints_ += std::string(field) + " at " + name + '\n';
    };
    if (bearer) {
      need("authorization", "Bearer " + key);
    } else {
      need(speech == Speech::gemini ? "x-goog-api-key" : "x-api-key", key);
    }
    need("content-type", "application/json");
    for (const char* field : {"authorization", "x-api-key", "x-goog-api-key", "api-key"}) {
      const auto value = request.head.headers.get(field);
      if (value && value->find(key) == std::string_view::npos)
        complaints_ += std::string(field) + " of the client at " + name + '\n';
    }
    const std::string path = speech == Speech::anthropic   ? "/v1/messages"
                             : speech == Speech::chat      ? "/v1/chat/completions"
                             : speech == Speech::responses ? "/v1/responses"
                                                           : "/v1beta/models/";
    if (request.head.target.substr(0, path.size()) != path)
      complaints_ += "path " + request.head.target + '\n';
  }

  std::vector<std::unique_ptr<Vendor>> vendors_;
  std::string complaints_;
};

/// A call of a tool after some thinking; the ids end in `number`.
inline Said calling(const std::string& number = "1") {
  Said said;
  said.thinking = "hm, \xE2\x82\xAC \"so\"";
  said.text = "One moment\n\xF0\x9F\x98\x80";
  said.calls = {{"call_a" + number, "look", R"({"n":12345678901234567890,"b":1.0})"},
                {"call_b" + number, "list", "{}"}};
  said.stop = "tool_use";
  said.cached = 20;
  said.thought = 4;
  return said;
}

inline Said saying(const std::string& text) {
  Said said;
  said.text = text;
  return said;
}

/// The next dialect of the list: a second provider of neither kind.
inline Speech other_than(Speech one, Speech two) {
  for (const Speech each : all_speeches)
    if (each != one && each != two) return each;
  return one;
}

/// The vendor's answer to what the agent asks, had it been asked by somebody who speaks its
/// dialect.
inline Vendor::Answer sample(Speech provider, const Said& said, bool stream = true) {
  Vendor vendor(provider, "sample");
  vendor.will_say(said);
  Agent agent(provider, stream);
  agent.ask("x");
  const Vendor::Answer answer = vendor.answer(agent.target(), agent.body());
  REQUIRE(vendor.refusals().size() == 0);
  return answer;
}

inline Agent agent_with_tools(Speech speech, bool stream) {
  Agent agent(speech, stream);
  agent.thinks = true;
  agent.tools = {{"look", R"({"type":"object","properties":{"n":{"type":"number"}}})"},
                 {"list", R"({"type":"object","properties":{}})"}};
  agent.ask("hello \xC3\xBC");
  return agent;
}

inline void give_results(Agent& agent, const Said& said) {
  REQUIRE(said.calls.size() == 2);
  agent.results({{said.calls[0].id, "seen"}, {said.calls[1].id, "none"}});
}

/// For every client and every provider of another dialect.
template <class Function>
void for_each_translation(Function function) {
  for (const Speech client : all_speeches) {
    for (const Speech provider : all_speeches) {
      if (client == provider) continue;
      INFO(to_string(client) << " > " << to_string(provider));
      function(client, provider);
    }
  }
}

}  // namespace ccrelay::testing
