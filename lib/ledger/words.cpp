#include <ccrelay/config.hpp>
#include <ccrelay/ledger.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

namespace ccrelay {
namespace {

std::string size_words(std::uint64_t bytes) {
  char text[32];
  double size = static_cast<double>(bytes);
  const char* unit = "bytes";
  for (const char* next : {"KB", "MB", "GB", "TB"}) {
    if (size < 1000) break;
    size /= 1000;
    unit = next;
  }
  std::snprintf(text, sizeof text, bytes < 1000 ? "%.0f %s" : "%.1f %s", size, unit);
  return text;
}

std::string seconds_words(Duration lasts) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(lasts).count()) + " s";
}

}  // namespace

std::string in_words(const LedgerStatus& status, WallTime now) {
  std::string out = status.path + ": ";
  if (!status.trouble.empty()) {
    out += "not written for " + seconds_words(now - status.since) + ": " + status.trouble;
  } else if (status.last_commit) {
    out += "written " + seconds_words(now - *status.last_commit) + " ago";
  } else {
    out += "nothing written yet";
  }
  out += ", " + size_words(status.size_bytes);
  if (status.queue > 0) out += ", " + std::to_string(status.queue) + " waiting";
  if (status.dropped > 0) out += ", " + std::to_string(status.dropped) + " dropped";
  return out;
}

LedgerOptions ledger_options(const LedgerConfig& config, std::string path) {
  LedgerOptions options;
  options.path = std::move(path);
  options.flush = config.flush;
  options.retention_days = config.retention_days;
  options.max_bytes = config.max_bytes;
  options.queue_max = static_cast<std::size_t>(config.queue_max);
  options.timezone = config.timezone == DayZone::utc ? "UTC" : "local";
  options.required = config.required.value_or(false);
  return options;
}

}  // namespace ccrelay
