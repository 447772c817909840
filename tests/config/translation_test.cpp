#include <ccrelay/config_load.hpp>

#include <string>

#include "catch.hpp"
#include "dialect/profiles.hpp"
#include "documentation.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::said_about;

namespace {

std::string provider(const std::string& more, const std::string& type = "openai") {
  return "[[providers]]\nname = \"a\"\ntype = \"" + type + "\"\n" + more +
         "[[providers.keys]]\nkey = \"k\"\n";
}

}  // namespace

TEST_CASE("what a provider says of its API is read, shown and read again", "[config]") {
  const auto config = parse_config(provider("api = \"chat\"\n"
                                            "profile = \"vllm\"\n"
                                            "max_output_tokens = 4096\n"
                                            "answer_model = \"asked\"\n"
                                            "[providers.quirks]\n"
                                            "stop_max = 2\n"
                                            "strict = true\n"
                                            "system_role = \"developer\"\n"
                                            "drop = [\"top_p\", \"user\"]\n"),
                                   "c.toml", test::variables());
  if (!config) FAIL(config.error().message);
  const ProviderConfig& read = config->providers.at(0);
  CHECK(read.api == "chat");
  CHECK(read.profile == "vllm");
  CHECK(read.max_output_tokens == 4096);
  CHECK(read.answer_model == "asked");
  CHECK(read.quirks.at("stop_max") == "2");
  CHECK(read.quirks.at("strict") == "true");
  CHECK(read.quirks.at("system_role") == "\"developer\"");
  CHECK(read.quirks.at("drop") == "[\"top_p\", \"user\"]");
  const std::string shown = show_config(*config);
  const auto again = parse_config(shown, "c.toml", test::variables());
  if (!again) FAIL(again.error().message);
  CHECK(again->providers.at(0).quirks == read.quirks);
  CHECK(again->providers.at(0).answer_model == "asked");
}

TEST_CASE("what is wrong with a provider's API is said with its line and what to write",
          "[config]") {
  struct Case {
    std::string toml, said;
  };
  const Case cases[] = {
      {provider("api = \"soap\"\n"),
       "c.toml:4:7: providers[0].api \"soap\" is unknown; one of: auto, chat, responses"},
      {provider("api = \"chat\"\n", "zai"),
       "c.toml:4:7: providers[0].api is for type openai or azure_openai, this provider's is "
       "\"zai\"; remove it"},
      {provider("azure_api_version = \"1\"\n"),
       "c.toml:4:21: providers[0].azure_api_version is for type azure_openai, this provider's is "
       "\"openai\"; remove it"},
      {provider("answer_model = \"askd\"\n"),
       "c.toml:4:16: providers[0].answer_model \"askd\" is unknown; did you mean \"asked\"? (one "
       "of: provider, asked)"},
      {provider("max_output_tokens = -1\n"),
       "c.toml:4:21: providers[0].max_output_tokens -1 is out of range; allowed: 0 to 10000000"},
      {provider("[providers.quirks]\nstop_mx = 1\n"),
       "c.toml:5:11: providers[0].quirks.stop_mx is no key of a profile; did you mean "
       "\"stop_max\"?"},
      {provider("[providers.quirks]\nstop_max = true\n"),
       "c.toml:5:12: providers[0].quirks.stop_max must be a whole number"},
      {provider("[providers.quirks]\nstop_max = 1.5\n"),
       "c.toml:5:12: providers[0].quirks.stop_max is neither a string, a whole number, true, false "
       "nor a list of strings"},
      {provider("[providers.quirks]\napi = \"soap\"\n"),
       "c.toml:5:7: providers[0].quirks.api \"soap\" is unknown (one of: chat, responses)"},
  };
  for (const auto& [toml, said] : cases) {
    CAPTURE(toml);
    CHECK(said_about(toml).substr(0, said.size()) == said);
  }
  const std::string unknown = said_about(provider("profile = \"opnrouter\"\n"));
  CHECK(unknown.find("providers[0].profile \"opnrouter\" is unknown; did you mean "
                     "\"openrouter\"?") != std::string::npos);
}

