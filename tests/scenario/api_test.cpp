#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "scenario/api_stage.hpp"
#include "scenario/stream_stage.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using F = RelayFixture;
using management::Role;
using std::chrono::seconds;

// The JSON API, called as a listener does, in front of a relay whose clients and providers see what
// comes of it.

TEST_CASE("a provider disabled over JSON gets no request, and one again when enabled",
          "[scenario][api]") {
  Api f;
  f.start();
  CHECK(f.asked() == "one:success");
  const auto done = f.post("/providers/one:disable", R"({"reason":"maintenance","ttl_ms":60000})");
  CHECK(done.status == 200);
  CHECK(done.content_type == "application/json");
  CHECK(has(done.body, R"("admin_state":"ADMIN_STATE_DISABLED")"));
  CHECK(has(done.body, R"("set_by":"token:ops","reason":"maintenance")"));
  CHECK(has(done.body, R"(,"changed":true,"warnings":[]})"));
  CHECK(f.asked() == "two:success");
  CHECK(has(f.ask(F::get("/v1/providers")).body, R"("active":false)"));
  CHECK(has(f.get("/providers/one").body, R"("admin_state":"ADMIN_STATE_DISABLED")"));
  f.until([&] {
    return std::any_of(f.observer.notes.begin(), f.observer.notes.end(), [](const Note& note) {
      return note.message == "token:ops disabled provider one: maintenance";
    });
  });

  const auto last = f.post("/providers/two:disable");
  CHECK(has(last.body, R"("warnings":["no provider is left)"));
  CHECK(f.ask(request(false)).status == 503);
  const auto back = f.post("/providers/one:enable", "{}");
  CHECK(has(back.body, R"("admin_override":null)"));
  CHECK(f.asked() == "one:success");
  CHECK(has(f.post("/providers/one:enable").body, R"("changed":false})"));

  f.post("/providers/one:disable", R"({"ttl_ms":60000})");
  f.post("/providers/two:enable");
  CHECK(f.asked() == "two:success");
  f.harness.advance(seconds(61));
  CHECK(f.asked() == "one:success");
}

TEST_CASE("a provider drained over JSON keeps its conversations", "[scenario][api]") {
  Api f;
  f.start();
  f.ask(request_of("s1"));
  const auto done = f.post("/providers/one:drain", R"({"timeout_ms":120000,"reason":"so"})");
  CHECK(has(done.body, R"("admin_state":"ADMIN_STATE_DRAINING")"));
  f.ask(request_of("s1"));
  f.ask(request_of("s2"));
  f.finished(3);
  CHECK(tries(f.observer.requests[1]) == "one:success");
  CHECK(tries(f.observer.requests[2]) == "two:success");
}

TEST_CASE("a breaker closed over JSON lets its provider in", "[scenario][api]") {
  Api f;
  f.config.health.failure_threshold = 1;
  f.config.health.checks = false;
  f.one->enqueue(Script::error(500, "api_error", "down"));
  f.start();
  CHECK(f.asked() == "one:failed two:success");
  CHECK(f.asked() == "two:success");
  CHECK(has(f.get("/providers/one").body, R"("health":"PROVIDER_HEALTH_OPEN")"));
  CHECK(has(f.post("/providers/one:reset-breaker", R"({"provider":"one"})").body,
            R"("changed":true})"));
  CHECK(f.asked() == "one:success");
}

TEST_CASE("a key disabled over JSON is used by nobody", "[scenario][api]") {
  Api f;
  f.start();
  const std::string key = f.key_of_one();
  CHECK(has(f.get("/keys/" + key).body, R"({"key":{"fingerprint":")" + key));
  const auto done = f.post("/keys/" + key + ":disable", R"({"fingerprint":")" + key + R"("})");
  CHECK(has(done.body, R"("admin_state":"ADMIN_STATE_DISABLED")"));
  CHECK(f.asked() == "two:success");
  CHECK(has(f.post("/keys/" + key + ":enable").body, R"("changed":true})"));
  CHECK(f.asked() == "one:success");
  f.one->enqueue(Script::error(401, "authentication_error", "no"));
  CHECK(f.asked() == "one:key_refused two:success");
  CHECK(has(f.get("/keys").body, R"("state":"KEY_STATE_REFUSED")"));
  CHECK(has(f.post("/keys/" + key + ":reset", R"({"reset_budgets":true})").body,
            R"("changed":true})"));
  CHECK(f.asked() == "one:success");
}

TEST_CASE("a request cancelled over JSON ends for its client and its provider", "[scenario][api]") {
  Api f;
  f.one->enqueue(begun());
  f.start();
  auto client = open_stream(f);
  f.until([&] { return body_of(*client) == begun_bytes(); });
  const auto list = f.get("/requests?filter.states=REQUEST_STATE_STREAMING&filter.models=claude-*");
  const auto at = list.body.find(R"("id":")") + 6;
  const std::string id = list.body.substr(at, list.body.find('"', at) - at);
  CHECK(has(f.get("/requests/" + id).body, R"("attempts":[{"number":1,"provider":"one")"));
  const auto done = f.post("/requests/" + id + ":cancel", R"({"reason":"runaway"})");
  CHECK(done.status == 200);
  f.until([&] { return has(body_of(*client), "event: error"); });
  CHECK(has(body_of(*client), "runaway"));
  CHECK(f.finished().ending == Ending::by_operator);
  CHECK(has(f.post("/requests/" + id + ":cancel").body, R"("changed":false})"));
  CHECK(has(f.get("/requests?ended=true").body, R"("ending":"ENDING_OPERATOR")"));
}

TEST_CASE("a viewer may look and not act", "[scenario][api]") {
  Api f;
  f.start();
  const auto refused = f.call(Api::call_of("POST", "/providers/one:disable", {}, Role::viewer));
  CHECK(code_of(refused) == "403 PERMISSION_DENIED");
  CHECK(has(refused.body, "token:ops"));
  CHECK(has(f.get("/info").body, R"("caller":{"name":"token:ops","role":"ROLE_VIEWER"})"));
  CHECK(f.asked() == "one:success");
}

TEST_CASE("what is no call says what there is", "[scenario][api]") {
  Api f;
  f.start();
  CHECK(code_of(f.get("/nothing")) == "404 NOT_FOUND");
  CHECK(code_of(f.get("/providers/")) == "404 NOT_FOUND");
  CHECK(code_of(f.get("/providers/three")) == "404 NOT_FOUND");
  CHECK(has(f.get("/providers/%6Fne").body, R"({"provider":{"name":"one")"));
  const auto wrong = f.get("/providers/one:disable");
  CHECK(wrong.status == 405);
  CHECK(wrong.allow == "POST");
  CHECK(f.post("/status").allow == "GET");
  CHECK(f.call(Api::call_of("DELETE", "/providers/one", {}, Role::operator_)).status == 405);
  CHECK(code_of(f.get("/status?history=3")) == "400 INVALID_ARGUMENT");
  CHECK(code_of(f.get("/status?history_seconds=301")) == "400 INVALID_ARGUMENT");
  CHECK(has(f.post("/providers/one:disable", R"({"ttl":3})").body, "ttl: is not known here"));
  CHECK(has(f.post("/providers/one:disable", R"({"name":"two"})").body, "name: is another"));
  CHECK(code_of(f.post("/providers/one:disable", "ttl_ms=3")) == "400 INVALID_ARGUMENT");
  CHECK(code_of(f.post("/providers/one:disable?ttl_ms=3")) == "400 INVALID_ARGUMENT");
  auto form = Api::call_of("POST", "/providers/one:disable", "{}", Role::operator_);
  form.content_type = "text/plain";
  CHECK(code_of(f.call(form)) == "400 INVALID_ARGUMENT");
  CHECK(has(f.get("/requests?filter.providers=three").body, "three"));
  CHECK(f.asked() == "one:success");
}

TEST_CASE("a watch over JSON tells what happens, event by event, until the relay stops",
          "[scenario][api]") {
  Api f;
  f.start();
  CHECK(api::is_stream("/requests:watch"));
  CHECK_FALSE(api::is_stream("/requests"));
  auto stream = f.watch("/requests:watch?include_existing=true&kinds=REQUEST_EVENT_KIND_ENDED");
  std::string sse;
  CHECK(stream->take(sse));
  CHECK(sse.substr(0, 28) == R"(data: {"sequence":0,"time":")");
  CHECK(has(sse, "\"synced\":{\"existing\":0}}\n\n"));
  int woken = 0;
  stream->on_ready([&] { ++woken; });
  sse.clear();
  CHECK(stream->take(sse));
  CHECK(sse.empty());
  f.asked();
  f.until([&] { return woken > 0; });
  CHECK(stream->take(sse));
  CHECK(sse.substr(0, 20) == R"(data: {"sequence":1,)");
  CHECK(has(sse, R"("ended":{"id":")"));
  CHECK(std::count(sse.begin(), sse.end(), '\n') == 2);

  sse.clear();
  f.relay.reset();
  CHECK_FALSE(stream->take(sse));
  CHECK(sse ==
        "event: error\ndata: {\"error\":{\"code\":\"UNAVAILABLE\",\"message\":\"the relay "
        "stops\"}}\n\n");
}

TEST_CASE("a reader over JSON that is too slow is told what it missed", "[scenario][api]") {
  Api f;
  f.start();
  auto stream = f.watch("/requests:watch?queue_events=16");
  for (int i = 0; i < 10; ++i) f.asked();
  std::string sse;
  f.until([&] { return stream->take(sse) && has(sse, R"("lost":{"events":)"); });
  CHECK(has(sse, R"("sequence":15,)"));
  CHECK(has(sse, R"({"sequence":0,"time":")"));
}

TEST_CASE("a stream that can't be opened says why", "[scenario][api]") {
  Api f;
  f.start();
  const auto opened = [&](const std::string& target) {
    auto result =
        api::open_stream(f.relay->manager(), Api::call_of("GET", target, {}, Role::viewer));
    REQUIRE(std::holds_alternative<api::Answer>(result));
    return code_of(std::get<api::Answer>(result));
  };
  CHECK(opened("/requests:watch?queue_events=1") == "400 INVALID_ARGUMENT");
  CHECK(opened("/requests:watch?page_size=1") == "400 INVALID_ARGUMENT");
  CHECK(opened("/info") == "404 NOT_FOUND");
  std::vector<std::unique_ptr<api::Stream>> streams;
  for (int i = 0; i < 16; ++i) streams.push_back(f.watch("/requests:watch"));
  CHECK(opened("/logs:watch") == "429 RESOURCE_EXHAUSTED");
  streams.pop_back();
  CHECK(f.watch("/status:watch"));
  CHECK(code_of(f.get("/requests:watch")) == "404 NOT_FOUND");
}

TEST_CASE("the whole is told again and again", "[scenario][api]") {
  Api f;
  f.start();
  auto stream = f.watch("/status:watch?interval_ms=500&history_seconds=2");
  std::string sse;
  CHECK(stream->take(sse));
  CHECK(sse.substr(0, 17) == R"(data: {"status":{)");
  CHECK(std::count(sse.begin(), sse.end(), '\n') == 2);
  sse.clear();
  CHECK(stream->take(sse));
  CHECK(sse.empty());
  f.harness.advance(seconds(1));
  f.until([&] { return stream->take(sse) && !sse.empty(); });
  CHECK(has(sse, R"("state":"SERVER_STATE_SERVING")"));
}

TEST_CASE("the log's level is set over JSON, and its lines are told", "[scenario][api]") {
  Api f;
  f.start();
  const auto set = f.post("/log-level", R"({"level":"LOG_LEVEL_DEBUG","ttl_ms":60000})");
  CHECK(set.body == R"({"level":"LOG_LEVEL_DEBUG","changed":true})");
  CHECK(has(f.get("/log-level").body,
            R"({"level":"LOG_LEVEL_DEBUG","configured_level":"LOG_LEVEL_)"));
  CHECK(has(f.post("/log-level").body, R"("changed":true)"));
  CHECK(code_of(f.post("/log-level", R"({"level":"debug"})")) == "400 INVALID_ARGUMENT");
  CHECK(code_of(f.post("/log-level", R"({"ttl_ms":-1})")) == "400 INVALID_ARGUMENT");

  auto stream = f.watch("/logs:watch?contains=DISABLED+provider");
  f.post("/providers/two:disable", R"({"reason":"a\nb"})");
  std::string sse;
  f.until([&] { return stream->take(sse) && !sse.empty(); });
  CHECK(sse.substr(0, 22) == R"(data: {"line":{"time":)");
  CHECK(has(sse, R"("event":"managed","message":"token:ops disabled provider two: a b")"));
  // Those of before alone, and then nothing of an error.
  auto before = f.watch("/logs:watch?contains=disabled&tail=5&no_follow=true");
  sse.clear();
  while (before->take(sse)) {
  }
  CHECK(has(sse, "token:ops disabled provider two"));
  CHECK_FALSE(has(sse, "event: error"));
}

TEST_CASE("a configuration is checked as JSON or as it is", "[scenario][api]") {
  Api f;
  f.start();
  const std::string text = "[routing]\nstrategy = \"nowhere\"\n";
  auto call = Api::call_of("POST", "/config:validate", text, Role::viewer);
  call.content_type = "application/toml";
  const auto as_it_is = f.call(call);
  CHECK(as_it_is.status == 200);
  CHECK(has(as_it_is.body, R"({"valid":false,"diagnostics":[{"severity":"SEVERITY_ERROR",)"));
  CHECK(has(as_it_is.body, R"("line":2,)"));
  call.content_type = "application/json";
  call.body = R"({"toml":"[routing]\nstrategy = \"nowhere\"\n"})";
  CHECK(f.call(call).body == as_it_is.body);
  call.path = "/providers/one:disable";
  call.content_type = "application/toml";
  call.caller.role = Role::operator_;
  CHECK(code_of(f.call(call)) == "400 INVALID_ARGUMENT");
  CHECK(f.asked() == "one:success");
}

TEST_CASE("a reload over JSON tells what has changed, or every mistake", "[scenario][api]") {
  Api f;
  f.config.source = "/etc/relay.toml";
  ConfigReading reading{f.config};
  reading.config->routing.max_attempts += 1;
  f.options.reload = [&] { return reading; };
  f.start();
  const auto taken = f.post("/config:reload");
  CHECK(taken.status == 200);
  CHECK(has(taken.body, R"({"generation":2,"changes":[{"path":"routing.)"));
  reading = {Error{ErrorCode::config, "/etc/relay.toml:3:7: server.listen: is no address"}};
  const auto refused = f.post("/config:reload");
  CHECK(code_of(refused) == "409 FAILED_PRECONDITION");
  CHECK(has(refused.body,
            R"("diagnostics":[{"severity":"SEVERITY_ERROR","file":"/etc/relay.toml",)"));
  CHECK(has(refused.body, R"("line":3,"column":7,"path":"server.listen")"));
}
