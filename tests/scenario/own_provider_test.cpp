#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"
#include "scenario/h2_stage.hpp"
#include "scenario/seen.hpp"
#include "scenario/throwing.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;

// Providers and strategies that the embedding program brings along: what they throw, what they get
// wrong, and what reaches them from a file. Each looks at the client's end and the provider's.

namespace {

/// A house provider that throws in `where`, and behind it a sound one.
struct Stage : RelayFixture {
  Stage(const std::string& where, const std::string& kind, bool alone = false) {
    options.provider_types["house"] = [=, this](const ProviderConfig& entry) {
      auto made = std::make_unique<Thrower>(entry.base_url, where, kind);
      made->translates = translates;
      return Result<std::unique_ptr<Provider>>(std::move(made));
    };
    add_provider("house");
    config.providers[0].type = "house";
    if (!alone) add_provider("sound");
  }

  FakeProvider& house() { return *providers[0]; }
  FakeProvider& sound() { return *providers[1]; }
  std::size_t notes_of_throws() const {
    std::size_t count = 0;
    for (const Note& note : observer.notes) count += note.event == "extension_threw";
    return count;
  }

  bool translates = false;
};

/// What a client of HTTP/1.1 or HTTP/2 got.
struct Got {
  int status = 0;
  std::string text;
};

Got ask(RelayFixture& f, bool http2, bool stream) {
  if (!http2) {
    const Answer answer = f.ask(RelayFixture::post(RelayFixture::body(stream)));
    return {answer.status, answer.body};
  }
  auto client = h2_connect(f);
  const Answer answer = ended(f, *client, client->post(RelayFixture::body(stream))).answer;
  return {answer.status, answer.body};
}

}  // namespace

TEST_CASE("a provider that throws before it has asked costs one attempt, and the next one answers",
          "[scenario][own]") {
  const std::string where = GENERATE("supports", "speaks", "build", "finish");
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  INFO(where << " throws " << kind << (http2 ? " on HTTP/2" : " on HTTP/1.1"));
  Stage f(where, kind);
  f.start();
  const Got got = ask(f, http2, true);
  CHECK(got.status == 200);
  CHECK(got.text.find("message_stop") != std::string::npos);
  CHECK(f.house().requests().empty());
  CHECK(f.sound().requests().size() == 1);
  const bool was_tried = where == "build" || where == "finish";
  CHECK(tries(f.finished()) == (was_tried ? "house:failed sound:success" : "sound:success"));
  CHECK(f.notes_of_throws() == 1);
  CHECK((observed(f.observer).find(thrown_words) != std::string::npos) == (kind == "exception"));
}

TEST_CASE("of a lone provider that throws the client is told which one, and not what",
          "[scenario][own]") {
  const std::string where = GENERATE("build", "finish");
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  Stage f(where, kind, true);
  f.start();
  for (std::size_t i = 1; i <= 2; ++i) {  // and the relay goes on
    const Got got = ask(f, http2, false);
    CHECK(got.status == 502);
    CHECK(got.text.find("provider \\\"house\\\": " + where +
                        "() of type \\\"house\\\" threw an "
                        "exception") != std::string::npos);
    CHECK(got.text.find(thrown_words) == std::string::npos);
    CHECK(f.notes_of_throws() == i);
  }
  CHECK(f.house().requests().empty());
}

TEST_CASE("an answer whose decoder throws is broken, and before its first byte another is asked",
          "[scenario][own]") {
  const std::string where = GENERATE("decoder", "feed");
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  const bool stream = GENERATE(false, true);
  INFO(where << " throws " << kind << (http2 ? " on HTTP/2" : " on HTTP/1.1")
             << (stream ? ", a stream" : ""));
  Stage f(where, kind);
  f.start();
  const Got got = ask(f, http2, stream);
  CHECK(got.status == 200);
  CHECK(got.text.find(stream ? "message_stop" : "end_turn") != std::string::npos);
  CHECK(f.house().requests().size() == 1);
  CHECK(f.sound().requests().size() == 1);
  CHECK(f.notes_of_throws() == 1);
}

