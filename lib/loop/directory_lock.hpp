#pragma once

#include <chrono>
#include <string>

namespace ccrelay::loop {

/// A lock on the directory of a path, among processes and threads that take it as well: flock(2) on
/// the directory itself, so that no file of it stays behind. Those who hold it do so for a few
/// system calls. Best effort: where a directory can't be locked, or somebody holds on to the lock,
/// which anybody may who can read the directory, one goes on without it after `patience`, for which
/// the thread is blocked.
class DirectoryLock {
 public:
  DirectoryLock(const std::string& path, std::chrono::milliseconds patience);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace ccrelay::loop
