#include <dlfcn.h>
#include <netdb.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "upstream/client_scene.hpp"
#include "upstream/dial_queue.hpp"

namespace {

// A name service in which one name is slow.
struct SlowNames {
  std::mutex mutex;
  std::condition_variable changed;
  bool released = false;
  bool known = true;
  int running = 0;
  int most = 0;
  int begun = 0;
};
SlowNames& slow_names() {
  static auto* names = new SlowNames;  // threads of curl's may outlive everything
  return *names;
}
constexpr const char* slow_name = "slow.invalid";

}  // namespace

// In front of the C library's, for all that this program calls, libcurl among it.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  if (!node || std::strcmp(node, slow_name) != 0) return real(node, service, hints, result);
  bool known = false;
  {
    SlowNames& names = slow_names();
    std::unique_lock lock(names.mutex);
    ++names.begun;
    names.most = std::max(names.most, ++names.running);
    names.changed.wait(lock, [&] { return names.released; });
    --names.running;
    known = names.known;
    names.changed.notify_all();
  }
  return known ? real("127.0.0.1", service, hints, result) : EAI_NONAME;
}

namespace ccrelay::upstream {
namespace {

constexpr std::size_t crowd = 300;

struct Crowd {
  Crowd() {
    SlowNames& names = slow_names();
    const std::lock_guard lock(names.mutex);
    names.released = false;
    names.known = true;
    names.most = names.begun = names.running = 0;
    const std::string url = scene.provider.url();
    scene.endpoint.origin = std::string("http://") + slow_name + url.substr(url.rfind(':'));
  }
  ~Crowd() { release(true); }

  void ask() {
    for (std::size_t i = 0; i < crowd; ++i) {
      listeners.push_back(std::make_unique<Listener>());
      scene.start(*listeners.back());
    }
    scene.harness.settle();
  }
  void leave() {
    listeners.clear();
    scene.harness.settle();
  }
  void release(bool known) {
    SlowNames& names = slow_names();
    std::unique_lock lock(names.mutex);
    names.released = true;
    names.known = known;
    names.changed.notify_all();
    names.changed.wait(lock, [&] { return names.running == 0; });
  }
  bool all_done() const {
    for (const auto& listener : listeners) {
      if (!listener->done()) return false;
    }
    return true;
  }
  int begun() const {
    const std::lock_guard lock(slow_names().mutex);
    return slow_names().begun;
  }

  Scene scene;
  std::vector<std::unique_ptr<Listener>> listeners;
};

constexpr int most_lookups = static_cast<int>(DialQueue::lookups_max);

}  // namespace

TEST_CASE("a crowd that waits for a slow name has some look-ups, and all get connections",
          "[upstream]") {
  Crowd c;
  c.ask();
  CHECK(c.begun() <= most_lookups);
  c.release(true);
  REQUIRE(c.scene.harness.run_until([&] { return c.all_done(); }));
  for (const auto& listener : c.listeners) CHECK(listener->status() == 200);
  CHECK(slow_names().most <= most_lookups);
  CHECK(c.begun() <= most_lookups);
  CHECK(c.scene.provider.requests().size() == crowd);
}

TEST_CASE("those that leave and come again use the look-ups that go on", "[upstream]") {
  Crowd c;
  for (int i = 0; i < 5; ++i) {
    c.ask();
    c.leave();
  }
  c.ask();
  CHECK(c.begun() <= most_lookups);
  c.release(true);
  REQUIRE(c.scene.harness.run_until([&] { return c.all_done(); }));
  for (const auto& listener : c.listeners) CHECK(listener->status() == 200);
  CHECK(c.scene.provider.requests().size() == crowd);
}

TEST_CASE("when nobody waits any more, no connection is made", "[upstream]") {
  Crowd c;
  c.ask();
  c.leave();
  c.release(true);
  c.scene.harness.settle();
  CHECK(c.scene.provider.requests().empty());
  CHECK(c.scene.provider.connections_open() == 0);
}

TEST_CASE("a dial whose caller leaves goes on for the next one", "[upstream]") {
  Crowd c;
  c.ask();
  // The first ones, whose dials run.
  c.listeners.erase(c.listeners.begin(), c.listeners.begin() + 2 * most_lookups);
  c.release(true);
  REQUIRE(c.scene.harness.run_until([&] { return c.all_done(); }));
  for (const auto& listener : c.listeners) CHECK(listener->status() == 200);
  CHECK(c.begun() <= most_lookups);
}

TEST_CASE("all that wait for a name hear that there is none", "[upstream]") {
  Crowd c;
  c.ask();
  c.release(false);
  REQUIRE(c.scene.harness.run_until([&] { return c.all_done(); }));
  for (const auto& listener : c.listeners) CHECK(listener->result().end == End::connect);
  CHECK(c.begun() <= most_lookups);
  CHECK(c.scene.client.running() == 0);
}

TEST_CASE("a client may go while its names are slow", "[upstream]") {
  Crowd c;
  c.ask();
  c.listeners.clear();
  CHECK(c.scene.client.running() == 0);
}

}  // namespace ccrelay::upstream
