#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "observe/prometheus.hpp"

namespace ccrelay::observe {

/// What /proc/self/stat tells of a process (proc_pid_stat(5)).
struct ProcessStat {
  std::uint64_t cpu_ticks = 0;    ///< user and system
  std::uint64_t start_ticks = 0;  ///< after the machine's start
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
};
std::optional<ProcessStat> parse_process_stat(std::string_view text);
/// Of this process.
std::optional<ProcessStat> read_process_stat();
/// When the machine started, in seconds since 1970, by /proc/stat.
std::optional<std::uint64_t> parse_boot_time(std::string_view text);

/// `process_…`, as Prometheus' own client libraries name them; what the system does not tell is
/// left out. Reads /proc.
void print_process(Exposition& out);

}  // namespace ccrelay::observe
