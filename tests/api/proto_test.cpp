#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "api/enum_names.hpp"
#include "api/json.hpp"
#include "catch.hpp"
#include "support/proto_text.hpp"

// JSON and the contract, message by message: what is new there fails here until it is printed.

using namespace ccrelay;
using namespace ccrelay::management;
using testing::ProtoText;

namespace {

const WallTime some_time{std::chrono::milliseconds(1'769'850'000'123)};

template <class... T>
std::string json(const T&... value) {
  std::string out;
  api::append_json(out, value...);
  return out;
}

Totals totals() {
  return {1, 2, 3, 4, 5, {6, 7, 8, 9, 10, 11}, {-12, 13, 14}, 15, 16};
}
LastError last_error() {
  return {some_time, Outcome::exhausted, 402, "no credit", "1f"};
}
AdminOverride word() {
  return {AdminState::draining, "uid:1", "why", some_time, some_time};
}

Status status() {
  Status out;
  out.time = some_time;
  out.state = ServerState::serving;
  out.history = {{some_time, 1, 2, 3, 4, 5}};
  out.totals = totals();
  out.today = totals();
  return out;
}
Provider provider() {
  Provider out;
  out.name = "zai";
  out.models = {"claude-*"};
  out.admin_override = word();
  out.breaker.half_open_in_ms = 3;
  out.first_byte_us = 4;
  out.outcomes = {{Outcome::no_access, 3}};
  out.failure_ratio = 0.25;
  out.last_error = last_error();
  out.keys = {"5f1c0a9e"};
  out.identity = CloudIdentity{"failed", "profile", some_time, "why"};
  out.dialects = {"chat"};
  return out;
}
Budget budget() {
  Budget out;
  out.kind = BudgetKind::tokens_per_minute;
  out.provider_limit = 3;
  out.provider_remaining = 4;
  out.provider_reset_time = some_time;
  return out;
}
Key key() {
  Key out;
  out.fingerprint = "5f1c0a9e";
  out.providers = {"zai"};
  out.admin_override = word();
  out.cool_downs = {{"claude", some_time}};
  out.refused_until = some_time;
  out.budgets = {budget()};
  out.plan_windows = {{"5h", 0.62, some_time, "allowed"}};
  out.last_error = last_error();
  out.last_used_time = some_time;
  return out;
}
Client client() {
  Client out;
  out.name = "alice";
  out.budgets = {budget()};
  out.today = totals();
  out.month = totals();
  out.allowed_models = {"a"};
  out.last_seen_time = some_time;
  return out;
}
Attempt attempt() {
  return {1, "zai", "5f", "m",    Outcome::not_here, 404, "gone", 1,
          2, 3,     4,    "chat", "anthropic>chat"};
}
Request request() {
  Request out;
  out.id = "1f";
  out.start_time = some_time;
  out.first_byte_us = 3;
  out.ending = Ending::by_operator;
  out.attempts = {attempt()};
  out.trace = {{41, "picked", "zai: first by priority", {{"provider", "zai"}}}};
  return out;
}
management::UsageReport usage() {
  management::UsageReport out;
  out.rows = {{some_time, {"zai", ""}, totals()}, {{}, {}, totals()}};
  out.ledger_start_time = some_time;
  return out;
}
Diagnostic diagnostic() {
  return {Severity::error, "/etc/relay.toml", 3, 1, "server.port", "is no port"};
}
ConfigChange change() {
  return {"routing.strategy", "\"failover\"", "\"race\"", false, "failover → race"};
}

Event event(decltype(Event::what) what) {
  return {7, some_time, std::move(what)};
}

// A message of the proto, full and as empty as can be.
using Samples = std::multimap<std::string, std::string>;
Samples samples() {
  return {
      {"ServerInfo", json(ServerInfo{}, Caller{})},
      {"ServerInfo", json(ServerInfo{}, Caller{"token:x", Role::viewer})},
      {"Status", json(Status{})},
      {"Status", json(status())},
      {"Provider", json(Provider{})},
      {"Provider", json(provider())},
      {"Key", json(Key{})},
      {"Key", json(key())},
      {"Client", json(Client{})},
      {"Client", json(client())},
      {"Request", json(Request{})},
      {"Request", json(request())},
      {"WatchRequestsResponse", json(event(Existing{request()}))},
      {"WatchRequestsResponse", json(event(Synced{2}))},
      {"WatchRequestsResponse", json(event(Started{request()}))},
      {"WatchRequestsResponse", json(event(AttemptStarted{"1f", attempt()}))},
      {"WatchRequestsResponse", json(event(AttemptEnded{"1f", attempt()}))},
      {"WatchRequestsResponse", json(event(FirstByte{"1f", "zai", 200, 3}))},
      {"WatchRequestsResponse", json(event(Progress{"1f", RequestState::waiting, 3, {}, 4}))},
      {"WatchRequestsResponse", json(event(Ended{request()}))},
      {"WatchRequestsResponse", json(event(Lost{3, 2, 1}))},
      {"QueryUsageResponse", json(management::UsageReport{})},
      {"QueryUsageResponse", json(usage())},
      {"ListUsageRecordsResponse", json(UsageRecords{{request()}, "next"})},
      {"GetConfigResponse", json(EffectiveConfig{})},
      {"GetConfigResponse", json(EffectiveConfig{"a = 1",
                                                 {{"a", "1", SettingOrigin::default_, 3, true}},
                                                 "/etc/relay.toml",
                                                 2,
                                                 some_time})},
      {"ValidateConfigResponse", json(Validation{true, {diagnostic()}, {change()}})},
      {"ReloadConfigResponse", json(ReloadReport{3, {change()}, {diagnostic()}})},
      {"GetLogLevelResponse", json(LogLevelState{LogLevel::debug, LogLevel::info, some_time})},
      {"WatchLogsResponse",
       json(LogEvent(LogLine{some_time, LogLevel::warn, "breaker", "x", "", "", {{"a", "b"}}}))},
      {"WatchLogsResponse", json(LogEvent(LinesLost{3}))},
  };
}

template <class... E>
std::map<std::string, api::Names> names_by_enum(const E&... value) {
  std::map<std::string, api::Names> out;
  const auto add = [&](api::Names names) {
    for (const auto& [name, values] : ProtoText::management().enums) {
      if (values.at(0) == names[0]) out[name] = names;
    }
  };
  (add(api::names_of(value)), ...);
  return out;
}

}  // namespace

