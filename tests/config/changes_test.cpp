#include <ccrelay/config_load.hpp>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/clouds.hpp"
#include "config/fields.hpp"
#include "support/paths.hpp"

using namespace ccrelay;

namespace {

using Names = std::set<std::string>;

ProviderConfig provider(const std::string& name) {
  ProviderConfig made;
  made.name = name;
  made.type = "anthropic";
  made.keys.emplace_back().key = Secret("canary-key");
  return made;
}

Config with(std::vector<ProviderConfig> providers) {
  Config config;
  config.providers = std::move(providers);
  return config;
}

// In words: `server.listen!` for one that needs a restart.
std::string said(const std::vector<ConfigChange>& all) {
  std::string text;
  for (const ConfigChange& change : all) {
    text += (text.empty() ? "" : " ") + change.key + (change.needs_restart ? "!" : "");
  }
  return text;
}

// What is said when one setting of the defaults is changed.
template <class Change>
std::string said_after(Change change) {
  Config config;
  change(config);
  return said(changes(Config{}, config));
}

template <class Change>
std::string said_of_provider(Change change) {
  ProviderConfig changed = provider("a");
  change(changed);
  return said(changes(with({provider("a")}), with({changed})));
}

// Every setting of the file is another one than in the defaults.
Config all_different() {
  Config config;
  for (const auto& field : config::number_fields()) {
    field.set(config, field.get(config) == field.max ? field.min : field.max);
  }
  for (const auto& field : config::flag_fields()) field.set(config, !field.get(config));
  config.server.listen = "127.0.0.1:1";
  config.server.unix_mode = "0660";
  config.server.unix_owner = "a";
  config.server.trusted_proxies = {"unix"};
  config.server.hosts = {"a"};
  config.server.tls = {"cert", "key", "ca", ClientAuth::required, "1.3", milliseconds(1)};
  config.server.auth = {Secret("canary-in"), Secret("canary-bearer"), true};
  config.routing.strategy = "round_robin";
  config.routing.affinity = "none";
  config.routing.default_provider = "a";
  config.routing.model_mapping = {{"a", "b"}};
  config.logging.level = Level::debug;
  config.logging.format = LogFormat::json;
  config.logging.output = "file";
  config.pricing.prices_file = "a";
  config.translation.unsupported = "drop";
  config.translation.web_search = "never";
  config.translation.profiles_file = "a";
  config.ledger.path = "a";
  config.ledger.timezone = DayZone::utc;
  config.ledger.required = true;
  config.metrics.bearer_secret = Secret("canary-metrics");
  config.otel.endpoint = "http://a";
  config.otel.headers.emplace_back("a", Secret("canary-header"));
  config.otel.service_name = "a";
  config.otel.sample_ratio = 0;
  config.otel.ca_file = "a";
  config.manage.socket = "/a";
  config.manage.listen = "127.0.0.1:2";
  config.manage.allowed_hosts = {"a"};
  config.manage.users = {"a"};
  config.manage.tls = {"cert", "key", "ca", ClientAuth::required, "1.3", milliseconds(1)};
  config.manage.client_role = management::Role::viewer;
  config.grpc.listen = "127.0.0.1:3";
  return config;
}

// The keys that `config show` prints, without those of providers.
Names shown_keys(const Config& config) {
  Names keys;
  std::istringstream text(show_config(config));
  std::string section;
  for (std::string line; std::getline(text, line);) {
    if (line.rfind("[[", 0) == 0) break;
    if (line.rfind('[', 0) == 0) section = line.substr(1, line.find(']') - 1);
    if (section == "routing.model_mapping" || section == "otel.headers") {
      keys.insert(section);
    } else if (const auto equals = line.find(" = ");
               equals != std::string::npos && line[0] != '#') {
      keys.insert(section + '.' + line.substr(0, equals));
    }
  }
  return keys;
}

// What stands between backticks in the paragraph that begins like this.
Names words_of_paragraph(const std::string& file, const std::string& begin) {
  std::ifstream text(file);
  Names words;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    inside = inside ? !line.empty() : line.rfind(begin, 0) == 0;
    if (!inside) continue;
    for (std::size_t at = line.find('`'); at != std::string::npos; at = line.find('`', at)) {
      const std::size_t end = line.find('`', at + 1);
      REQUIRE(end != std::string::npos);
      words.insert(line.substr(at + 1, end - at - 1));
      at = end + 1;
    }
  }
  return words;
}

}  // namespace

TEST_CASE("a configuration does not differ from itself", "[config]") {
  CHECK(said(changes(Config{}, Config{})).empty());
  CHECK(said(changes(all_different(), all_different())).empty());
  CHECK(said(changes(with({provider("a")}), with({provider("a")}))).empty());
}

