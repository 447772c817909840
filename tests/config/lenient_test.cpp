#include <algorithm>

#include "catch.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::ScratchDirectory;
using test::variables;

namespace {

LenientConfig leniently(const ScratchDirectory& folder, const std::string& text) {
  auto read = load_config_leniently(folder.write("relay.toml", text), variables());
  REQUIRE(read.has_value());
  return *std::move(read);
}

}  // namespace

TEST_CASE("variables that are not set here are no obstacle to a lenient reader", "[config]") {
  const ScratchDirectory folder;
  const LenientConfig read =
      leniently(folder,
                "[server]\nlisten = \"127.0.0.1:4711\"\n[server.auth]\napi_key = \"${KEY}\"\n"
                "bearer_secret = \"s\"\n[[providers]]\nname = \"a\"\ntype = \"anthropic\"\n"
                "[[providers.keys]]\nkey = \"${OTHER}\"\n");
  CHECK(read.config.server.listen == "127.0.0.1:4711");
  CHECK(read.config.server.auth.api_key.empty());
  CHECK(read.config.server.auth.bearer_secret.reveal() == "s");
  CHECK(read.unreadable.count("server.auth.api_key") == 1);
  CHECK(read.unreadable.count("server.listen") == 0);
  // It is known that there is a key, if not which.
  REQUIRE(read.config.providers.size() == 1);
  CHECK(read.config.providers[0].keys.size() == 1);
  CHECK(read.mistakes.find("environment variable KEY is not set") != std::string::npos);
}

TEST_CASE("mistakes elsewhere are no obstacle to a lenient reader", "[config]") {
  const ScratchDirectory folder;
  const LenientConfig read = leniently(
      folder, "[server]\nlisten = \"127.0.0.1:4711\"\n[nonsense]\nx = 1\n[routing]\nrace = -1\n");
  CHECK(read.config.server.listen == "127.0.0.1:4711");
  CHECK(std::count(read.mistakes.begin(), read.mistakes.end(), '\n') == 1);
  CHECK(leniently(folder, "[server]\nworkers = 1\n").mistakes.empty());
}

TEST_CASE("a setting that can't be read is told from one that is not there", "[config]") {
  const ScratchDirectory folder;
  for (const char* listen : {"\"${WHERE}\"", "\"nonsense\"", "4711"}) {
    INFO(listen);
    const auto read = leniently(folder, std::string("[server]\nlisten = ") + listen + "\n");
    CHECK_FALSE(read.mistakes.empty());
  }
  CHECK(leniently(folder, "[server]\nlisten = \"${WHERE}\"\n").unreadable.count("server.listen"));
}

TEST_CASE("of a file that is no TOML the lines before the mistake are read", "[config]") {
  const ScratchDirectory folder;
  const std::string begin = "[server]\nlisten = \"127.0.0.1:4711\"\n";
  for (const char* rest : {"x = \n", "[routing\n", "text = \"\"\"\nnever\nends\n", "= 3\n\n\n"}) {
    INFO(rest);
    const LenientConfig read = leniently(folder, begin + rest);
    CHECK(read.config.server.listen == "127.0.0.1:4711");
    CHECK(read.mistakes.find("not valid TOML") != std::string::npos);
  }
  CHECK(leniently(folder, "nonsense").config.server.listen == ServerConfig{}.listen);
}

TEST_CASE("a file that can't be read is an error for a lenient reader too", "[config]") {
  CHECK_FALSE(load_config_leniently("/no/such.toml", variables()).has_value());
}

TEST_CASE("relative paths of a configuration are relative to its file", "[config]") {
  const ScratchDirectory folder;
  const std::string file =
      folder.write("deep/relay.toml",
                   "[server.tls]\ncert_file = \"a.pem\"\nkey_file = \"../b.pem\"\n"
                   "client_auth = \"required\"\nclient_ca_file = \"/c.pem\"\n"
                   "[logging]\noutput = \"relay.log\"\n"
                   "[[providers]]\nname = \"a\"\ntype = \"anthropic\"\nca_file = \"d.pem\"\n");
  const auto config = load_config(file, variables());
  REQUIRE(config.has_value());
  const std::string deep = folder.path() + "/deep/";
  CHECK(config->server.tls.cert_file == deep + "a.pem");
  CHECK(config->server.tls.key_file == deep + "../b.pem");
  CHECK(config->server.tls.client_ca_file == "/c.pem");
  CHECK(config->logging.output == deep + "relay.log");
  CHECK(config->providers[0].ca_file == deep + "d.pem");
  const auto plain = load_config(folder.write("plain.toml", "[server]\n"), variables());
  CHECK(plain->logging.output == "stdout");
  CHECK(plain->server.tls.cert_file.empty());
}
