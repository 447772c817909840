#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "loop/unix_socket.hpp"

using namespace ccrelay;

namespace {

/// A socket file that nobody listens on any more.
void leave_behind(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
}

}  // namespace

TEST_CASE("of many that replace a stale socket at once one gets it", "[threads]") {
  constexpr int rounds = 100;
  constexpr int relays = 4;
  std::string folder = (std::filesystem::temp_directory_path() / "ccrelay-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string path = folder + "/relay.sock";
  std::atomic<int> got{0};
  std::atomic<int> told{0};
  std::barrier begin(relays + 1);
  std::barrier tried(relays + 1);
  std::barrier gone(relays + 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < relays; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        begin.arrive_and_wait();
        {
          auto bound = loop::bind_unix_socket(path, {});
          if (bound) {
            ++got;
          } else if (bound.error().message.find("another program listens there") !=
                     std::string::npos) {
            ++told;
          }
          tried.arrive_and_wait();  // whoever got it has it still
          if (bound) ::close(bound->descriptor);
        }
        gone.arrive_and_wait();
      }
    });
  }
  for (int round = 1; round <= rounds; ++round) {
    leave_behind(path);
    begin.arrive_and_wait();
    tried.arrive_and_wait();
    CHECK(got == round);
    CHECK(told == round * (relays - 1));
    gone.arrive_and_wait();
  }
  for (std::thread& thread : threads) thread.join();
  std::filesystem::remove_all(folder);
}