TEST_CASE("each number and flag that changed is named alone", "[config]") {
  for (const auto& field : config::number_fields()) {
    CHECK(said_after([&](Config& config) { field.set(config, field.max); }) ==
          std::string(field.section) + '.' + std::string(field.key) + (field.restart ? "!" : ""));
  }
  for (const auto& field : config::flag_fields()) {
    CHECK(said_after([&](Config& config) { field.set(config, !field.get(config)); }) ==
          std::string(field.section) + '.' + std::string(field.key) + (field.restart ? "!" : ""));
  }
}

TEST_CASE("every setting that is shown is compared", "[config]") {
  const Config other = all_different();
  Names named;
  for (const ConfigChange& change : changes(Config{}, other)) named.insert(change.key);
  CHECK(named == shown_keys(other));
}

TEST_CASE("changes are told in the order of the file", "[config]") {
  CHECK(said_after([](Config& config) {
          config.logging.output = "x";
          config.stream.keepalive = milliseconds(1);
          config.server.workers = 2;
          config.server.listen = ":1";
        }) == "server.listen! server.workers! stream.keepalive_ms logging.output!");
}

TEST_CASE("TLS on or off needs a restart, another certificate does not", "[config]") {
  Config on;
  on.server.tls.cert_file = "a";
  Config renewed = on;
  renewed.server.tls.cert_file = "b";
  CHECK(said(changes(Config{}, on)) == "server.tls.cert_file!");
  CHECK(said(changes(on, Config{})) == "server.tls.cert_file!");
  CHECK(said(changes(on, renewed)) == "server.tls.cert_file");
}

TEST_CASE("TLS of the management on or off needs a restart, its tokens do not", "[config]") {
  Config on;
  on.manage.tls.cert_file = "a";
  Config renewed = on;
  renewed.manage.tls.cert_file = "b";
  CHECK(said(changes(Config{}, on)) == "manage.tls.cert_file!");
  CHECK(said(changes(on, renewed)) == "manage.tls.cert_file");
  Config told;
  told.manage.tokens.push_back({"a", Secret("canary-token"), management::Role::viewer});
  const auto added = changes(Config{}, told);
  CHECK(said(added) == "manage.auth.tokens");
  CHECK(added.at(0).words == "+1 -0");
  Config other = told;
  other.manage.tokens[0].role = management::Role::operator_;
  CHECK(changes(told, other).at(0).words == "other names, roles or order");
}

TEST_CASE("a provider that comes, goes or moves is named", "[config]") {
  const Config both = with({provider("a"), provider("b")});
  CHECK(said(changes(with({provider("a")}), both)) == "providers.b");
  CHECK(said(changes(both, with({provider("b")}))) == "providers.a");
  CHECK(said(changes(both, with({provider("b"), provider("a")}))) == "providers");
  CHECK(said(changes(both, with({provider("a"), provider("c")}))) == "providers.b providers.c");
}

TEST_CASE("each setting of a provider that changed is named alone", "[config]") {
  using P = ProviderConfig;
  CHECK(said_of_provider([](P& p) { p.type = "zai"; }) == "providers.a.type");
  CHECK(said_of_provider([](P& p) { p.enabled = false; }) == "providers.a.enabled");
  CHECK(said_of_provider([](P& p) { p.base_url = "x"; }) == "providers.a.base_url");
  CHECK(said_of_provider([](P& p) { p.models = {"m"}; }) == "providers.a.models");
  CHECK(said_of_provider([](P& p) {
          p.model_mapping = {{"m", "n"}};
        }) == "providers.a.model_mapping");
  CHECK(said_of_provider([](P& p) { p.pool_strategy = PoolStrategy::random; }) ==
        "providers.a.pooling.strategy");
  CHECK(said_of_provider([](P& p) { p.max_in_flight = 1; }) == "providers.a.max_in_flight");
  CHECK(said_of_provider([](P& p) { p.price_factor = 0; }) == "providers.a.price_factor");
  CHECK(said_of_provider([](P& p) { p.weight = 1; }) == "providers.a.weight");
  CHECK(said_of_provider([](P& p) { p.priority = 1; }) == "providers.a.priority");
  CHECK(said_of_provider([](P& p) { p.priority = 0; }) == "providers.a.priority");
  CHECK(said_of_provider([](P& p) { p.credentials = Credentials::passthrough; }) ==
        "providers.a.credentials");
  CHECK(said_of_provider([](P& p) { p.headers.emplace_back("x", Secret("canary")); }) ==
        "providers.a.headers");
  CHECK(said_of_provider([](P& p) { p.proxy = "none"; }) == "providers.a.proxy");
  CHECK(said_of_provider([](P& p) { p.ca_file = "x"; }) == "providers.a.ca_file");
  CHECK(said_of_provider([](P& p) { p.connect_timeout = milliseconds(1); }) ==
        "providers.a.connect_ms");
  CHECK(said_of_provider([](P& p) { p.first_byte_timeout = milliseconds(1); }) ==
        "providers.a.first_byte_ms");
  CHECK(said_of_provider([](P& p) { p.stream_idle_timeout = milliseconds(1); }) ==
        "providers.a.stream_idle_ms");
  CHECK(said_of_provider([](P& p) { p.errors.emplace_back().code = "x"; }) == "providers.a.errors");
  CHECK(said_of_provider([](P& p) { p.unsupported.emplace_back().betas = {"x"}; }) ==
        "providers.a.unsupported");
  for (const auto& field : config::cloud_fields()) {
    CHECK(said_of_provider([&field](P& p) {
            if (field.text) {
              p.*field.text = "canary";
            } else {
              p.*field.secret = Secret("canary");
            }
          }) == "providers.a." + std::string(field.key));
  }
}

