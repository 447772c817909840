#pragma once

#include <cstdint>
#include <string>

namespace ccrelay::base {

/// The memory that this process may have: what the machine has, or less where its control group or
/// one around that says so (cgroup v2 memory.max and memory.high, v1 memory.limit_in_bytes). 0
/// where nobody says. `root` stands before /proc and /sys, for tests.
std::uint64_t machine_memory(const std::string& root = {});

}  // namespace ccrelay::base
