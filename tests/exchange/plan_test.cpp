#include "exchange/plan.hpp"

#include <string>
#include <vector>

#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;

namespace {

identity::Vaults vaults{[](std::string_view) { return std::nullopt; }};

struct Builder {
  ProviderConfig& add(const std::string& name, const std::string& type = "anthropic",
                      bool with_key = true) {
    ProviderConfig entry;
    entry.name = name;
    entry.type = type;
    if (with_key) entry.keys.push_back({Secret("sk-" + name), 1, 1});
    config.providers.push_back(entry);
    return config.providers.back();
  }
  std::shared_ptr<const worker::Snapshot> build() const {
    auto snapshot = worker::Snapshot::build(config, {}, vaults);
    if (!snapshot) FAIL(snapshot.error().message);
    return *snapshot;
  }
  Config config;
};

Access spender() {
  Access access;
  access.admitted = access.may_spend_keys = true;
  return access;
}

Access subscriber() {
  Access access;
  access.admitted = access.own_is_anthropic = true;
  access.own.add("authorization", "Bearer sk-ant-oat01-own");
  return access;
}

std::string names_of(const Plan& plan) {
  std::string out;
  for (const Candidate& candidate : plan.candidates) out += candidate.entry->config->name + " ";
  return out;
}

Plan plan_for(const Builder& builder, const std::string& model, const Access& access,
              Operation operation = Operation::messages) {
  // Candidates point into the snapshot: it lives as long as the test program.
  static std::vector<std::shared_ptr<const worker::Snapshot>> kept;
  kept.push_back(builder.build());
  return candidates(*kept.back(), operation, Dialect::anthropic, model, access);
}

}  // namespace

TEST_CASE("providers are asked by priority, equal ones as they stand", "[relay]") {
  Builder b;
  b.add("low").priority = 1;
  b.add("high").priority = 9;
  b.add("low-too").priority = 1;
  CHECK(names_of(plan_for(b, "m", spender())) == "high low low-too ");
}

TEST_CASE("a provider's priority is its first key's when it has none", "[relay]") {
  Builder b;
  b.add("one").keys[0].priority = 1;
  b.add("two").keys[0].priority = 5;
  CHECK(names_of(plan_for(b, "m", spender())) == "two one ");
}

TEST_CASE("only providers that serve the model are asked", "[relay]") {
  Builder b;
  b.add("claude").models = {"claude-*"};
  b.add("glm").models = {"GLM-5"};
  b.add("mapped").models = {"x"};
  b.config.providers[2].model_mapping["claude-a*"] = "x";
  b.add("all");
  CHECK(names_of(plan_for(b, "claude-a1", spender())) == "claude mapped all ");
  CHECK(names_of(plan_for(b, "GLM-5", spender())) == "glm all ");
  CHECK(names_of(plan_for(b, "GLM-55", spender())) == "all ");
}

TEST_CASE("only providers that offer the endpoint are asked", "[relay]") {
  Builder b;
  b.add("glm", "zai");
  b.add("local", "ollama", false);
  b.add("claude");
  CHECK(names_of(plan_for(b, "", spender(), Operation::other)) == "claude ");
  CHECK(names_of(plan_for(b, "m", spender(), Operation::count_tokens)) == "glm claude ");
}

TEST_CASE("a subscriber reaches only providers that take a client's token", "[relay]") {
  Builder b;
  b.add("glm", "zai");
  b.add("claude");
  b.add("ours").credentials = Credentials::configured;
  const Plan plan = plan_for(b, "m", subscriber());
  CHECK(names_of(plan) == "claude ");
  CHECK(plan.candidates[0].authority == Authority::client);
}

TEST_CASE("without providers the answer says where to add one", "[relay]") {
  const Plan plan = plan_for({}, "m", spender());
  CHECK(plan.status == 403);
  CHECK(plan.for_person);
  CHECK(plan.reason == "no provider is configured; add one to [[providers]]");
}

TEST_CASE("a model that nobody serves is not found", "[relay]") {
  Builder b;
  b.add("glm").models = {"GLM-5"};
  const Plan plan = plan_for(b, "gpt", spender());
  CHECK(plan.status == 404);
  CHECK(plan.reason ==
        "model: no provider serves \"gpt\"; GET /v1/models lists what there is, providers.models "
        "and providers.model_mapping decide it");
}

TEST_CASE("an endpoint that nobody offers is not found", "[relay]") {
  Builder b;
  b.add("glm", "zai");
  const Plan plan = plan_for(b, "", spender(), Operation::other);
  CHECK(plan.status == 404);
  CHECK(plan.reason == "no provider offers this endpoint");
}

TEST_CASE("without any credential to send the answer says whose is missing", "[relay]") {
  Builder b;
  b.add("claude", "anthropic", false);
  const Plan plan = plan_for(b, "m", spender());
  CHECK(plan.status == 403);
  CHECK(plan.for_person);
  CHECK(plan.reason ==
        "no provider can take this request: none has a key of its own, and the request brings no "
        "credential to pass on; give a provider a key or send your own");
  b.add("openai", "openai").models = {"gpt-*"};
  CHECK(plan_for(b, "m", spender()).reason ==
        "no provider can take this request: none that serves \"m\" has a key of its own, and the "
        "request brings no credential to pass on; give one a key, ask for a model of another "
        "(GET /v1/models lists them; providers.model_mapping maps one), or send your own");
}

TEST_CASE("a subscriber may not spend the operator's keys", "[relay]") {
  Builder b;
  b.add("glm", "zai");
  const Plan plan = plan_for(b, "m", subscriber());
  CHECK(plan.status == 403);
  CHECK(plan.reason ==
        "no provider takes the client's own credential for this model, and the relay's keys are "
        "only for clients that present the relay's key");
}
