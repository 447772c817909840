// The ways in which programs write a file, and how they are seen. Events of the kernel are there as
// soon as the call that causes them returns, so that a turn of the loop is all that is waited for.

#include <ccrelay/testing/loop_harness.hpp>

#include <poll.h>
#include <uv.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"
#include "loop/file_watch.hpp"

using namespace ccrelay;
namespace fs = std::filesystem;

namespace {

struct Scene {
  Scene() : loop(harness.loop(), harness.clock()), watch(loop, [this] { ++told; }) {
    // Who watches files does not keep a loop alive, and one that is not does not look for events.
    uv_prepare_init(&harness.loop(), &alive);
    uv_prepare_start(&alive, [](uv_prepare_t*) {});
  }
  ~Scene() {
    uv_close(reinterpret_cast<uv_handle_t*>(&alive), nullptr);
    harness.settle();
  }

  std::string path(const std::string& name) const { return folder.path() + "/" + name; }
  void write(const std::string& name, const std::string& text) const { folder.write(name, text); }
  void rename(const std::string& from, const std::string& to) const {
    fs::rename(path(from), path(to));
  }
  void link(const std::string& target, const std::string& name) const {
    fs::create_symlink(target, path(name));
  }
  /// Points a link elsewhere in one step, as Kubernetes and deployments do it.
  void swap_link(const std::string& target, const std::string& name) const {
    link(target, name + ".tmp");
    rename(name + ".tmp", name);
  }
  void follow(const std::vector<std::string>& names) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(path(name));
    REQUIRE(watch.watch(paths));
    harness.settle();
    told = 0;
  }
  /// Whether the loop would wake now, had it been waiting.
  bool wakes() {
    pollfd loop_waits{uv_backend_fd(&harness.loop()), POLLIN, 0};
    return ::poll(&loop_waits, 1, 0) == 1;
  }
  /// Whether anything was told since the last time.
  bool tells() {
    harness.settle();
    return std::exchange(told, 0) > 0;
  }

  test::ScratchDirectory folder;
  testing::LoopHarness harness;
  uv_prepare_t alive{};
  loop::Loop loop;
  int told = 0;
  loop::FileWatch watch;
};

}  // namespace

TEST_CASE("a file that is written in place is seen", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.follow({"a.toml"});
  s.write("a.toml", "2");
  CHECK(s.tells());
  std::ofstream(s.path("a.toml"), std::ios::app) << "3";
  CHECK(s.tells());
  CHECK_FALSE(s.tells());
}

TEST_CASE("one that is renamed over is seen, and so is what is written to the new one", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.follow({"a.toml"});
  s.write(".a.toml.new", "2");
  CHECK_FALSE(s.tells());
  s.rename(".a.toml.new", "a.toml");
  CHECK(s.tells());
  s.write("a.toml", "3");
  CHECK(s.tells());
}

TEST_CASE("editors that move the old file aside first are seen", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.follow({"a.toml"});
  s.rename("a.toml", "a.toml~");
  CHECK(s.tells());
  s.write("a.toml", "2");
  CHECK(s.tells());
  fs::remove(s.path("a.toml~"));
  s.tells();
  s.write("a.toml", "3");
  CHECK(s.tells());
}

TEST_CASE("what happens to other files of the folder is not told", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.write("relay.log", "");
  s.follow({"a.toml"});
  s.write("relay.log", "a line");
  s.write("b.toml", "1");
  fs::remove(s.path("b.toml"));
  CHECK_FALSE(s.tells());
}

TEST_CASE("a log beside the configuration wakes nobody when it is written to", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.write("relay.log", "");
  s.follow({"a.toml"});
  std::ofstream log(s.path("relay.log"), std::ios::app);
  log << "a line" << std::flush;
  CHECK_FALSE(s.wakes());
  log.close();
  CHECK_FALSE(s.wakes());
  s.write("a.toml", "2");
  CHECK(s.wakes());
  CHECK(s.tells());
}

TEST_CASE("two ways to one folder are both watched, and each ends by itself", "[loop]") {
  Scene s;
  s.write("conf/a.toml", "1");
  s.write("conf/b.toml", "1");
  s.link("conf", "other");
  s.follow({"conf/a.toml", "other/b.toml"});
  s.write("conf/b.toml", "2");
  CHECK(s.tells());
  s.follow({"conf/a.toml"});
  s.write("conf/b.toml", "3");
  CHECK_FALSE(s.tells());
  s.write("other/a.toml", "2");
  CHECK(s.tells());
}

