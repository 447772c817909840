#include "observe/process_figures.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <string>

#include "base/ascii.hpp"

namespace ccrelay::observe {
namespace {

std::string content_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n"), text.size()));
  const auto end = std::min(text.find_first_of(" \n"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> open_descriptors() {
  DIR* const folder = ::opendir("/proc/self/fd");
  if (!folder) return {};
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  ::closedir(folder);
  return count - 1;  // the folder's own
}

void print_descriptors(Exposition& out) {
  if (const auto open = open_descriptors()) {
    out.gauge("process_open_fds", "Open file descriptors.", *open);
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  constexpr std::string_view name = "process_max_fds";
  constexpr std::string_view help = "File descriptors that may be open.";
  if (limit.rlim_cur == RLIM_INFINITY) return out.gauge(name, help, 1.0 / 0.0);
  out.gauge(name, help, static_cast<std::uint64_t>(limit.rlim_cur));
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  // The program's name stands in brackets and may hold anything; behind it is field 3.
  const auto bracket = text.rfind(')');
  if (bracket == std::string_view::npos) return {};
  text.remove_prefix(bracket + 1);
  std::array<std::uint64_t, 25> fields{};
  for (std::size_t field = 3; field < fields.size(); ++field) {
    const std::string_view word = next_word(text);
    if (word.empty()) return {};
    fields[field] = base::parse_number(word).value_or(0);
  }
  return ProcessStat{fields[14] + fields[15], fields[22], fields[23], fields[24]};
}

std::optional<ProcessStat> read_process_stat() {
  return parse_process_stat(content_of("/proc/self/stat"));
}

std::optional<std::uint64_t> parse_boot_time(std::string_view text) {
  constexpr std::string_view name = "\nbtime ";
  const auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return base::parse_number(next_word(text));
}

void print_process(Exposition& out) {
  using Billionths = Exposition::Billionths;
  if (const auto stat = read_process_stat()) {
    const auto tick = static_cast<std::uint64_t>(1'000'000'000 / ::sysconf(_SC_CLK_TCK));
    out.counter("process_cpu_seconds_total", "Processor time, user and system.",
                Billionths{static_cast<std::int64_t>(stat->cpu_ticks * tick)});
    out.gauge("process_resident_memory_bytes", "Memory that is resident.",
              stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    out.gauge("process_virtual_memory_bytes", "Memory that is addressed.", stat->virtual_bytes);
    if (const auto boot = parse_boot_time(content_of("/proc/stat"))) {
      out.gauge(
          "process_start_time_seconds", "When the process started, since 1970.",
          Billionths{static_cast<std::int64_t>(*boot * 1'000'000'000 + stat->start_ticks * tick)});
    }
  }
  print_descriptors(out);
}

}  // namespace ccrelay::observe
