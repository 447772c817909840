#include <ccrelay/time_zone.hpp>

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <string>

#include "base/plain.hpp"
#include "base/read_file.hpp"

namespace ccrelay {
namespace {

constexpr const char* folders[] = {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/",
                                   "/usr/share/lib/zoneinfo/", "/etc/zoneinfo/"};
constexpr std::size_t zone_bytes_max = 1 << 20;

// A name can't lead out of the database's folder.
bool may_be_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || name.front() == '/' || name.front() == '.') return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && std::string_view("/_+-.").find(c) == name.npos) {
      return false;
    }
  }
  return name.find("..") == name.npos;
}

Result<TimeZone> from_database(std::string_view name) {
  if (may_be_name(name)) {
    for (const char* folder : folders) {
      const base::FileText file = base::read_file(folder + std::string(name), zone_bytes_max);
      if (file) return TimeZone::from_file(std::string(name), file.text);
    }
  }
  const bool any = ::access(folders[0], R_OK) == 0 || ::access(folders[1], R_OK) == 0;
  std::string message = "there is no time zone " + base::plain(name);
  message += any ? "; a name is like Europe/Berlin, or it is local or UTC"
                 : ": this machine has no database of them (install tzdata)";
  return Error{ErrorCode::config, message};
}

// /etc/localtime is a link into the database where somebody has chosen a zone.
std::string linked_name(const char* link) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(link, target, sizeof target);
  if (length <= 0) return "local";
  const std::string path(target, static_cast<std::size_t>(length));
  const auto at = path.rfind("zoneinfo/");
  if (at == path.npos) return "local";
  const std::string name = path.substr(at + 9);
  return name == "Etc/UTC" || name == "UTC" ? "UTC" : name;
}

Result<TimeZone> machines_own() {
  const char* variable = std::getenv("TZ");
  if (variable != nullptr) {
    std::string_view text = variable;
    if (!text.empty() && text.front() == ':') text.remove_prefix(1);
    if (text.empty() || text == "UTC") return TimeZone();
    if (text.front() == '/') {
      const base::FileText file = base::read_file(std::string(text), zone_bytes_max);
      if (file) return TimeZone::from_file(linked_name(variable), file.text);
    } else if (auto named = from_database(text)) {
      return named;
    } else if (auto rule = TimeZone::from_rule("local", text)) {
      return rule;
    }
    return TimeZone();  // as the C library does
  }
  const base::FileText file = base::read_file("/etc/localtime", zone_bytes_max);
  if (!file) return TimeZone();
  return TimeZone::from_file(linked_name("/etc/localtime"), file.text);
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  if (name == "UTC" || name == "utc") return TimeZone();
  if (name == "local") return machines_own();
  return from_database(name);
}

}  // namespace ccrelay
