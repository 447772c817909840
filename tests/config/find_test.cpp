#include "catch.hpp"
#include "scratch_directory.hpp"
#include "variables.hpp"

using namespace ccrelay;
using test::ScratchDirectory;
using test::variables;

namespace {

/// The process's working directory for as long as the object lives.
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::string& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~WorkingDirectory() { std::filesystem::current_path(before_); }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("a configuration that is named must exist", "[config]") {
  const auto by_option = find_config("/no/such.toml", variables());
  REQUIRE(!by_option);
  CHECK(by_option.error().message ==
        "configuration file /no/such.toml does not exist; name another one, or write one with: "
        "cc-relay config init --output /no/such.toml");
  const auto by_variable = find_config("", variables({{"CC_RELAY_CONFIG", "/no/such.toml"}}));
  REQUIRE(!by_variable);
  CHECK(by_variable.error().message ==
        "configuration file /no/such.toml, named by CC_RELAY_CONFIG, does not exist; name another "
        "one, or write one with: cc-relay config init --output /no/such.toml");
}

TEST_CASE("a configuration that can't be reached is not called missing", "[config]") {
  const ScratchDirectory here;
  const std::string path = here.path() + "/loop.toml";
  std::filesystem::create_symlink(path, path);
  const auto found = find_config(path, variables());
  REQUIRE(!found);
  CHECK(found.error().message ==
        "configuration file " + path +
            " can't be reached: Too many levels of symbolic links; let the user who runs this read "
            "it, and enter its folder");
}

TEST_CASE("a configuration is looked for where it is named, then at home", "[config]") {
  const ScratchDirectory here, home, xdg;
  const WorkingDirectory working(here.path());
  const auto by_option = here.write("option.toml", "");
  const auto by_variable = here.write("variable.toml", "");
  auto env = variables(
      {{"CC_RELAY_CONFIG", by_variable}, {"HOME", home.path()}, {"XDG_CONFIG_HOME", xdg.path()}});
  CHECK(*find_config(by_option, env) == by_option);
  CHECK(*find_config("", env) == by_variable);

  env =
      variables({{"CC_RELAY_CONFIG", ""}, {"HOME", home.path()}, {"XDG_CONFIG_HOME", xdg.path()}});
  CHECK(find_config("", env)->empty());
  const auto at_home = home.write(".config/cc-relay/config.toml", "");
  CHECK(find_config("", env)->empty());
  const auto at_xdg = xdg.write("cc-relay/config.toml", "");
  CHECK(*find_config("", env) == at_xdg);
  CHECK(*find_config("", variables({{"HOME", home.path()}})) == at_home);
  CHECK(*find_config("", variables({{"HOME", home.path()}, {"XDG_CONFIG_HOME", "x"}})) == at_home);
}

TEST_CASE("the current folder is never read for a configuration", "[config]") {
  const ScratchDirectory here, home;
  const WorkingDirectory working(here.path());
  here.write("config.toml", "");
  here.write("cc-relay/config.toml", "");
  const auto env = variables({{"HOME", home.path()}, {"XDG_CONFIG_HOME", "."}});
  CHECK(find_config("", env)->empty());
  CHECK(find_config("", variables())->empty());
}

TEST_CASE("without a home there is nothing to find", "[config]") {
  const ScratchDirectory here;
  const WorkingDirectory working(here.path());
  CHECK(find_config("", variables())->empty());
}
