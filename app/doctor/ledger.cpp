#include <ccrelay/ledger.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "files.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* path_id = "ledger.path";
constexpr const char* file_id = "ledger.file";
constexpr const char* space_id = "ledger.space";
constexpr std::uint64_t mebibyte = 1ull << 20;
constexpr std::uint64_t free_mebibytes_min = 200;

// The nearest folder above that is there: the relay makes what is missing below it.
std::string present_folder(const std::string& path) {
  std::string folder = directory_of(path);
  struct stat info {};
  while (::stat(folder.c_str(), &info) != 0 && folder != "/" && folder != ".") {
    folder = directory_of(folder);
    if (folder.empty()) folder = "/";
  }
  return folder;
}

void check_ledger_path(const std::string& path, const std::string& folder, Findings& out) {
  std::string bad;
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    out.error(path_id, path, "it is no regular file", "name another place (ledger.path)");
    return;
  }
  if (::stat(folder.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    bad = folder;
    errno = ENOTDIR;
  } else if (::access(path.c_str(), F_OK) == 0 && ::access(path.c_str(), W_OK) != 0) {
    bad = path;
  } else if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    bad = folder;
  }
  const int error = errno;
  if (bad.empty()) {
    out.ok(path_id, path, "can be written");
    return;
  }
  out.error(path_id, path,
            fmt::format("{} can't be written: {}", bad, std::generic_category().message(error)),
            "let the user that the relay runs as write there, or name another place (ledger.path)");
}

void check_ledger_file(const std::string& path, Findings& out) {
  using State = LedgerFile::State;
  const LedgerFile file = look_at_ledger(path);
  const auto [message, advice] = halves(file.words);
  switch (file.state) {
    case State::missing:
      out.skipped(file_id, path, "there is none yet");
      break;
    case State::good:
      out.ok(file_id, path, "whole");
      break;
    case State::unread:
      out.ok(file_id, path,
             fmt::format("of this version; with {} MiB too large to be read through here (PRAGMA "
                         "quick_check)",
                         file.size_bytes / mebibyte));
      break;
    case State::damaged:
      out.error(file_id, path, message,
                "restart the relay: it sets the file aside, beside it, and begins a new one");
      break;
    case State::newer:
    case State::foreign:
    case State::trouble:
      out.warning(file_id, path, message,
                  advice.empty() ? "look at the file, or name another (ledger.path)" : advice);
      break;
  }
  if (file.on_network) {
    out.warning(file_id, path, "it is on a network file system, whose locks can't be relied on",
                "keep it on a disk of this machine (ledger.path)");
  }
}

void check_ledger_space(const std::string& folder, Findings& out) {
  struct statvfs info {};
  if (::statvfs(folder.c_str(), &info) != 0) {
    out.skipped(space_id, folder, std::generic_category().message(errno));
    return;
  }
  const std::uint64_t free = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize / mebibyte;
  const std::string words = fmt::format("{} MiB free", free);
  if (free >= free_mebibytes_min) {
    out.ok(space_id, folder, words);
  } else {
    out.warning(space_id, folder, words, "make room, or lower ledger.max_bytes");
  }
}

}  // namespace

void check_ledger(const Facts& facts, Findings& out) {
  const std::string path =
      facts.config.ledger.enabled ? ledger_path(facts.config.ledger, facts.env) : std::string();
  const char* why = !has_ledger()                  ? "this program was built without SQLite"
                    : !facts.config.ledger.enabled ? "ledger.enabled is false"
                    : path.empty()                 ? "there is no place for one"
                                                   : nullptr;
  if (why != nullptr) {
    for (const char* id : {path_id, file_id, space_id}) out.skipped(id, "", why);
    return;
  }
  const std::string folder = present_folder(path);
  // Who writes it knows best.
  if (facts.report && !facts.report->ledger.empty()) {
    out.error(path_id, path, fmt::format("the running relay can't: {}", facts.report->ledger),
              "mend that; the relay tries again, and what waits is written then");
  } else {
    check_ledger_path(path, folder, out);
  }
  check_ledger_file(path, out);
  check_ledger_space(folder, out);
}

}  // namespace ccrelay::app::checks
