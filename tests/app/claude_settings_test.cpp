#include "../../app/claude_settings.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"

namespace ccrelay::app {
namespace {

namespace fs = std::filesystem;

const std::vector<SettingsValue> wanted = {{"ANTHROPIC_BASE_URL", "http://127.0.0.1:8787"},
                                           {"ANTHROPIC_AUTH_TOKEN", "managed-by-cc-relay"}};

// A directory of its own for one test, with `claude/settings.json` in it.
struct Home {
  fs::path path;
  std::string file;
  Home() {
    std::string name = (fs::temp_directory_path() / "cc-relay-app-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    file = (path / "claude" / "settings.json").string();
  }
  explicit Home(const std::string& text) : Home() {
    fs::create_directory(path / "claude");
    write(text);
  }
  ~Home() { fs::remove_all(path); }

  void write(const std::string& text) const { std::ofstream(file, std::ios::binary) << text; }
  static std::string content(const std::string& of) {
    std::ifstream in(of, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string text() const { return content(file); }
  std::string beside(const std::string& ending) const { return file + ending; }
};

void put(const Home& home, const std::vector<SettingsValue>& values = wanted) {
  const auto done = put_into_settings(claude_settings(home.file), values);
  if (!done) FAIL(done.error().message);
  CHECK(*done);
}

RestoredSettings take_out(const Home& home) {
  auto done = take_out_of_settings(claude_settings(home.file));
  if (!done) FAIL(done.error().message);
  return *std::move(done);
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("missing settings are made for their owner alone, and taken away again", "[app]") {
  const Home home;
  put(home);
  CHECK(home.text() ==
        "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:8787\",\n"
        "    \"ANTHROPIC_AUTH_TOKEN\": \"managed-by-cc-relay\"\n  }\n}\n");
  CHECK(mode_of(home.file) == 0600);
  CHECK(mode_of((home.path / "claude").string()) == 0700);
  CHECK(mode_of(home.beside(".cc-relay")) == 0600);
  CHECK_FALSE(fs::exists(home.beside(".cc-relay-backup")));

  CHECK(take_out(home).empty);
  CHECK_FALSE(fs::exists(home.file));
  CHECK_FALSE(fs::exists(home.beside(".cc-relay")));
}

TEST_CASE("settings that hold something keep every other byte, there and back", "[app]") {
  for (const std::string text : {
           "",
           " \r\n",
           "\xEF\xBB\xBF",
           "{}",
           "{ }\n",
           "{\n}\n",
           "{\"model\":\"opus\"}",
           "{\n  \"model\": \"opus\"\n}\n",
           "{\r\n\t\"model\": \"opus\" ,\r\n\t\"n\": 12345678901234567890.10\r\n}",
           "\xEF\xBB\xBF{\n    \"a\": {\"env\": {\"ANTHROPIC_BASE_URL\": \"x\"}}\n}",
           "{\"env\": {}}",
           "{\"env\": { }, \"z\": 1}",
           "{\n  \"env\": {\n    \"FOO\": \"1\"\n  },\n  \"z\": [1,\n2]\n}",
           "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http:\\/\\/other\", \"FOO\": \"1\"}}",
           "{\"env\": {\"ANTHROPIC_AUTH_TOKEN\": null, \"ANTHROPIC_BASE_URL\": 7}}",
           "{\"\\u0065nv\": {\"FOO\": \"}\"}}",
           "{\"env\": {\"A\": \"1\"}, \"env\": {\"B\": \"2\"}}",
           "{\"env\":{\"ANTHROPIC_BASE_URL\":\"a\",\"ANTHROPIC_BASE_URL\":\"b\"}}",
       }) {
    INFO("settings: " << text);
    const Home home(text);
    put(home);
    CHECK(claude_format().has(home.text(), wanted));
    CHECK(Home::content(home.beside(".cc-relay-backup")) == text);
    CHECK(take_out(home).left.empty());
    CHECK(home.text() == text);
    CHECK_FALSE(fs::exists(home.beside(".cc-relay")));
  }
}

TEST_CASE("new variables stand among the others in their manner", "[app]") {
  const Home home("{\n\t\"env\": {\n\t\t\"FOO\": \"1\"\n\t},\n\t\"z\": 1\n}");
  put(home);
  CHECK(home.text() ==
        "{\n\t\"env\": {\n\t\t\"FOO\": \"1\",\n"
        "\t\t\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:8787\",\n"
        "\t\t\"ANTHROPIC_AUTH_TOKEN\": \"managed-by-cc-relay\"\n\t},\n\t\"z\": 1\n}");
}

TEST_CASE("a second init changes nothing", "[app]") {
  const Home home("{\"env\": {\"ANTHROPIC_BASE_URL\": \"old\"}}");
  put(home);
  const std::string once = home.text();
  const auto again = put_into_settings(claude_settings(home.file), wanted);
  REQUIRE(again.has_value());
  CHECK_FALSE(*again);
  CHECK(home.text() == once);
  take_out(home);
  CHECK(home.text() == "{\"env\": {\"ANTHROPIC_BASE_URL\": \"old\"}}");
}

TEST_CASE("an init with other values still remembers the earliest ones", "[app]") {
  const std::string text = "{\"env\": {\"ANTHROPIC_BASE_URL\": \"old\"}}";
  const Home home(text);
  put(home);
  put(home, {{"ANTHROPIC_BASE_URL", "http://127.0.0.1:9"}});
  CHECK(home.text() == "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:9\"}}");
  take_out(home);
  CHECK(home.text() == text);
}

TEST_CASE("values the user had set to the same are not taken away", "[app]") {
  const std::string text =
      "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:8787\","
      " \"ANTHROPIC_AUTH_TOKEN\": \"mine\"}}";
  const Home home(text);
  const auto done = put_into_settings(
      claude_settings(home.file),
      {{"ANTHROPIC_BASE_URL", "http://127.0.0.1:8787"}, {"ANTHROPIC_AUTH_TOKEN", "mine"}});
  REQUIRE(done.has_value());
  CHECK_FALSE(*done);
  CHECK(take_out(home).removed.empty());
  CHECK(home.text() == text);
}

TEST_CASE("a value that was changed since is left, and what was added beside stays", "[app]") {
  const Home home;
  put(home);
  home.write(
      "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://mine\",\n \"NEW\": \"1\",\n"
      " \"ANTHROPIC_AUTH_TOKEN\": \"managed-by-cc-relay\"}}");
  const RestoredSettings restored = take_out(home);
  CHECK(restored.left == std::vector<std::string>{"ANTHROPIC_BASE_URL"});
  CHECK(restored.removed == std::vector<std::string>{"ANTHROPIC_AUTH_TOKEN"});
  CHECK(home.text() == "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://mine\",\n \"NEW\": \"1\"}}");
}

TEST_CASE("without a record only what has the placeholder token is taken back", "[app]") {
  const Home home;
  put(home);
  fs::remove(home.beside(".cc-relay"));
  SECTION("the placeholder") {
    CHECK(take_out(home).removed.size() == 2);
    CHECK(home.text() == "{}\n");
  }
  SECTION("another token") {
    const std::string text =
        "{\"env\": {\"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:8787\","
        " \"ANTHROPIC_AUTH_TOKEN\": \"mine\"}}";
    home.write(text);
    CHECK(take_out(home).removed.empty());
    CHECK(home.text() == text);
  }
}

TEST_CASE("nothing to take back is no error", "[app]") {
  const Home missing;
  CHECK(take_out(missing).removed.empty());
  CHECK_FALSE(fs::exists(missing.path / "claude"));
  const Home other("{\"a\": 1}\n");
  CHECK(take_out(other).removed.empty());
  CHECK(other.text() == "{\"a\": 1}\n");
}

TEST_CASE("settings that cannot be parsed are refused and stay as they are", "[app]") {
  const std::map<std::string, std::string> cases = {
      {"{\n  // mine\n}", "expected a key or '}' at line 2, column 3"},
      {"{\"a\": 1,}", "expected a key after ',' at line 1, column 9"},
      {"[]", "an object was expected at line 1, column 1"},
      {"{\"env\": []}", "\"env\" is not an object at line 1, column 9"},
      {"{\"env\": null}", "\"env\" is not an object at line 1, column 9"},
  };
  for (const auto& [text, why] : cases) {
    const Home home(text);
    const auto done = put_into_settings(claude_settings(home.file), wanted);
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().message == home.file + ": " + why + "; the file was not changed");
    CHECK(home.text() == text);
    CHECK_FALSE(fs::exists(home.beside(".cc-relay")));
    CHECK_FALSE(fs::exists(home.beside(".cc-relay-backup")));
  }
}

TEST_CASE("settings that are too large are refused", "[app]") {
  const std::string text = "{\"a\": \"" + std::string(4 << 20, 'x') + "\"}";
  const Home home(text);
  const auto done = put_into_settings(claude_settings(home.file), wanted);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message ==
        home.file + ": " + home.file + " is larger than 4194304 bytes; the file was not changed");
  CHECK(home.text() == text);
}

TEST_CASE("settings that cannot be read are not taken for missing ones", "[app]") {
  const Home home;
  fs::create_directories(home.file);  // a directory: reading fails for root too
  const auto done = put_into_settings(claude_settings(home.file), wanted);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().message == home.file + ": cannot read " + home.file +
                                    ": not a regular file; the file was not changed");
  CHECK(fs::is_directory(home.file));
  CHECK_FALSE(take_out_of_settings(claude_settings(home.file)).has_value());
}

TEST_CASE("a record that cannot be read stops both ways", "[app]") {
  const Home home("{}");
  std::ofstream(home.beside(".cc-relay")) << "{\"version\": 3}";
  const std::string message = home.beside(".cc-relay") +
                              ": it was written by another version of cc-relay; edit " + home.file +
                              " by hand and delete " + home.beside(".cc-relay");
  const auto in = put_into_settings(claude_settings(home.file), wanted);
  REQUIRE_FALSE(in.has_value());
  CHECK(in.error().message == message);
  const auto out = take_out_of_settings(claude_settings(home.file));
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().message == message);
  CHECK(home.text() == "{}");
}

TEST_CASE("the mode of the settings and a link to them survive", "[app]") {
  const Home home("{}");
  const std::string real = (home.path / "real.json").string();
  fs::rename(home.file, real);
  REQUIRE(::chmod(real.c_str(), 0640) == 0);
  fs::create_symlink("../real.json", home.file);
  put(home);
  CHECK(fs::is_symlink(home.file));
  CHECK(mode_of(real) == 0640);
  CHECK(claude_format().has(Home::content(real), wanted));
  take_out(home);
  CHECK(fs::is_symlink(home.file));
  CHECK(Home::content(real) == "{}");
}

TEST_CASE("a link to settings that are missing makes them where it leads", "[app]") {
  const Home home;
  fs::create_directory(home.path / "claude");
  fs::create_symlink("../real.json", home.file);
  put(home);
  CHECK(fs::is_symlink(home.file));
  CHECK(claude_format().has(Home::content((home.path / "real.json").string()), wanted));
  CHECK(take_out(home).empty);
  CHECK(fs::is_symlink(home.file));
  CHECK_FALSE(fs::exists(home.path / "real.json"));
}

TEST_CASE("values that need escaping arrive whole", "[app]") {
  const Home home;
  const std::vector<SettingsValue> values = {{"ANTHROPIC_BASE_URL", "http://x"},
                                             {"ANTHROPIC_AUTH_TOKEN", "a\"b\\c\n"}};
  put(home, values);
  CHECK(claude_format().has(home.text(), values));
  CHECK(take_out(home).removed.size() == 2);
}

TEST_CASE("no temporary file is left beside the settings", "[app]") {
  const Home home("{}");
  put(home);
  take_out(home);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(home.path / "claude")) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"settings.json", "settings.json.cc-relay-backup"});
}

TEST_CASE("the settings are found in CLAUDE_CONFIG_DIR or the home directory", "[app]") {
  std::map<std::string, std::string, std::less<>> variables;
  const Environment env = [&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  CHECK(claude_settings_file(env).error().message ==
        "cannot find Claude Code's settings: neither HOME nor CLAUDE_CONFIG_DIR is set");
  variables["HOME"] = "/home/me";
  CHECK(*claude_settings_file(env) == "/home/me/.claude/settings.json");
  variables["CLAUDE_CONFIG_DIR"] = "/c";
  CHECK(*claude_settings_file(env) == "/c/settings.json");
}

}  // namespace ccrelay::app
