#pragma once

#include <ccrelay/result.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::observe {

/// The open file, pipe, socket or terminal that log lines go to. Owned by its LogSink and used
/// under that one's lock. Never waits for a reader; a regular file is written to directly.
class LogTarget {
 public:
  /// `stdout`, `stderr` or the path of a file, which is made with mode 0600 when missing.
  static Result<std::unique_ptr<LogTarget>> open(const std::string& output);
  /// A descriptor of the caller's, which stays the caller's.
  explicit LogTarget(int descriptor);
  ~LogTarget();
  LogTarget(const LogTarget&) = delete;
  LogTarget& operator=(const LogTarget&) = delete;

  bool is_terminal() const { return terminal_; }

  /// How many bytes it took: 0 when it takes none at the moment, nothing when waiting for it would
  /// not help either (nobody reads any more, the disk is full).
  std::optional<std::size_t> write_some(std::string_view bytes);
  /// Waits until it may take more, or that time has passed.
  void wait_writable(std::chrono::milliseconds at_most);

  /// Opens the path again. On an error the old file stays in use. Nothing to do without a path.
  Result<void> reopen();

 private:
  enum class Kind { file, pipe, socket };
  LogTarget(int descriptor, std::string path);
  void look();
  void use_own_terminal();

  int descriptor_ = -1;
  bool owned_ = false;
  bool terminal_ = false;
  Kind kind_ = Kind::file;
  std::string path_;  // empty for stdout, stderr and a descriptor of the caller's
};

}  // namespace ccrelay::observe
