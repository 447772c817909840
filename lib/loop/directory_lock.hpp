#pragma once

#include <ccrelay/result.hpp>

#include <string>

namespace ccrelay::loop {

/// A lock on the directory of a path, among processes and threads that take it as well: flock(2) on
/// the directory itself, so that no file of it stays behind. Waits a few seconds at most, blocking
/// the thread: those who hold it do so for a few system calls.
class DirectoryLock {
 public:
  static Result<DirectoryLock> of(const std::string& path);
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  DirectoryLock& operator=(DirectoryLock&&) = delete;

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace ccrelay::loop
