#include <ccrelay/config_load.hpp>
#include <ccrelay/manage.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "scenario/managed_reply.hpp"
#include "scenario/relay_fixture.hpp"
#include "scenario/tries.hpp"

using namespace ccrelay;
using namespace ccrelay::testing;
using management::Code;
using Change = management::ConfigChange;
using management::Severity;
using management::Validation;

// What the management says of configurations, and what becomes of reading one again.

namespace {

struct Configured : RelayFixture {
  Configured() {
    add_provider("one");
    config.source = path();
    write(text());
    options.reload = [this] { return read_config_file(path(), {}); };
  }
  std::string path() const { return scratch.path() + "/relay.toml"; }
  void write(const std::string& text) { scratch.write("relay.toml", text); }
  // What is in force, but for `timeout_ms`.
  std::string text(int timeout_ms = 1000) const {
    return "[server]\nlisten = \"127.0.0.1:0\"\nwatch_config = false\ntimeout_ms = " +
           std::to_string(timeout_ms) + "\n[[providers]]\nname = \"one\"\n" +
           "type = \"anthropic\"\nbase_url = \"" + providers[0]->url() +
           "\"\n[[providers.keys]]\nkey = \"sk-test-one\"\n";
  }
  management::Reply<Validation> validate(const std::string& toml) {
    return reply_of<Validation>(
        [&](auto done) { relay->manager().validate_config(toml, std::move(done)); });
  }
  // Runs on the loop that this test turns.
  management::Reply<management::ReloadReport> reload() {
    std::optional<management::Reply<management::ReloadReport>> reply;
    relay->manager().reload({"uid:1", {}, {}, false}, [&](const auto& said) { reply = said; });
    until([&] {
      harness.advance(std::chrono::milliseconds(100));
      return reply.has_value();
    });
    return *reply;
  }
  test::ScratchDirectory scratch;
};

const Change* find(const std::vector<Change>& all, const std::string& path) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.path == path; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("a text is checked, and what it would change is told", "[scenario][manage]") {
  Configured f;
  f.start();
  const auto good = f.validate(f.text(4321));
  REQUIRE(good);
  CHECK(good->valid);
  const Change* timeout = find(good->changes, "server.timeout_ms");
  REQUIRE(timeout);
  CHECK(timeout->new_value == "4321");
  CHECK_FALSE(timeout->needs_restart);

  const auto bad = f.validate("[server]\nlisten = 7\ntimeout = 1\n");
  REQUIRE(bad);
  CHECK_FALSE(bad->valid);
  CHECK(bad->changes.empty());
  REQUIRE(bad->diagnostics.size() >= 2);
  CHECK(bad->diagnostics[0].severity == Severity::error);
  CHECK(bad->diagnostics[0].file.empty());
  CHECK(bad->diagnostics[0].line == 2);
  CHECK(bad->diagnostics[0].column > 0);
  CHECK(bad->diagnostics[0].path == "server.listen");
  CHECK(f.relay->manager().info().config_generation == 1);
}

TEST_CASE("a text that is checked reads no variable and no file for its author",
          "[scenario][manage]") {
  Configured f;
  int asked = 0;
  f.options.environment = [&asked](std::string_view name) -> std::optional<std::string> {
    if (name == "CANARY") ++asked;
    return name == "CANARY" ? std::optional<std::string>("secret-canary") : std::nullopt;
  };
  const std::string secret = f.scratch.write("secret", "file-canary");
  f.start();
  const auto checked = f.validate(
      "[[providers]]\nname = \"one\"\ntype = \"anthropic\"\nbase_url = \"" + f.providers[0]->url() +
      "\"\n[[providers.keys]]\nkey = \"${CANARY}\"\n[[providers.keys]]\nkey = \"${file:" + secret +
      "}\"\n[server]\nunix_owner = \"${NOT_SET_ANYWHERE}\"\nlisten = \"127.0.0.1:0\"\n");
  REQUIRE(checked);
  for (const auto& one : checked->diagnostics) {
    INFO(one.message);
    CHECK(one.severity == Severity::warning);
    CHECK_FALSE(has(one.message, "canary"));
  }
  CHECK(checked->valid);
  CHECK_FALSE(find(checked->changes, "providers.one.keys"));
  CHECK_FALSE(find(checked->changes, "server.unix_owner"));
  CHECK(asked == 0);
  const auto wrong = f.validate("[server]\nlisten = \"${}\"\n");
  REQUIRE(wrong);
  CHECK_FALSE(wrong->valid);
  CHECK(f.validate(std::string((1 << 20) + 1, '#')).refusal().code == Code::resource_exhausted);
}

TEST_CASE("the file is checked as a reload would read it", "[scenario][manage]") {
  Configured f;
  f.start();
  f.write(f.text(4321));
  const auto good = f.validate("");
  REQUIRE(good);
  CHECK(good->valid);
  CHECK(find(good->changes, "server.timeout_ms"));
  f.write("[server]\nlisten = 7\n");
  const auto bad = f.validate("");
  REQUIRE(bad);
  CHECK_FALSE(bad->valid);
  REQUIRE_FALSE(bad->diagnostics.empty());
  CHECK(bad->diagnostics[0].file == f.path());
  f.options.reload = nullptr;
  RelayFixture without;
  without.add_provider("one");
  without.start();
  const auto reply = reply_of<Validation>(
      [&](auto done) { without.relay->manager().validate_config("", std::move(done)); });
  CHECK(reply.refusal().code == Code::failed_precondition);
}

TEST_CASE("a reload tells both values of what has changed, and each mistake with its place",
          "[scenario][manage]") {
  Configured f;
  f.config = *read_config_file(f.path(), {}).config;
  f.start();
  f.write(f.text(4321));
  const auto taken = f.reload();
  REQUIRE(taken);
  CHECK(taken->generation == 2);
  REQUIRE(taken->changes.size() == 1);
  CHECK(taken->changes[0].path == "server.timeout_ms");
  CHECK(taken->changes[0].old_value == "1000");
  CHECK(taken->changes[0].new_value == "4321");
  CHECK(taken->changes[0].words == "1000 → 4321");
  const auto unchanged = f.reload();
  REQUIRE(unchanged);
  CHECK(unchanged->generation == 2);
  CHECK(unchanged->changes.empty());
  f.write("[server]\nlisten = 7\n");
  const auto refused = f.reload();
  REQUIRE_FALSE(refused);
  CHECK(refused.refusal().code == Code::failed_precondition);
  REQUIRE_FALSE(refused.refusal().diagnostics.empty());
  CHECK(refused.refusal().diagnostics[0].line == 2);
  CHECK(refused.refusal().diagnostics[0].file == f.path());
}

TEST_CASE("a reload beside another one is aborted", "[scenario][manage]") {
  Configured f;
  f.start();
  std::optional<Code> first, second;
  const auto ask = [&](std::optional<Code>& into) {
    f.relay->manager().reload(
        {}, [&into](const auto& said) { into = said ? Code::unavailable : said.refusal().code; });
  };
  ask(first);
  ask(second);
  CHECK(second == Code::aborted);
  f.until([&] {
    f.harness.advance(std::chrono::milliseconds(100));
    return first.has_value();
  });
  CHECK(first == Code::unavailable);  // it was taken
}
