#include <string>

#include "catch.hpp"
#include "config/documentation.hpp"
#include "config/fields.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using management::Role;
using test::said_about;
using test::variables;

namespace {

const std::string token = "canary-0123456789";
const std::string one_token =
    "[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"" + token + "\"\n";  // 3 lines
const std::string tls = "[manage.tls]\ncert_file = \"/c.pem\"\nkey_file = \"/k.pem\"\n";

}  // namespace

TEST_CASE("every setting of [manage] arrives", "[config][manage]") {
  const auto config = parse_config(R"(
[manage]
socket = "/run/x/relay.sock"
listen = "127.0.0.1:9091"
allowed_hosts = ["relay.example"]
recent_requests = 0
log_lines = 5
trace = true
max_subscribers = 3
allow_public_without_tls = true
[manage.auth]
users = ["ana", "1001"]
[[manage.auth.tokens]]
name = "grafana"
token = "${TOKEN}"
role = "viewer"
[[manage.auth.tokens]]
name = "ana"
token = "${TOKEN}-2"
[manage.tls]
cert_file = "/c.pem"
key_file = "/k.pem"
client_auth = "optional"
client_ca_file = "/ca.pem"
min_version = "1.3"
handshake_timeout_ms = 7
client_role = "viewer"
)",
                                   "c.toml", variables({{"TOKEN", token}}));
  if (!config) FAIL(config.error().message);
  const ManageConfig& manage = config->manage;
  CHECK(manage.socket == "/run/x/relay.sock");
  CHECK(manage.listen == "127.0.0.1:9091");
  CHECK(manage.allowed_hosts == std::vector<std::string>{"relay.example"});
  CHECK(manage.recent_requests == 0);
  CHECK(manage.log_lines == 5);
  CHECK(manage.trace);
  CHECK(manage.max_subscribers == 3);
  CHECK(manage.allow_public_without_tls);
  CHECK(manage.users == std::vector<std::string>{"ana", "1001"});
  REQUIRE(manage.tokens.size() == 2);
  CHECK(manage.tokens[0].name == "grafana");
  CHECK(manage.tokens[0].token.reveal() == token);
  CHECK(manage.tokens[0].role == Role::viewer);
  CHECK(manage.tokens[1].role == Role::operator_);
  CHECK(manage.tls.cert_file == "/c.pem");
  CHECK(manage.tls.client_auth == ClientAuth::optional);
  CHECK(manage.tls.client_ca_file == "/ca.pem");
  CHECK(manage.tls.min_version == "1.3");
  CHECK(manage.tls.handshake_timeout == milliseconds(7));
  CHECK(manage.client_role == Role::viewer);
}

TEST_CASE("the management is nowhere unless somebody says where", "[config][manage]") {
  const Config config;
  CHECK_FALSE(config.manage.socket.has_value());
  CHECK(config.manage.listen.empty());
  CHECK(config.manage.recent_requests == 200);
  CHECK(config.manage.log_lines == 1000);
  CHECK(config.manage.max_subscribers == 16);
  const auto parsed = parse_config("", "c.toml", variables());
  REQUIRE(parsed);
  CHECK_FALSE(parsed->manage.socket.has_value());
  const auto none = parse_config("[manage]\nsocket = \"\"", "c.toml", variables());
  REQUIRE(none);
  CHECK(none->manage.socket == "");
}

TEST_CASE("[manage] is shown whole, its tokens masked", "[config][manage]") {
  const auto config =
      parse_config(one_token + "[manage]\nsocket = \"auto\"\n", "c.toml", variables());
  if (!config) FAIL(config.error().message);
  const std::string shown = show_config(*config);
  CHECK(shown.find("canary") == std::string::npos);
  CHECK(shown.find("[manage]\nsocket = \"auto\"\nlisten = \"\"\nallowed_hosts = []\n") !=
        std::string::npos);
  CHECK(shown.find("[manage.auth]\nusers = []\n") != std::string::npos);
  CHECK(shown.find("handshake_timeout_ms = 10000\nclient_role = \"operator\"\n") !=
        std::string::npos);
  CHECK(
      shown.find("[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"***\"\nrole = \"operator\"\n") !=
      std::string::npos);
}

TEST_CASE("a token of the management has a name and can't be guessed", "[config][manage]") {
  CHECK(said_about(one_token) == "ok");
  CHECK(said_about("[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"canary-15-chars\"") ==
        "c.toml:3:9: manage.auth.tokens[0].token has fewer than 16 characters and could be "
        "guessed; write a longer one");
  CHECK(said_about("[[manage.auth.tokens]]\nname = \"a\"")
            .find("manage.auth.tokens[0].token is missing; write token = \"${VARIABLE}\"") !=
        std::string::npos);
  CHECK(said_about("[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"canary 0123456789\"")
            .find("manage.auth.tokens[0].token contains a blank or control character") !=
        std::string::npos);
  CHECK(said_about("[[manage.auth.tokens]]\ntoken = \"" + token + "\"")
            .find("manage.auth.tokens[0].name is missing") != std::string::npos);
  CHECK(
      said_about(one_token + "[[manage.auth.tokens]]\nname = \"a\"\ntoken = \"" + token + "2\"") ==
      "c.toml:5:8: manage.auth.tokens[1].name \"a\" is already used by manage.auth.tokens[0]; "
      "each token needs a name of its own");
  CHECK(said_about(one_token + "role = \"admin\"") ==
        "c.toml:4:8: manage.auth.tokens[0].role \"admin\" is unknown; one of: viewer, operator");
}