TEST_CASE("the section of translation is checked word by word", "[config]") {
  const std::string good =
      "[translation]\nenabled = false\ndefault_max_tokens = 8000\nauto_cache = false\n"
      "unsupported = \"drop\"\nweb_search = \"always\"\nmemory_max = 0\n";
  const auto config = parse_config(good + provider(""), "c.toml", test::variables());
  if (!config) FAIL(config.error().message);
  CHECK_FALSE(config->translation.enabled);
  CHECK(config->translation.default_max_tokens == 8000);
  CHECK_FALSE(config->translation.auto_cache);
  CHECK(config->translation.unsupported == "drop");
  CHECK(config->translation.web_search == "always");
  CHECK(config->translation.memory_max == 0);
  CHECK(said_about("[translation]\nunsupported = \"no\"\n" + provider("")) ==
        "c.toml:2:15: translation.unsupported \"no\" is unknown; one of: route, drop");
  CHECK(said_about("[translation]\nweb_search = \"alne\"\n" + provider("")) ==
        "c.toml:2:14: translation.web_search \"alne\" is unknown; did you mean \"alone\"? (one of: "
        "alone, always, never)");
  CHECK(said_about("[translation]\ndefault_max_tokens = 0\n" + provider(""))
            .find("translation.default_max_tokens 0 is out of range") != std::string::npos);
}

TEST_CASE("a file of profiles is read beside the configuration, and its mistakes are told",
          "[config]") {
  const test::ScratchDirectory folder;
  const std::string path = folder.write(
      "c.toml", "[translation]\nprofiles_file = \"p.toml\"\n" + provider("profile = \"mine\"\n"));
  const std::string profiles =
      folder.write("p.toml", "[[profiles]]\nname = \"mine\"\nlike = \"openai\"\nstop_max = 1\n");
  const auto good = load_config(path, test::variables());
  if (!good) FAIL(good.error().message);
  CHECK(good->translation.profiles_file == profiles);
  CHECK(good->translation.profiles_text.find("stop_max = 1") != std::string::npos);
  CHECK(good->files.size() == 2);
  folder.write("p.toml", "[[profiles]]\nname = \"mine\"\nlike = \"openai\"\nstop_max = 3\n");
  const auto other = load_config(path, test::variables());
  REQUIRE(other);
  const auto differences = changes(*good, *other);
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].key == "translation.profiles_file");
  CHECK(differences[0].words.find("other profiles in ") == 0);

  folder.write("p.toml", "[[profiles]]\nname = \"mine\"\nstop_max = true\n");
  const auto wrong = load_config(path, test::variables());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message.find("translation.profiles_file: " + profiles +
                                   ":3: stop_max must be a whole number") != std::string::npos);
  folder.write("p.toml", "[[profiles]]\nname = \"mine\"\nlike = \"nobody\"\n");
  const auto unlike = load_config(path, test::variables());
  REQUIRE_FALSE(unlike);
  CHECK(unlike.error().message.find("profile \"mine\" is like \"nobody\", which there is not") !=
        std::string::npos);
  folder.write("c.toml", "[translation]\nprofiles_file = \"gone.toml\"\n" + provider(""));
  const auto gone = load_config(path, test::variables());
  REQUIRE_FALSE(gone);
  CHECK(gone.error().message.find("cannot be read; name a readable file of [[profiles]]") !=
        std::string::npos);
}

TEST_CASE("a server of one's own may do without a key, the vendor may not", "[config]") {
  const std::string head = "[[providers]]\nname = \"a\"\ntype = \"openai\"\n";
  CHECK(said_about(head).find("providers[0].keys is missing, and type \"openai\" needs a key") !=
        std::string::npos);
  CHECK(said_about(head + "base_url = \"http://127.0.0.1:8000/v1\"\n") == "ok");
}

TEST_CASE("the manual has every profile and every key of one", "[config]") {
  const std::string docs = test::text_of("docs/configuration.md");
  for (const auto& row : dialect::Profiles::shipped().rows()) {
    CAPTURE(row.name);
    CHECK(docs.find('`' + row.name + '`') != std::string::npos);
  }
  for (const std::string_view key : dialect::profile_keys()) {
    CAPTURE(key);
    CHECK(test::begins_a_row(docs, std::string(key)));
  }
}
