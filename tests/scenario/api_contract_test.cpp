#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/api_stage.hpp"
#include "scenario/stream_stage.hpp"
#include "support/proto_text.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using management::Role;

// The JSON API and the contract, call by call: every one has a path, takes every field of its
// request and answers with its response.

namespace {

/// Where a call of the contract is, and which field of its request stands in the path.
struct Path {
  std::string method, path, name_field;
  std::string query = {};  ///< for an answer with something in it
  int status = 200;
};

const std::map<std::string, Path> paths{
    {"GetServerInfo", {"GET", "/info", ""}},
    {"GetStatus", {"GET", "/status", ""}},
    {"WatchStatus", {"GET", "/status:watch", "", "?history_seconds=3"}},
    {"ListProviders", {"GET", "/providers", ""}},
    {"GetProvider", {"GET", "/providers/one", "name"}},
    {"EnableProvider", {"POST", "/providers/one:enable", "name"}},
    {"DisableProvider", {"POST", "/providers/one:disable", "name"}},
    {"DrainProvider", {"POST", "/providers/one:drain", "name"}},
    {"ResetBreaker", {"POST", "/providers/one:reset-breaker", "provider"}},
    {"ListKeys", {"GET", "/keys", ""}},
    {"GetKey", {"GET", "/keys/KEY", "fingerprint"}},
    {"EnableKey", {"POST", "/keys/KEY:enable", "fingerprint"}},
    {"DisableKey", {"POST", "/keys/KEY:disable", "fingerprint"}},
    {"ResetKey", {"POST", "/keys/KEY:reset", "fingerprint"}},
    {"ListClients", {"GET", "/clients", ""}},
    {"GetClient", {"GET", "/clients/anonymous", "name"}},
    {"ListRequests", {"GET", "/requests", ""}},
    {"GetRequest", {"GET", "/requests/ID", "id"}},
    {"CancelRequest", {"POST", "/requests/ID:cancel", "id"}},
    {"WatchRequests", {"GET", "/requests:watch", "", "?include_existing=true"}},
    // There is no ledger here; tests/program has one.
    {"QueryUsage", {"GET", "/usage:query", "", "", 409}},
    {"ListUsageRecords", {"GET", "/usage/records", "", "", 409}},
    {"GetConfig", {"GET", "/config", ""}},
    {"ValidateConfig", {"POST", "/config:validate", ""}},
    {"ReloadConfig", {"POST", "/config:reload", ""}},
    {"GetLogLevel", {"GET", "/log-level", ""}},
    {"SetLogLevel", {"POST", "/log-level", ""}},
    {"WatchLogs", {"GET", "/logs:watch", "", "?tail=10"}},
};

struct Contract : Api {
  Contract() {
    options.reload = [this] { return ConfigReading{config}; };
    config.source = "/etc/relay.toml";
    one->enqueue(begun());
    start();
    client = open_stream(*this);
    until([&] { return body_of(*client) == begun_bytes(); });
    const auto list = get("/requests").body;
    const auto at = list.find(R"("id":")") + 6;
    id = list.substr(at, list.find('"', at) - at);
    key = key_of_one();
  }
  std::string target(std::string path) const {
    for (const auto& [word, name] : {std::pair{"KEY", key}, {"ID", id}}) {
      const auto at = path.find(word);
      if (at != std::string::npos) path.replace(at, std::string(word).size(), name);
    }
    return path;
  }
  std::unique_ptr<RawClient> client;
  std::string id, key;
};

// A value of that type, as a parameter and as JSON.
std::pair<std::string, std::string> sample(const std::string& type) {
  if (type == "string") return {"x", R"("x")"};
  if (type == "bool") return {"true", "true"};
  if (type == "google.protobuf.Timestamp") {
    return {"2026-01-31T09:00:00Z", R"("2026-01-31T09:00:00Z")"};
  }
  if (type.substr(0, 3) == "int") return {"1", "1"};
  const auto& values = ProtoText::management().enums.at(type);
  return {values.at(1), '"' + values.at(1) + '"'};
}

// What a call says of a field of its request.
std::string said_of(Contract& f, const Path& path, const std::string& prefix,
                    const ProtoText::Field& field) {
  const auto [word, json] = sample(field.type);
  const std::string target = f.target(path.path);
  if (path.method == "GET") {
    const auto call =
        Api::call_of("GET", target + '?' + prefix + field.name + '=' + word, {}, Role::viewer);
    if (!api::is_stream(target)) return f.call(call).body;
    auto opened = api::open_stream(f.relay->manager(), call);
    const auto* refused = std::get_if<api::Answer>(&opened);
    return refused ? refused->body : std::string();
  }
  const std::string value = field.repeated ? '[' + json + ']' : json;
  return f.post(target, "{\"" + prefix + field.name + "\":" + value + '}').body;
}

}  // namespace

TEST_CASE("every call of the contract has a path and answers with its message", "[scenario][api]") {
  Contract f;
  const ProtoText& proto = ProtoText::management();
  for (const auto& call : proto.calls) {
    INFO(call.name);
    const auto found = paths.find(call.name);
    REQUIRE(found != paths.end());
    const Path& path = found->second;
    if (call.stream) {
      std::string sse;
      CHECK(f.watch(path.path + path.query)->take(sse));
      std::size_t events = 0;
      for (std::size_t at = 0; at < sse.size(); ++events) {
        const auto end = sse.find("\n\n", at);
        REQUIRE(sse.substr(at, 6) == "data: ");
        CHECK(proto.differs(call.response, sse.substr(at + 6, end - at - 6)) == "");
        at = end + 2;
      }
      CHECK(events > 0);
      continue;
    }
    const auto answer = f.call(Api::call_of(path.method, f.target(path.path), {}, Role::operator_));
    INFO(answer.body);
    CHECK(answer.status == path.status);
    if (path.status == 200) CHECK(proto.differs(call.response, answer.body) == "");
    CHECK(answer.body.find("sk-test-") == std::string::npos);
  }
}

TEST_CASE("every call takes every field of its request", "[scenario][api]") {
  Contract f;
  const ProtoText& proto = ProtoText::management();
  for (const auto& call : proto.calls) {
    const auto found = paths.find(call.name);
    REQUIRE(found != paths.end());
    for (const auto& field : proto.messages.at(call.request)) {
      if (field.name == found->second.name_field) continue;
      INFO(call.name << ' ' << field.name);
      const auto inner = proto.messages.find(field.type);
      if (inner == proto.messages.end()) {
        const std::string said = said_of(f, found->second, {}, field);
        CHECK_FALSE(has(said, "is not known here"));
        CHECK_FALSE(has(said, "must be"));
        continue;
      }
      for (const auto& one : inner->second) {
        INFO(one.name);
        const std::string said = said_of(f, found->second, field.name + '.', one);
        CHECK_FALSE(has(said, "is not known here"));
        CHECK_FALSE(has(said, "must be"));
      }
    }
  }
}
