#include "base/machine_memory.hpp"

#include <ccrelay/config.hpp>

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/ascii.hpp"
#include "base/read_file.hpp"

namespace ccrelay::base {
namespace {

constexpr std::size_t text_bytes_max = 256 * 1024;

// The smallest that was told.
class Least {
 public:
  void tell(std::optional<std::uint64_t> bytes) {
    if (bytes && *bytes > 0 && (least_ == 0 || *bytes < least_)) least_ = *bytes;
  }
  std::uint64_t get() const { return least_; }

 private:
  std::uint64_t least_ = 0;
};

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// A file that is one number; "max" is none.
std::optional<std::uint64_t> number_in(const std::string& file) {
  const FileText read = read_file(file, text_bytes_max);
  std::string_view text = read.text;
  return parse_number(take_line(text));
}

std::optional<std::uint64_t> physical(const std::string& root) {
  const FileText info = read_file(root + "/proc/meminfo", text_bytes_max);
  for (std::string_view rest = info.text; !rest.empty();) {
    std::string_view line = take_line(rest);
    constexpr std::string_view name = "MemTotal:";
    if (!line.starts_with(name)) continue;
    line = trim(line.substr(name.size()));
    const auto kilobytes = parse_number(line.substr(0, line.find(' ')));
    if (kilobytes && *kilobytes < (1ull << 50)) return *kilobytes * 1024;
  }
  return {};
}

// The group and all around it. In a container the path may be that of the machine, of which only
// the end, or nothing, is to be seen: what is not there says nothing, and the top always is.
void ask_groups(const std::string& top, std::string path, bool unified, Least& least) {
  while (true) {
    const std::string folder = top + path;
    if (unified) {
      least.tell(number_in(folder + "/memory.max"));
      least.tell(number_in(folder + "/memory.high"));
    } else {
      least.tell(number_in(folder + "/memory.limit_in_bytes"));
    }
    if (path.empty()) return;
    path.resize(std::min(path.rfind('/'), path.size()));
  }
}

}  // namespace

std::uint64_t machine_memory(const std::string& root) {
  Least least;
  least.tell(physical(root));
  const std::string groups = root + "/sys/fs/cgroup";
  const FileText own = read_file(root + "/proc/self/cgroup", text_bytes_max);
  for (std::string_view rest = own.text; !rest.empty();) {
    // `hierarchy:controllers:path`; see cgroups(7).
    const std::string_view line = take_line(rest);
    const auto first = line.find(':');
    const auto second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    std::string path(line.substr(second + 1));
    while (path.ends_with('/')) path.pop_back();
    if (path.find("/..") != std::string::npos) path.clear();
    if (controllers.empty()) {
      ask_groups(groups, path, true, least);
      ask_groups(groups + "/unified", path, true, least);
    } else if (has_token(controllers, "memory")) {
      ask_groups(groups + "/memory", path, false, least);
    }
  }
  return least.get();
}

}  // namespace ccrelay::base

namespace ccrelay {

std::uint64_t default_buffered_body_bytes() {
  static const std::uint64_t bytes = [] {
    constexpr std::uint64_t most = 1ull << 30;
    const std::uint64_t memory = base::machine_memory();
    return memory == 0 ? most : std::min(most, memory / 4);
  }();
  return bytes;
}

}  // namespace ccrelay