TEST_CASE("a file that is deleted and there again is seen each time", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.follow({"a.toml"});
  for (int i = 0; i < 3; ++i) {
    fs::remove(s.path("a.toml"));
    CHECK(s.tells());
    s.write("a.toml", "2");
    CHECK(s.tells());
  }
}

TEST_CASE("a file that is not there yet is waited for, and so are its folders", "[loop]") {
  Scene s;
  s.follow({"one/two/a.toml"});
  fs::create_directory(s.path("one"));
  CHECK(s.tells());
  fs::create_directory(s.path("one/two"));
  CHECK(s.tells());
  s.write("one/two/a.toml", "1");
  CHECK(s.tells());
  s.write("one/two/a.toml", "2");
  CHECK(s.tells());
}

TEST_CASE("a swap of Kubernetes' ..data is seen, again and again", "[loop]") {
  Scene s;
  s.write("..2026_1/a.toml", "1");
  s.link("..2026_1", "..data");
  s.link("..data/a.toml", "a.toml");
  s.follow({"a.toml"});
  for (int i = 2; i < 5; ++i) {
    const std::string next = "..2026_" + std::to_string(i);
    s.write(next + "/a.toml", std::to_string(i));
    CHECK_FALSE(s.tells());
    s.swap_link(next, "..data");
    CHECK(s.tells());
    fs::remove_all(s.path("..2026_" + std::to_string(i - 1)));
    s.tells();
  }
  s.write("..2026_4/a.toml", "in place");
  CHECK(s.tells());
}

TEST_CASE("each link of a chain is seen, wherever it stands", "[loop]") {
  Scene s;
  s.write("real/a.toml", "1");
  s.write("other/a.toml", "2");
  fs::create_directories(s.path("links/deep"));
  s.link("../../real/a.toml", "links/deep/a.toml");
  s.link(s.path("links/deep/a.toml"), "a.toml");
  s.follow({"a.toml"});
  s.write("real/a.toml", "3");
  CHECK(s.tells());
  s.swap_link("../../other/a.toml", "links/deep/a.toml");
  CHECK(s.tells());
  s.write("real/a.toml", "4");
  CHECK_FALSE(s.tells());
  s.write("other/a.toml", "5");
  CHECK(s.tells());
  s.swap_link("other/a.toml", "a.toml");
  CHECK(s.tells());
}

TEST_CASE("a folder on the way that is a link is seen when it is pointed elsewhere", "[loop]") {
  Scene s;
  s.write("releases/1/conf/a.toml", "1");
  s.write("releases/2/conf/a.toml", "2");
  s.link("releases/1", "current");
  s.follow({"current/conf/a.toml"});
  s.swap_link("releases/2", "current");
  CHECK(s.tells());
  s.write("releases/2/conf/a.toml", "3");
  CHECK(s.tells());
}

TEST_CASE("a folder that is moved away, deleted and made anew is seen", "[loop]") {
  Scene s;
  s.write("conf/a.toml", "1");
  s.follow({"conf/a.toml"});
  s.rename("conf", "aside");
  CHECK(s.tells());
  s.write("conf/a.toml", "2");
  CHECK(s.tells());
  s.write("conf/a.toml", "3");
  CHECK(s.tells());
  fs::remove_all(s.path("conf"));
  CHECK(s.tells());
  s.write("conf/a.toml", "4");
  CHECK(s.tells());
}

TEST_CASE("links that lead round in a circle end the way", "[loop]") {
  Scene s;
  s.link("b", "a");
  s.link("a", "b");
  s.follow({"a"});
  s.swap_link("c", "b");
  CHECK(s.tells());
  s.write("c", "1");
  CHECK(s.tells());
}

TEST_CASE("what is not watched any more is not told", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.write("b.toml", "1");
  s.follow({"a.toml"});
  s.follow({"b.toml"});
  CHECK(s.watch.watches({s.path("b.toml")}));
  CHECK_FALSE(s.watch.watches({s.path("a.toml")}));
  s.write("a.toml", "2");
  CHECK_FALSE(s.tells());
  s.write("b.toml", "2");
  CHECK(s.tells());
  s.follow({});
  s.write("b.toml", "3");
  CHECK_FALSE(s.tells());
}

TEST_CASE("all that happens in a turn is told once", "[loop]") {
  Scene s;
  s.write("a.toml", "1");
  s.write("b.toml", "1");
  s.follow({"a.toml", "b.toml"});
  s.write("a.toml", "2");
  s.write("b.toml", "2");
  s.harness.settle();
  CHECK(s.told == 1);
}
