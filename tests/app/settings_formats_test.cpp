// The ways in which clients write their settings: what is put in and taken out leaves every other
// byte as it was. claude_settings_test has what is the same for all, and Claude Code's.
#include <string>
#include <vector>

#include "catch.hpp"
#include "settings_edit.hpp"

namespace ccrelay::app {
namespace {

const std::vector<SettingsValue> of_codex = {
    {"model_provider", "cc-relay"},
    {"model_providers.cc-relay.name", "cc-relay"},
    {"model_providers.cc-relay.base_url", "http://127.0.0.1:8787/v1"},
};
const std::vector<SettingsValue> of_dotenv = {{"URL", "http://127.0.0.1:8787"}, {"KEY", "k\"\\n"}};
const std::vector<SettingsValue> of_gemini = {{"selectedType", "gemini-api-key"}};

// There and back. What was put in is found; what it looks like is returned.
std::string round_trip(const SettingsFormat& format, const std::vector<SettingsValue>& values,
                       const std::string& text) {
  CAPTURE(text);
  auto edited = format.put(text, values);
  if (!edited) FAIL(edited.error().message);
  CAPTURE(edited->text);
  CHECK(format.has(edited->text, values));
  CHECK_FALSE(format.has(text, values));
  edited->record.made_file = text.empty();
  // As it is read back from its file.
  const auto record = read_record(to_json(edited->record));
  REQUIRE(record.has_value());
  const auto restored = format.take_back(edited->text, *record);
  if (!restored) FAIL(restored.error().message);
  CHECK(restored->text == text);
  CHECK(restored->left.empty());
  CHECK(restored->empty == text.empty());
  return edited->text;
}

std::string error_of(const SettingsFormat& format, const std::vector<SettingsValue>& values,
                     const std::string& text) {
  CAPTURE(text);
  const auto edited = format.put(text, values);
  REQUIRE_FALSE(edited.has_value());
  return edited.error().message;
}

const std::string ours =
    "[model_providers.cc-relay]\nname = \"cc-relay\"\n"
    "base_url = \"http://127.0.0.1:8787/v1\"\n";

}  // namespace

TEST_CASE("a config.toml keeps every other byte, there and back", "[app]") {
  for (const std::string text : {
           "",
           "\n",
           "\xEF\xBB\xBF",
           "# mine\n",
           "model = \"m\"",
           "model = \"m\"   # the best\n\n[tui]\nx = 1\n",
           "# about the table\n[tui]\nx = 1",
           "model = \"m\"\r\n[a]\r\nb = [\r\n  1, # ]\r\n  2 ]\r\n",
           "\xEF\xBB\xBFmodel = \"m\"\n",
           "model_provider = 'other' # mine\n[model_providers.other]\nname = \"o\"\n",
           "[model_providers.cc-relay]\nname = \"old\"   # note\nquery_params = { a = \"]\" "
           "}\n[z]\n",
           "[ model_providers . \"cc-relay\" ]\n  base_url='x'\n",
           "[model_providers.cc-relay.http_headers]\nx = \"1\"\n",
           "[model_providers]\nother.name = \"o\"\n[model_providers.cc-relay]\n",
           "a = \"\"\"\nmodel_provider = \"no\"\n[model_providers.cc-relay]\"\"\"\"\nb = "
           "'''\n]'''\n",
           "[[skills]]\nmodel_provider = \"of the skill\"\n",
           "[projects.\"/a/[b] # c\"]\ntrust_level = \"trusted\"\n",
       }) {
    round_trip(toml_format(), of_codex, text);
  }
}

TEST_CASE("new settings stand in a config.toml where a person would put them", "[app]") {
  CHECK(round_trip(toml_format(), of_codex, "") == "model_provider = \"cc-relay\"\n\n" + ours);
  CHECK(round_trip(toml_format(), of_codex, "# mine\nmodel = \"m\" # best\n\n[tui]\nx = 1") ==
        "# mine\nmodel = \"m\" # best\nmodel_provider = \"cc-relay\"\n\n[tui]\nx = 1\n\n" + ours);
  CHECK(round_trip(toml_format(), of_codex,
                   "model_provider = 'o' # mine\n[model_providers.cc-relay]\nwire_api = \"r\"\n") ==
        "model_provider = \"cc-relay\" # mine\n" + ours + "wire_api = \"r\"\n");
}

TEST_CASE("what was changed in a config.toml since stays", "[app]") {
  const auto edited = toml_format().put("model = \"m\"\n", of_codex);
  REQUIRE(edited.has_value());
  const auto taken = [&](const std::string& now) {
    const auto restored = toml_format().take_back(now, edited->record);
    REQUIRE(restored.has_value());
    return *restored;
  };
  const std::string root = "model = \"m\"\nmodel_provider = \"cc-relay\"\n";
  CHECK(taken(root + "\n" + ours + "# theirs\n[b]\n").text == "model = \"m\"\n# theirs\n[b]\n");
  CHECK(taken(root + "# note\n" + ours + "extra = 1\n").text ==
        "model = \"m\"\n# note\n[model_providers.cc-relay]\nextra = 1\n");
  CHECK(taken("model_provider = 'cc-relay' # note\n").text == "# note\n");
  const RestoredSettings other = taken("model_provider = \"o\"\n" + ours);
  CHECK(other.left == std::vector<std::string>{"model_provider"});
  CHECK(other.text == "model_provider = \"o\"\n");
}

TEST_CASE("a config.toml in which ours can't stand is refused with its line", "[app]") {
  const auto said = [](const std::string& text) { return error_of(toml_format(), of_codex, text); };
  const std::string as_table = " is not written as a table; write it as [model_providers.cc-relay]";
  CHECK(said("\nmodel_providers = { o = {} }\n") == "line 2: \"model_providers\"" + as_table);
  CHECK(said("[model_providers]\ncc-relay = {}\n") ==
        "line 2: \"model_providers.cc-relay\"" + as_table);
  CHECK(said("model_providers.cc-relay.wire_api = \"r\"\n") ==
        "line 1: \"model_providers.cc-relay.wire_api\"" + as_table);
  CHECK(said("[[model_providers]]\n") == "line 1: \"model_providers\"" + as_table);
  CHECK(said("a = 1\nb = \"x\nc = 2\n") == "line 2: a string that does not end");
  CHECK(said("a = [1,\n") == "line 1: a value that does not end");
  CHECK(said("a =\n") == "line 1: a value is missing");
  CHECK(said("[a\n") == "line 1: a table's name that does not end");
  CHECK(said("\nnonsense\n") == "line 2: neither a table nor a key with its value");
  CHECK(said("a = \"b\" c\n").rfind("line 1: something behind the value", 0) == 0);
  CHECK(said("= 1\n") == "line 1: a name is missing");
}

TEST_CASE("a .env keeps every other byte, there and back", "[app]") {
  for (const std::string text : {
           "",
           "\n\n",
           "A=1",
           "A=1\n",
           "A=1\r\nURL=x # mine\r\n",
           "export KEY = 'old'\nURL=\"\"\n",
           "# KEY=no\nNOTE=\"\nKEY=no\n\"\nKEY=`y`",
           "KEY=1\nKEY=2\n",
           "not a line of it\nURL",
       }) {
    round_trip(dotenv_format(), of_dotenv, text);
  }
  CHECK(round_trip(dotenv_format(), of_dotenv, "A=1") ==
        "A=1\nURL=\"http://127.0.0.1:8787\"\nKEY='k\"\\n'");
  CHECK(round_trip(dotenv_format(), of_dotenv, "export KEY=a#b\nURL='x' # mine\n") ==
        "export KEY='k\"\\n'#b\nURL=\"http://127.0.0.1:8787\" # mine\n");
}

TEST_CASE("settings of Gemini CLI keep every other byte, comments too", "[app]") {
  for (const std::string text : {
           "",
           "{}",
           "{ }\n",
           "{\n  // mine\n}\n",
           "{ /* a, b */ }",
           "// first\n{\n  \"ui\": {\"theme\": \"x\"} // \"security\": {}, too\n}\n// last\n",
           "{\n  \"security\": {\n    // of the folder\n    \"folderTrust\": {}\n  }\n}",
           "{\"security\": {\"auth\": {}}}",
           "{\"security\": {\"auth\": { /* none */ }}}",
           "{\"security\": {\"auth\": {\"selectedType\": \"oauth-personal\" /* mine */}}}",
           "{\"a\": 1, /* x, y */ \"b\": 2 // end\n}",
           "{\n\t\"b\": /* why */ 2, // a, b\n\t/* c */ \"d\": 3\n}",
       }) {
    round_trip(gemini_format(), of_gemini, text);
  }
  CHECK(round_trip(gemini_format(), of_gemini, "") ==
        "{\n  \"security\": {\n    \"auth\": {\n      \"selectedType\": \"gemini-api-key\"\n"
        "    }\n  }\n}\n");
  CHECK(error_of(gemini_format(), of_gemini, "{\n  \"security\": 1\n}") ==
        "\"security\" is not an object at line 2, column 15");
  CHECK(error_of(gemini_format(), of_gemini, "{ /* }") ==
        "expected a key or '}' at line 1, column 7");
  CHECK_FALSE(claude_format().put("{} // no\n", of_gemini).has_value());
}

TEST_CASE("a record of the first version is understood", "[app]") {
  const std::string key = "\"keys\": {\"A\": {\"written\": \"1\"}}}";
  const auto made = read_record(
      "{\"version\": 1, \"made_file\": false, \"made_env\": true, \"inside_root\": \" \", " + key);
  REQUIRE(made.has_value());
  CHECK(claude_format().take_back("{\"env\": {\"A\": \"1\"}}", *made)->text == "{ }");
  const auto found =
      read_record("{\"version\": 1, \"made_env\": false, \"inside_env\": \"\", " + key);
  REQUIRE(found.has_value());
  CHECK(claude_format().take_back("{\"env\": {\"A\": \"1\"}}", *found)->text == "{\"env\": {}}");
}

}  // namespace ccrelay::app