TEST_CASE("a stream whose decoder throws when the client has some of it ends with an error event",
          "[scenario][own]") {
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  Stage f("late feed", kind);
  f.house().enqueue(stream_held_at(4));
  f.start();
  auto h1 = http2 ? nullptr : f.connect();
  auto h2 = http2 ? h2_connect(f) : nullptr;
  const auto client_has = [&](std::string_view text) {
    if (h1) return h1->received().find(text) != std::string::npos;
    h2->read();
    return h2->stream(1).answer.body.find(text) != std::string::npos;
  };
  if (h1) h1->send(RelayFixture::post(RelayFixture::body(true)));
  if (h2) h2->post(RelayFixture::body(true));
  f.until([&] { return f.house().requests().size() == 1; });
  f.until([&] { return client_has("content_block_delta"); });
  f.house().release();
  f.until([&] { return client_has("event: error"); });
  CHECK_FALSE(client_has("message_stop"));
  CHECK_FALSE(client_has(thrown_words));
  CHECK(f.sound().requests().empty());
  CHECK(f.finished().ending == Ending::broken);
  CHECK(f.notes_of_throws() == 1);
}

TEST_CASE("a decoder that throws at the end of a whole stream takes nothing from it",
          "[scenario][own]") {
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  Stage f("end", kind);
  f.start();
  const Got got = ask(f, http2, true);
  CHECK(got.status == 200);
  CHECK(got.text.find("message_stop") != std::string::npos);
  CHECK(f.sound().requests().empty());
  CHECK(f.notes_of_throws() == 1);
}

TEST_CASE("what a provider throws about an error answer leaves the client the status",
          "[scenario][own]") {
  const std::string where = GENERATE("error_about", "translate_error", "refused_in");
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  const bool http2 = GENERATE(false, true);
  INFO(where << " throws " << kind);
  Stage f(where, kind, true);
  f.translates = where != "error_about";
  f.house().enqueue(Script::error(400, "invalid_request_error", "no such thing"));
  f.house().enqueue(Script::error(500, "api_error", "down"));
  f.start();
  const Got refused = ask(f, http2, false);
  CHECK(refused.status == 400);
  CHECK(refused.text.find("\"type\":\"error\"") != std::string::npos);
  CHECK(refused.text.find("half") == std::string::npos);
  CHECK(ask(f, http2, false).status == 500);
  CHECK(f.house().requests().size() == 2);
  CHECK(f.notes_of_throws() >= 1);
}

TEST_CASE("a type that throws while it is made or asked what it is, is an error of the start",
          "[scenario][own]") {
  const std::string where =
      GENERATE("factory", "owner", "base_url", "default_models", "cloud", "needs_credential",
               "takes_client_credential", "translates_errors");
  const std::string kind = GENERATE("exception", "int", "bad_alloc");
  INFO(where << " throws " << kind);
  Stage f(where, kind);
  if (where == "factory") {
    f.options.provider_types["house"] =
        [kind](const ProviderConfig&) -> Result<std::unique_ptr<Provider>> {
      throw_one(kind);
      return Error{};
    };
  }
  f.options.clock = &f.harness.clock();
  f.config.server.listen = "127.0.0.1:0";
  const auto started = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE_FALSE(started);
  const std::string what = kind == "exception"   ? "std::runtime_error: canary-of-an-exception"
                           : kind == "bad_alloc" ? "std::bad_alloc"
                                                 : "int";
  CHECK(started.error().message == "provider \"house\": type \"house\" threw " + what);
}

TEST_CASE("a reload to a type that throws changes nothing", "[scenario][own]") {
  Stage f("nowhere", "int");
  bool throws = false;
  f.options.provider_types["house"] = [&](const ProviderConfig& entry) {
    if (throws) throw 42;
    return Result<std::unique_ptr<Provider>>(
        std::make_unique<Thrower>(entry.base_url, "nowhere", "int"));
  };
  f.start();
  throws = true;
  const auto reloaded = f.relay->reload(f.config);
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().message == "provider \"house\": type \"house\" threw int");
  CHECK(ask(f, false, false).status == 200);
  CHECK(f.house().requests().size() == 1);
}

TEST_CASE("types that make nothing, or have no address, are errors of the start, all at once",
          "[scenario][own]") {
  RelayFixture f;
  f.options.provider_types["nothing"] = ProviderFactory();
  f.options.provider_types["null"] = [](const ProviderConfig&) {
    return Result<std::unique_ptr<Provider>>(std::unique_ptr<Provider>());
  };
  f.options.provider_types["lost"] = [](const ProviderConfig& entry) {
    return Result<std::unique_ptr<Provider>>(
        std::make_unique<Thrower>(entry.base_url, "nowhere", "int"));
  };
  for (const char* type : {"nothing", "null", "lost"}) {
    f.config.providers.emplace_back().name = type;
    f.config.providers.back().type = type;
  }
  f.config.server.listen = "127.0.0.1:0";
  const auto started = Relay::attach(f.harness.loop(), f.config, f.options);
  REQUIRE_FALSE(started);
  CHECK(started.error().message ==
        "provider \"nothing\": type \"nothing\" has nothing that makes one\n"
        "provider \"null\": type \"null\" has made none\n"
        "providers.lost.base_url: type \"lost\" has an address that is none; write http:// or "
        "https://, a host, and a path if need be");
}

