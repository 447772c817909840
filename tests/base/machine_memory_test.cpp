#include "base/machine_memory.hpp"

#include <ccrelay/config.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "config/scratch_directory.hpp"

using ccrelay::base::machine_memory;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

std::uint64_t memory_with(const Files& files) {
  const ccrelay::test::ScratchDirectory root;
  root.write("proc/meminfo", "MemTotal:        8000000 kB\nMemFree:  100 kB\n");
  for (const auto& [name, text] : files) root.write(name, text);
  return machine_memory(root.path());
}

constexpr std::uint64_t machine = 8'000'000ull * 1024;

}  // namespace

TEST_CASE("without control groups the machine's memory is what there is", "[base]") {
  CHECK(memory_with({}) == machine);
  CHECK(machine_memory("/no/such") == 0);
  CHECK(memory_with({{"proc/meminfo", "MemTotal: much kB\n"}}) == 0);
}

TEST_CASE("the second version's limit counts, of the own group and of those around it", "[base]") {
  const std::string own = "0::/a/b\n";
  CHECK(memory_with({{"proc/self/cgroup", own}, {"sys/fs/cgroup/a/b/memory.max", "500000000\n"}}) ==
        500'000'000);
  CHECK(memory_with({{"proc/self/cgroup", own},
                     {"sys/fs/cgroup/a/b/memory.max", "max\n"},
                     {"sys/fs/cgroup/a/memory.max", "300000000\n"}}) == 300'000'000);
  CHECK(memory_with({{"proc/self/cgroup", own},
                     {"sys/fs/cgroup/a/b/memory.max", "500000000\n"},
                     {"sys/fs/cgroup/a/b/memory.high", "400000000\n"}}) == 400'000'000);
  CHECK(memory_with({{"proc/self/cgroup", own}, {"sys/fs/cgroup/a/b/memory.max", "max\n"}}) ==
        machine);
}

TEST_CASE("in a container the top of what is seen is the own group", "[base]") {
  // With a namespace of its own, without one, and where the path leads out of it.
  for (const char* path : {"/", "/docker/0123", "/../../kubepods/pod"}) {
    CAPTURE(path);
    CHECK(memory_with({{"proc/self/cgroup", std::string("0::") + path + "\n"},
                       {"sys/fs/cgroup/memory.max", "200000000\n"}}) == 200'000'000);
  }
}

TEST_CASE("the first version's limit counts too", "[base]") {
  const std::string own = "12:cpu,cpuacct:/x\n7:memory:/docker/0123\n1:name=systemd:/y\n0::/z\n";
  CHECK(memory_with({{"proc/self/cgroup", own},
                     {"sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes", "100000000\n"}}) ==
        100'000'000);
  CHECK(memory_with({{"proc/self/cgroup", own},
                     {"sys/fs/cgroup/memory/memory.limit_in_bytes", "100000000\n"}}) ==
        100'000'000);
  // Its way to say that there is none.
  CHECK(memory_with({{"proc/self/cgroup", own},
                     {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}}) ==
        machine);
}

TEST_CASE("what bodies may take is a share of it", "[base]") {
  const std::uint64_t share = ccrelay::default_buffered_body_bytes();
  CHECK(share > 0);
  CHECK(share <= 1ull << 30);
  const std::uint64_t memory = machine_memory();
  if (memory > 0) CHECK(share <= memory / 4);
  CHECK(ccrelay::ServerConfig().max_buffered_body_bytes == share);
}
