#include <ccrelay/manage_access.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "manage/core.hpp"

using namespace ccrelay;
using management::Access;
using management::Role;

namespace {

class Managed {
 public:
  explicit Managed(const std::string& runtime) : runtime_(runtime) {
    shared.addresses = {"127.0.0.1:8787"};
    apply();
  }
  void apply() {
    auto snapshot = std::make_shared<worker::Snapshot>();
    snapshot->config = config;
    shared.swap(std::move(snapshot));
  }
  Access& access() { return core_.manager().access(); }

  Config config;

 private:
  const std::string runtime_;

 public:
  worker::Shared shared{[this](std::string_view name) -> std::optional<std::string> {
    return name == "XDG_RUNTIME_DIR" ? std::optional(runtime_) : std::nullopt;
  }};

 private:
  manage::Core core_{shared, Clock::system()};
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777u : 0;
}

}  // namespace

TEST_CASE("a token that is made opens until one is configured", "[manage]") {
  const test::ScratchDirectory folder;
  std::string file;
  {
    Managed relay(folder.path());
    REQUIRE(relay.access().make_token());
    REQUIRE(relay.access().make_token());  // one is enough
    file = relay.access().token_file();
    CHECK(file == folder.path() + "/cc-relay/8787.token");
    CHECK(mode_of(file) == 0600);
    CHECK(mode_of(folder.path() + "/cc-relay") == 0700);
    std::string token = text_of(file);
    REQUIRE(token.size() == 65);
    CHECK(token.back() == '\n');
    token.pop_back();
    const auto caller = relay.access().by_token(token);
    REQUIRE(caller);
    CHECK(caller->name == "token:made");
    CHECK(caller->role == Role::operator_);
    CHECK_FALSE(relay.access().by_token(token + "\n"));
    CHECK_FALSE(relay.access().by_token(""));
    relay.config.manage.tokens.push_back({"ana", Secret("canary-0123456789"), Role::viewer});
    relay.apply();
    CHECK_FALSE(relay.access().by_token(token));
    CHECK(relay.access().by_token("canary-0123456789")->name == "token:ana");
  }
  CHECK(::access(file.c_str(), F_OK) != 0);
}

TEST_CASE("no token is made where somebody has one", "[manage]") {
  const test::ScratchDirectory folder;
  Managed relay(folder.path());
  relay.config.manage.tokens.push_back({"ana", Secret("canary-0123456789"), Role::viewer});
  relay.apply();
  REQUIRE(relay.access().make_token());
  CHECK(relay.access().token_file().empty());
}

TEST_CASE("the file of a token that another relay has made stays", "[manage]") {
  const test::ScratchDirectory folder;
  auto old = std::make_unique<Managed>(folder.path());
  REQUIRE(old->access().make_token());
  Managed next(folder.path());
  REQUIRE(next.access().make_token());
  const std::string file = next.access().token_file();
  const std::string token = text_of(file);
  CHECK_FALSE(old->access().by_token(token.substr(0, 64)));
  old.reset();
  CHECK(text_of(file) == token);
}

TEST_CASE("a token without a place says what to do", "[manage]") {
  const test::ScratchDirectory folder;
  Managed relay(folder.path());
  relay.config.manage.socket = "/dev/null/relay.sock";
  relay.apply();
  const auto made = relay.access().make_token();
  REQUIRE_FALSE(made);
  CHECK(made.error().message.find("/dev/null/8787.token") != std::string::npos);
  CHECK(made.error().message.find("[[manage.auth.tokens]]") != std::string::npos);
}

TEST_CASE("the place of the socket goes by the relay's own address", "[manage]") {
  const test::ScratchDirectory folder;
  const Environment env = [&](std::string_view name) -> std::optional<std::string> {
    return name == "XDG_RUNTIME_DIR" ? std::optional(folder.path()) : std::nullopt;
  };
  ManageConfig manage;
  CHECK(manage_place(manage, "127.0.0.1:8787", env).socket.empty());
  manage.socket = "auto";
  CHECK(manage_place(manage, "127.0.0.1:8787", env).socket ==
        folder.path() + "/cc-relay/8787.sock");
  CHECK(manage_place(manage, "[::1]:1234", env).port == "1234");
  const auto of_unix = manage_place(manage, "unix:/run/x", env);
  CHECK(of_unix.port.size() == std::string("unix-01234567").size());
  CHECK(of_unix.port != manage_place(manage, "unix:/run/y", env).port);
  manage.socket = "/run/x/m.sock";
  const auto named = manage_place(manage, "127.0.0.1:8787", env);
  CHECK(named.socket == "/run/x/m.sock");
  CHECK(named.folder == "/run/x");
  CHECK(named.port == "8787");
}
