#include "manage/settings.hpp"

#include <ccrelay/config_load.hpp>

#include <optional>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
using Told = management::Setting;
using management::SettingOrigin;

namespace {

const Environment no_environment = [](std::string_view) { return std::optional<std::string>(); };

std::vector<Told> settings(const Config& config) {
  return manage::settings_of(config, show_config(config));
}

Told find(const std::vector<Told>& all, const std::string& path) {
  for (const Told& one : all) {
    if (one.path == path) return one;
  }
  FAIL("no setting " << path);
  return {};
}

}  // namespace

TEST_CASE("each setting is told with its value, its line and what a change of it needs") {
  const auto config = parse_config(
      "[server]\n"
      "listen = \"127.0.0.1:9\"\n"
      "timeout_ms = 1234\n"
      "[[providers]]\n"
      "name = \"mine\"\n"
      "type = \"anthropic\"\n"
      "priority = 7\n"
      "[[providers.keys]]\n"
      "key = \"sk-secret-canary-1\"\n"
      "[[providers.keys]]\n"
      "key = \"sk-secret-canary-2\"\n"
      "rpm_limit = 5\n"
      "[providers.model_mapping]\n"
      "\"claude-*\" = \"other\"\n",
      "relay.toml", no_environment);
  REQUIRE(config);
  const auto all = settings(*config);
  const Told listen = find(all, "server.listen");
  CHECK(listen.value == "\"127.0.0.1:9\"");
  CHECK(listen.origin == SettingOrigin::file);
  CHECK(listen.line == 2);
  CHECK(listen.needs_restart);
  const Told timeout = find(all, "server.timeout_ms");
  CHECK(timeout.value == "1234");
  CHECK(timeout.line == 3);
  CHECK_FALSE(timeout.needs_restart);
  const Told affinity = find(all, "routing.affinity");
  CHECK(affinity.origin == SettingOrigin::default_);
  CHECK(affinity.line == 0);
  CHECK(find(all, "providers.mine.priority").line == 7);
  CHECK(find(all, "providers.mine.name").line == 5);
  const Told key = find(all, "providers.mine.keys[1].key");
  CHECK(key.value == "\"***\"");
  CHECK(key.line == 11);
  CHECK(find(all, "providers.mine.keys[1].rpm_limit").line == 12);
  CHECK(find(all, "providers.mine.model_mapping.\"claude-*\"").value == "\"other\"");
  CHECK(find(all, "server.workers").needs_restart);
  for (const Told& one : all) CHECK(one.value.find("canary") == std::string::npos);
}

TEST_CASE("a setting may come from the command line, the environment or the program") {
  LoadOptions options;
  options.environment = [](std::string_view name) {
    return name == "AWS_REGION" ? std::optional<std::string>("eu-west-1") : std::nullopt;
  };
  options.listen = "127.0.0.1:10";
  const auto config =
      parse_config("[[providers]]\nname = \"cloud\"\ntype = \"bedrock\"\n", "relay.toml", options);
  REQUIRE(config);
  CHECK(find(settings(*config), "server.listen").origin == SettingOrigin::command_line);
  CHECK(find(settings(*config), "providers.cloud.aws_region").origin == SettingOrigin::environment);

  Config made;
  made.server.timeout = std::chrono::milliseconds(4321);
  CHECK(find(settings(made), "server.timeout_ms").origin == SettingOrigin::program);
  CHECK(find(settings(made), "server.listen").origin == SettingOrigin::default_);
}