TEST_CASE("every message is printed with every field of the contract and nothing else") {
  for (const auto& [message, text] : samples()) {
    INFO(message << ' ' << text);
    CHECK(ProtoText::management().differs(message, text) == "");
  }
}

TEST_CASE("every enum has the names of the contract in its order") {
  const auto names = names_by_enum(
      Role{}, ServerState{}, AdminState{}, ProviderHealth{}, BreakerState{}, Outcome{}, KeyState{},
      BudgetKind{}, ClientKind{}, RequestState{}, Ending{}, RequestEventKind{}, UsageDimension{},
      UsageInterval{}, UsageOrder{}, SettingOrigin{}, Severity{}, LogLevel{});
  for (const auto& [name, values] : ProtoText::management().enums) {
    INFO(name);
    const auto found = names.find(name);
    REQUIRE(found != names.end());
    CHECK(std::vector<std::string>(found->second.begin(), found->second.end()) == values);
  }
}

TEST_CASE("what differs from the contract is found") {
  const ProtoText& proto = ProtoText::management();
  CHECK(proto.differs("Caller", R"({"name":"x","role":"ROLE_VIEWER"})") == "");
  CHECK(proto.differs("Caller", R"({"name":"x"})") ==
        "Caller.role is not there, or not in its place");
  CHECK(proto.differs("Caller", R"({"name":"x","role":"ROLE_GUEST"})") ==
        R"(Caller.role is no Role: "ROLE_GUEST")");
  CHECK(proto.differs("Caller", R"({"name":3,"role":"ROLE_VIEWER"})") ==
        "Caller.name is no string: 3");
  CHECK(proto.differs("Caller", R"({"name":"x","role":"ROLE_VIEWER","age":3})") ==
        "Caller has an unknown age");
  CHECK(proto.differs("WatchLogsResponse", "{}") == "WatchLogsResponse has nothing of its oneof");
  CHECK(proto.differs("Nobody", "{}") == "there is no message Nobody");
}