TEST_CASE("a key of a provider that is another one, or has another limit, is seen", "[config]") {
  using K = KeyConfig;
  const auto said_of_key = [](auto change) {
    return said_of_provider([change](ProviderConfig& p) { change(p.keys.front()); });
  };
  CHECK(said_of_key([](K& key) { key.key = Secret("canary-other"); }) == "providers.a.keys");
  CHECK(said_of_key([](K& key) { key.weight = 2; }) == "providers.a.keys");
  CHECK(said_of_key([](K& key) { key.priority = 2; }) == "providers.a.keys");
  CHECK(said_of_key([](K& key) { key.max_in_flight = 2; }) == "providers.a.keys");
  CHECK(said_of_key([](K& key) { key.name = "team-a"; }) == "providers.a.keys");
  for (const auto& limit : config::limit_fields) {
    CHECK(said_of_key([&limit](K& key) { key.*limit.value = 2; }) == "providers.a.keys");
  }
  CHECK(said_of_provider([](ProviderConfig& p) { p.keys.emplace_back(); }) == "providers.a.keys");
}

TEST_CASE("a client that comes, goes or changes is named, its key never", "[config]") {
  using C = ClientConfig;
  const auto said_of_client = [](auto change) {
    Config before, after;
    before.server.auth.clients.emplace_back().name = "ana";
    after = before;
    change(after.server.auth.clients[0]);
    return said(changes(before, after));
  };
  const std::string ana = "server.auth.clients.ana.";
  CHECK(said_of_client([](C&) {}).empty());
  CHECK(said_of_client([](C& c) { c.name = "bo"; }) ==
        "server.auth.clients.ana server.auth.clients.bo");
  CHECK(said_of_client([](C& c) { c.keys.emplace_back("canary"); }) == ana + "key");
  CHECK(said_of_client([](C& c) { c.key_hashes.emplace_back("canary"); }) == ana + "key_sha256");
  CHECK(said_of_client([](C& c) { c.models = {"m"}; }) == ana + "models");
  CHECK(said_of_client([](C& c) { c.providers = {"p"}; }) == ana + "providers");
  CHECK(said_of_client([](C& c) { c.max_in_flight = 1; }) == ana + "max_in_flight");
  CHECK(said_of_client([](C& c) { c.enabled = false; }) == ana + "enabled");
  CHECK(said_of_client([](C& c) { c.expires = std::chrono::sys_seconds{}; }) == ana + "expires");
  for (const auto& limit : config::client_limit_fields) {
    CHECK(said_of_client([&](C& c) { c.*limit.value = 1; }) == ana + std::string(limit.key));
  }
  for (const auto& budget : config::budget_fields) {
    CHECK(said_of_client([&](C& c) { c.*budget.nano_usd = 0; }) == ana + std::string(budget.key));
  }
}

TEST_CASE("another price is named, in the configuration and in its file", "[config]") {
  PriceRow row;
  row.models = {"m"};
  row.rates[TokenClass::input] = 1;
  CHECK(said_after([&](Config& config) { config.prices = {row}; }) == "prices");
  CHECK(said_after([&](Config& config) { config.pricing.file_prices = {row}; }) ==
        "pricing.prices_file");
  Config old_file, new_file;
  old_file.pricing.prices_file = new_file.pricing.prices_file = "p.toml";
  new_file.pricing.file_prices = {row};
  REQUIRE(changes(old_file, new_file).size() == 1);
  CHECK(changes(old_file, new_file)[0].words == "other prices in p.toml");
  Config before, after;
  before.prices = after.prices = {row};
  CHECK(said(changes(before, after)).empty());
  after.prices[0].checked = 1;
  CHECK(said(changes(before, after)) == "prices");
}

