#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dialect/json_text.hpp"
#include "scenario/translate_stage.hpp"
#include "support/peculiar_vendors.hpp"

namespace ccrelay::testing {

using dialect::Json;

inline bool knows(const std::string& list, const std::string& word) {
  return list.find(" " + word + " ") != std::string::npos;
}

/// A relay in front of such a server.
class QuirkStage : public RelayFixture {
 public:
  explicit QuirkStage(const Quirks& quirks, bool knows_it = true) : q(quirks) {
    FakeProvider& provider = add_provider("v");
    ProviderConfig& entry = config.providers.back();
    entry.type = q.type;
    entry.api = "chat";
    entry.model_mapping = {{"*", q.model}};
    if (q.url.empty()) {
      entry.base_url = provider.url() + "/v1";
      entry.profile = q.profile;
    } else {
      // Its name is looked up by nobody: a proxy is told it.
      entry.base_url = q.url;
      entry.proxy = provider.url();
    }
    if (!knows_it) entry.profile = "generic";
    provider.respond_with([this](const RecordedRequest& request) { return answer(request); });
    start();
  }

  Said ask(Agent& agent) {
    last = RelayFixture::ask(post(agent.body(), {}, agent.target()));
    return agent.hear(last.status, last.headers.get("content-type").value_or(""), last.body);
  }

  const Quirks q;
  std::string refused;  // all that was, a line each
  std::string choice;   // the tool_choice it waits for
  bool must_think = true;
  std::string sent_roles;
  Answer last;

 private:
  Script refusal(int status, std::string body, const std::string& what) {
    if (const auto at = body.find('@'); at != std::string::npos) {
      for (auto i = at; i != std::string::npos; i = body.find('@')) body.replace(i, 1, what);
    }
    refused += what + ": " + body + "\n";
    return Script::reply(status, "application/json", body);
  }

  Script answer(const RecordedRequest& request) {
    const Json body = Json::read(request.body);
    const std::string url = q.url.empty() ? "/v1" : q.url;
    const bool is_azure = q.type == "azure_openai";
    const auto key = request.head.headers.get(is_azure ? "api-key" : "authorization");
    if (request.head.target != url + "/chat/completions" ||
        key != (is_azure ? "sk-test-v" : "Bearer sk-test-v"))
      return refusal(404, openai_error("Not found"), request.head.target);
    for (const dialect::JsonMember& member : body.members()) {
      if (!knows(" model messages tools stream " + q.fields, member.name()))
        return refusal(q.unknown_status, q.unknown, member.name());
    }
    if (const std::string odd = odd_message(body); !odd.empty())
      return refusal(q.unknown_status, q.unknown, odd);
    if (const std::string why = q.refuses(body); !why.empty()) return refusal(400, why, "a quirk");
    if (const std::string what = missing(request.body); must_think && !what.empty())
      return refusal(400, openai_error("not sent"), what);
    if (!choice.empty() && body["tool_choice"].raw() != (choice == "-" ? "" : choice))
      return refusal(400, openai_error("tool_choice is incompatible"),
                     std::string(body["tool_choice"].raw()));
    sent_roles = roles_of(body);
    const bool goes_on = sent_roles.find("tool ") != std::string::npos;
    return body["stream"].is_true() ? streamed(goes_on) : whole(goes_on);
  }

  // The first of `must` that is not there.
  std::string missing(const std::string& body) const {
    std::size_t at = 0;
    while (at < q.must.size()) {
      const std::size_t end = std::min(q.must.find('\n', at), q.must.size());
      const std::string part = q.must.substr(at, end - at);
      if (body.find(part) == std::string::npos) return part;
      at = end + 1;
    }
    return {};
  }

  // A member that it does not know, or what is wrong with calls, results and reasoning.
  std::string odd_message(Json body) const {
    std::vector<std::string> open;
    for (const Json message : body["messages"].items()) {
      const bool is_assistant = message["role"].is("assistant");
      for (const dialect::JsonMember& member : message.members()) {
        const std::string name = member.name();
        const bool known = name == "role" || name == "content" ||
                           (is_assistant && (name == "tool_calls" || name == q.back)) ||
                           (message["role"].is("tool") && name == "tool_call_id");
        if (!known) return "messages." + name;
      }
      if (is_assistant && message["tool_calls"] && !q.back.empty() &&
          message[q.back].raw() != q.back_value)
        return q.back + " must be passed back";
      if (message["role"].is("tool")) {
        const auto found = std::find(open.begin(), open.end(), message["tool_call_id"].text());
        if (found == open.end()) return "tool_call_id";
        open.erase(found);
      } else if (!open.empty()) {
        return "a call without its result";
      }
      for (const Json one : message["tool_calls"].items()) open.push_back(one["id"].text());
    }
    return open.empty() ? "" : "a call without its result";
  }

  std::string placed_usage(bool of_choice) const {
    if (q.usage_place == "choice") return of_choice ? R"(,"usage":)" + q.usage : "";
    if (of_choice) return {};
    return q.usage_place == "x_groq" ? R"(,"x_groq":{"id":"r","usage":)" + q.usage + "}"
                                     : R"(,"usage":)" + q.usage;
  }

  Script streamed(bool goes_on) const {
    Script script = Script::stream_head();
    const auto tell = [&script](const std::string& data) {
      script.chunk((data[0] == ':' ? data : "data: " + data) + "\n\n");
    };
    if (goes_on) {
      tell(delta(R"({"role":"assistant","content":"done"})"));
      tell(delta("{}", R"("stop")"));
    } else {
      for (const std::string& chunk : q.chunks) tell(chunk);
    }
    if (q.usage_place == "usage") {
      tell(R"({"id":"c1","object":"chat.completion.chunk","choices":[])" + placed_usage(false) +
           "}");
    } else {
      tell(delta("{}", "null", placed_usage(true), placed_usage(false)));
    }
    tell("[DONE]");
    return script.last_chunk();
  }

  Script whole(bool goes_on) const {
    return Script::reply(
        200, "application/json",
        R"({"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
        R"("message":)" +
            (goes_on ? R"({"role":"assistant","content":"done"})" : q.message) +
            R"(,"finish_reason":)" + (goes_on ? R"("stop")" : R"("tool_calls")") +
            (q.usage_place == "choice" ? placed_usage(true) : "") + "}]" +
            (q.usage_place == "choice" ? "" : R"(,"usage":)" + q.usage) + "}");
  }
};

}  // namespace ccrelay::testing