TEST_CASE("what opens the relay to clients does not open its management", "[config][manage]") {
  const std::string provider = "[[providers]]\nname = \"p\"\ntype = \"ollama\"\n";
  const auto clash = [&](const std::string& other, const std::string& owner) {
    const std::string said = said_about(provider + other + one_token);
    INFO(said);
    CHECK(said.find("canary") == std::string::npos);
    CHECK(said.find("manage.auth.tokens[0].token is the same secret as that of " + owner +
                    "; what opens one must not open the other") != std::string::npos);
  };
  clash("[server.auth]\napi_key = \"" + token + "\"\n", "server.auth.api_key");
  clash("[server.auth]\nbearer_secret = \"" + token + "\"\n", "server.auth.bearer_secret");
  clash("[metrics]\nbearer_secret = \"" + token + "\"\n", "metrics.bearer_secret");
  clash("[[server.auth.clients]]\nname = \"ana\"\nkey = \"" + token + "\"\n",
        "server.auth.clients[0]");
  const std::string said =
      said_about(one_token + "[[manage.auth.tokens]]\nname = \"b\"\ntoken = \"" + token + "\"");
  CHECK(said.find("manage.auth.tokens[1].token is the same secret as that of "
                  "manage.auth.tokens[0]") != std::string::npos);
}

TEST_CASE("a public address of the management needs somebody who may, and TLS",
          "[config][manage]") {
  const std::string anywhere = "[manage]\nlisten = \":9091\"\n";
  const std::string nobody =
      "manage.listen \":9091\" can be reached from other machines, and nothing says who may manage "
      "the relay; write [[manage.auth.tokens]]";
  const std::string clear =
      "manage.listen \":9091\" can be reached from other machines, and tokens would be sent to it "
      "in the clear; set manage.tls.cert_file";
  const auto says = [](const std::string& text, const std::string& words) {
    return said_about(text).find(words) != std::string::npos;
  };
  CHECK(says(anywhere, "c.toml:2:10: " + nobody));
  CHECK(says(anywhere, clear));
  CHECK(says(anywhere + one_token, clear));
  CHECK_FALSE(says(anywhere + one_token, nobody));
  CHECK(says(anywhere + tls, nobody));
  CHECK(said_about(anywhere + one_token + tls) == "ok");
  CHECK(said_about(anywhere + tls + "client_auth = \"required\"\nclient_ca_file = \"/ca\"") ==
        "ok");
  CHECK(said_about(anywhere + "allow_public_without_tls = true\n" + one_token) == "ok");
  CHECK(says(anywhere + "allow_public_without_tls = true\n", nobody));
  for (const char* here : {"127.0.0.1:0", "[::1]:9091", "localhost:9091", "127.3.2.1:9091"}) {
    CHECK(said_about("[manage]\nlisten = \"" + std::string(here) + "\"") == "ok");
  }
  CHECK(says("[manage]\nlisten = \"10.0.0.1:9091\"", "can be reached from other machines"));
}

TEST_CASE("a mistake in [manage] is said with its place", "[config][manage]") {
  const auto of = [](const std::string& line) { return said_about("[manage]\n" + line); };
  CHECK(of("listen = \"9091\"") ==
        "c.toml:2:10: manage.listen \"9091\" is not an address to listen on; write host:port, "
        "[v6]:port or :port, with a port from 0 to 65535, or a Unix socket's path as "
        "manage.socket");
  CHECK(of("listen = \"unix:/x\"").find("is not an address to listen on") != std::string::npos);
  CHECK(of("socket = \"relay.sock\"") ==
        "c.toml:2:10: manage.socket \"relay.sock\" is no path of a socket; write \"auto\", an "
        "absolute path, or \"\" for none");
  CHECK(of("allowed_hosts = [\"http://a\"]") ==
        "c.toml:2:18: manage.allowed_hosts[0] \"http://a\" is no host name; write it without "
        "scheme and port");
  CHECK(of("recent_requests = 10001") ==
        "c.toml:2:19: manage.recent_requests 10001 is out of range; allowed: 0 to 10000");
  CHECK(of("log_lines = -1") ==
        "c.toml:2:13: manage.log_lines -1 is out of range; allowed: 0 to 10000");
  CHECK(said_about("[manage.auth]\nusers = [\"\"]") ==
        "c.toml:2:10: manage.auth.users[0] \"\" is no user; write a name or a number");
  CHECK(said_about("[manage.tls]\ncert_file = \"/c\"")
            .find("manage.tls.key_file is missing; TLS needs a certificate and its key") !=
        std::string::npos);
  CHECK(said_about(tls + "client_role = \"root\"") ==
        "c.toml:4:15: manage.tls.client_role \"root\" is unknown; one of: viewer, operator");
}

TEST_CASE("the files of [manage.tls] lie beside the configuration", "[config][manage]") {
  const test::ScratchDirectory folder;
  const auto file =
      folder.write("c.toml", "[manage.tls]\ncert_file = \"c.pem\"\nkey_file = \"/k.pem\"\n");
  const auto config = load_config(file, variables());
  if (!config) FAIL(config.error().message);
  CHECK(config->manage.tls.cert_file == folder.path() + "/c.pem");
  CHECK(config->manage.tls.key_file == "/k.pem");
}

TEST_CASE("the manual has a row for every number of [manage]", "[config][manage]") {
  const std::string manual = test::text_of("docs/configuration.md");
  for (const auto& field : config::number_fields()) {
    if (field.section == "manage") CHECK(test::begins_a_row(manual, std::string(field.key)));
  }
}