TEST_CASE("what was and what is stands beside a change, and no secret", "[config]") {
  const auto words = [](const Config& before, const Config& after) {
    std::string text;
    for (const ConfigChange& change : changes(before, after)) {
      text += (text.empty() ? "" : "; ") + change.key + ": " + change.words;
    }
    return text;
  };
  Config other;
  other.routing.strategy = "round_robin";
  other.stream.keepalive = milliseconds(7);
  other.server.hosts = {"a", "b"};
  other.server.auth.api_key = Secret("canary-in");
  other.routing.model_mapping = {{"a", "b"}, {"c", "d"}};
  CHECK(words(Config{}, other) ==
        R"(server.hosts: [] → ["a", "b"]; server.auth.api_key: "" → ***; stream.keepalive_ms: )" +
            std::to_string(StreamConfig{}.keepalive.count()) +
            R"( → 7; routing.strategy: failover → round_robin; routing.model_mapping: unset → )"
            R"({"a" = "b", "c" = "d"})");
  Config another = other;
  another.server.auth.api_key = Secret("canary-out");
  CHECK(words(other, another) == "server.auth.api_key: *** → ***");

  ProviderConfig more = provider("a");
  more.keys.emplace_back().key = Secret("canary-second");
  CHECK(words(with({provider("a")}), with({more})) == "providers.a.keys: +1 -0");
  CHECK(words(with({more}), with({provider("a")})) == "providers.a.keys: +0 -1");
  ProviderConfig limited = provider("a");
  limited.keys.front().rpm_limit = 5;
  CHECK(words(with({provider("a")}), with({limited})) ==
        "providers.a.keys: other limits, weights, names or order");
  ProviderConfig moved = provider("a");
  moved.base_url = "http://user:canary-url@host";
  CHECK(words(with({provider("a")}), with({moved})).find("canary") == std::string::npos);
  CHECK(words(with({provider("a")}), with({provider("a"), provider("b")})) == "providers.b: added");
  CHECK(words(with({provider("a"), provider("b")}), with({provider("a")})) ==
        "providers.b: removed");
}

TEST_CASE("proxies of the environment are named by their variables", "[config]") {
  CHECK(said_after([](Config& config) {
          config.proxy = {"http://u:canary@p", "x", "y"};
        }) == "HTTPS_PROXY HTTP_PROXY NO_PROXY");
}

TEST_CASE("the manual lists exactly what needs a restart", "[config]") {
  Names wanted;
  for (const ConfigChange& change : changes(Config{}, all_different())) {
    if (change.needs_restart) wanted.insert(change.key);
  }
  CHECK(wanted.size() > 20);
  CHECK(words_of_paragraph(testing::source_root() + "/docs/configuration.md",
                           "A restart is needed by:") == wanted);
}

TEST_CASE("a change is told with both values as the file would have them, and no secret",
          "[config]") {
  Config before = with({provider("a")});
  Config after = with({provider("a"), provider("b")});
  after.providers[0].keys.emplace_back().key = Secret("canary-other");
  after.server.timeout = std::chrono::milliseconds(4321);
  after.routing.strategy = "round_robin";
  after.server.auth.api_key = Secret("canary-api-key");
  const auto all = changes(before, after);
  const auto find = [&](const std::string& key) {
    for (const ConfigChange& change : all) {
      if (change.key == key) return change;
    }
    return ConfigChange{};
  };
  CHECK(find("server.timeout_ms").new_value == "4321");
  CHECK_FALSE(find("server.timeout_ms").old_value.empty());
  CHECK(find("routing.strategy").old_value == "\"failover\"");
  CHECK(find("routing.strategy").new_value == "\"round_robin\"");
  CHECK(find("server.auth.api_key").old_value == "\"\"");
  CHECK(find("server.auth.api_key").new_value == "\"***\"");
  CHECK(find("providers.a.keys").old_value == "[\"***\"]");
  CHECK(find("providers.a.keys").new_value == "[\"***\", \"***\"]");
  CHECK(find("providers.b").old_value.empty());
  CHECK(find("providers.b").new_value == "{ type = \"anthropic\" }");
  for (const ConfigChange& change : all) {
    CHECK((change.old_value + change.new_value).find("canary") == std::string::npos);
  }
}
