#pragma once

#include <ccrelay/result.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "loop/loop.hpp"

namespace ccrelay::loop {

/// Tells that one of some files may have changed, however that is done: written in place, renamed
/// over, a link on the way to it pointed elsewhere (Kubernetes: file → `..data/file` →
/// `..2026_…/file`), deleted, or there again. Not the files are watched but the directories in
/// which something on the way to them stands, of a missing one the last directory that there is;
/// and each file itself for what is written to it. What is written to their neighbours wakes
/// nobody. The way is found anew after each event. What keeps the loop alive it is not. Loop's
/// thread.
class FileWatch final : TurnTask {
 public:
  /// `on_change` is called at a turn's end, once for all that has happened in it. The ways are
  /// watched anew by then: who reads the files in it, or later, misses nothing. It may call
  /// watch(), but not destroy this.
  FileWatch(Loop& loop, std::function<void()> on_change);
  ~FileWatch() override;

  /// These from now on, and no others. The error names the first directory that can't be watched
  /// and why; the others are.
  Result<void> watch(const std::vector<std::string>& files);
  /// Whether all of these are watched now.
  bool watches(const std::vector<std::string>& files) const;

  /// A directory, or a file on its own -> the names that matter in it; the empty one = all.
  using Places = std::map<std::string, std::set<std::string>>;

 private:
  struct Kernel;

  void run_at_turn_end() override;
  Result<void> follow();
  Result<void> begin();
  Result<void> open(const Places& places);
  void close();
  void read_events();
  void on_event(int place, std::uint32_t mask, const char* name);

  std::function<void()> on_change_;
  std::set<std::string> files_;
  Kernel* kernel_ = nullptr;                     // freed by libuv's close callback
  std::map<int, std::set<std::string>> places_;  // by inotify's number
};

}  // namespace ccrelay::loop
