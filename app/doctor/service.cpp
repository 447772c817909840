#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "config_check.hpp"
#include "files.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* service_id = "service";
constexpr const char* unit_name = "cc-relay.service";
constexpr std::size_t unit_bytes_max = 1 << 20;

// Where systemd looks, the user's own first (systemd.unit(5)).
std::vector<std::string> unit_folders(const Environment& env) {
  std::vector<std::string> folders;
  const std::string own = xdg_directory(env, "XDG_CONFIG_HOME", ".config");
  if (!own.empty()) folders.push_back(own + "/systemd/user");
  for (const char* one :
       {"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system"}) {
    folders.push_back(one);
  }
  return folders;
}

std::string text_of(const std::string& file) {
  const auto text = read_file(file, unit_bytes_max);
  return text && *text ? **text : std::string();
}

// The last `Restart=` that the unit and its drop-ins have; `no` is systemd's own.
std::string restart_of(const std::string& text) {
  std::string found = "no";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.rfind("Restart=", 0) == 0) found = line.substr(8);
    at = end + 1;
  }
  return found;
}

bool check_unit(const Facts& facts, Findings& out) {
  for (const std::string& folder : unit_folders(facts.env)) {
    const std::string file = folder + "/" + unit_name;
    std::string text = text_of(file);
    if (text.empty()) continue;
    for (const std::string& each : unit_folders(facts.env)) {
      const std::string parts = each + "/" + unit_name + ".d";
      for (const std::string& name : names_in(parts)) text += "\n" + text_of(parts + "/" + name);
    }
    if (restart_of(text) != "no") return true;
    out.warning(service_id, file, "nothing starts the relay again when it has ended by a fault",
                "write Restart=on-failure below [Service]");
    return false;
  }
  return true;
}

bool check_log(const Facts& facts, Findings& out) {
  bool fine = true;
  for (const std::string& line : missing_files(facts.config)) {
    if (line.rfind("logging.output", 0) != 0) continue;
    const auto [message, advice] = halves(line);
    out.warning(service_id, "", message,
                advice.empty() ? "let the user that the relay runs as write there" : advice);
    fine = false;
  }
  return fine;
}

bool check_user(const Facts& facts, Findings& out) {
  if (!facts.is_ours() || !facts.contact->running) return true;
  struct stat info {};
  const std::string folder = fmt::format("/proc/{}", facts.contact->running->process);
  if (::stat(folder.c_str(), &info) != 0 || info.st_uid != 0) return true;
  out.warning(service_id, "",
              "the running relay was started by root, whose rights it has no use for",
              "start it as a user of its own (User= or DynamicUser=yes in a unit)");
  return false;
}

}  // namespace

void check_service(const Facts& facts, Findings& out) {
  const bool unit = check_unit(facts, out);
  const bool log = check_log(facts, out);
  const bool user = check_user(facts, out);
  if (unit && log && user) out.ok(service_id, "", "nothing to mend");
}

}  // namespace ccrelay::app::checks