TEST_CASE("a request that can't be sent is an error of the attempt", "[scenario][own]") {
  struct Wrong final : Provider {
    Wrong(std::string url, std::string what) : url_(std::move(url)), what_(std::move(what)) {}
    std::string_view owner() const override { return "house"; }
    std::string_view base_url() const override { return url_; }
    bool supports(Operation) const override { return true; }
    Result<OutboundRequest> build(const ProviderRequest& request,
                                  const Credential&) const override {
      OutboundRequest out;
      out.url = url_ + request.head.target;
      if (what_ == "host") out.url = "http://elsewhere.example/v1/messages";
      if (what_ == "port") out.url = url_ + "1/v1/messages";
      if (what_ == "line") out.url += "\r\nx: y";
      if (what_ == "method") out.method = "POST /x";
      if (what_ == "splices") out.splices = {{1u << 20, 4, "x"}};
      if (what_ == "length") out.splices = {{2, std::string::npos, "x"}};
      if (what_ == "order") out.splices = {{4, 2, "x"}, {2, 1, "y"}};
      return out;
    }
    std::string url_, what_;
  };
  const std::string what = GENERATE("host", "port", "line", "method", "splices", "length", "order");
  INFO(what);
  Stage f("nowhere", "int");
  f.options.provider_types["house"] = [what](const ProviderConfig& entry) {
    return Result<std::unique_ptr<Provider>>(std::make_unique<Wrong>(entry.base_url, what));
  };
  f.start();
  CHECK(ask(f, false, false).status == 200);
  CHECK(f.house().requests().empty());
  CHECK(tries(f.finished()) == "house:failed sound:success");
  CHECK(f.finished().attempts[0].detail.find("build() of type \"house\" gave ") == 0);
}

TEST_CASE(
    "a provider of a program's own gets its settings from a file, and the mapped model goes "
    "out",
    "[scenario][own]") {
  RelayFixture f;
  FakeProvider& house = f.add_provider("house");
  struct House final : Provider {
    explicit House(const ProviderConfig& entry)
        : url_(entry.base_url), team_(entry.settings.text("team").value_or("")) {}
    std::string_view owner() const override { return "house"; }
    std::string_view base_url() const override { return url_; }
    bool supports(Operation) const override { return true; }
    Result<OutboundRequest> build(const ProviderRequest& request,
                                  const Credential&) const override {
      OutboundRequest out;
      out.url = url_ + request.head.target;
      out.headers.add("x-team", team_);
      out.splices = mapped_model(request);
      return out;
    }
    std::string url_, team_;
  };
  f.options.provider_types["house"] = {
      [](const ProviderConfig& entry) -> Result<std::unique_ptr<Provider>> {
        if (entry.settings.text("team") == "red") {
          return mistake_in(entry, "team", "\"red\" has left the house");
        }
        return std::unique_ptr<Provider>(std::make_unique<House>(entry));
      },
      {{"team", SettingRule::Kind::text, true}}};
  const auto text = [&](const std::string& team) {
    return "[[providers]]\nname = \"house\"\ntype = \"house\"\nbase_url = \"" + house.url() +
           "\"\nteam = \"" + team +
           "\"\nmodel_mapping = { claude-test = \"house-\\\"1\\\"\" }\n"
           "[[providers.keys]]\nkey = \"k\"\n[server]\nlisten = \"127.0.0.1:0\"\n";
  };
  const auto load = [&](const std::string& team) {
    auto config = parse_config(text(team), "relay.toml", {f.options.provider_types, {}, {}});
    REQUIRE(config);
    return *std::move(config);
  };
  f.config = load("blue");
  f.start();
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false))).status == 200);
  CHECK(house.requests().at(0).head.headers.get("x-team") == "blue");
  CHECK(house.requests().at(0).body.find(R"("model":"house-\"1\"")") != std::string::npos);
  // A reload takes them anew, or says where the mistake is and changes nothing.
  CHECK(f.relay->reload(load("green")));
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false))).status == 200);
  CHECK(house.requests().at(1).head.headers.get("x-team") == "green");
  const auto refused = f.relay->reload(load("red"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "relay.toml:5:8: providers.house.team: \"red\" has left the house");
  CHECK(f.ask(RelayFixture::post(RelayFixture::body(false))).status == 200);
  CHECK(house.requests().at(2).head.headers.get("x-team") == "green");
}
