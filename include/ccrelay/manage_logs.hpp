#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace ccrelay::manage {
class LogReader;
}

/// What the management of a relay says of its log; see manage_types.hpp.
namespace ccrelay::management {

/// How much is logged.
enum class LogLevel : std::uint8_t {
  unspecified,  ///< of set_log_level(): back to the configuration's; of a watch: all there are
  debug,
  info,
  warn,
  error,
};

/// The level in force.
struct LogLevelState {
  LogLevel level = LogLevel::unspecified;
  LogLevel configured_level = LogLevel::unspecified;
  std::optional<WallTime> expire_time;  ///< when it falls back to that by itself
};

/// One line of the log: a request that has ended, or something that happened to the relay.
struct LogLine {
  WallTime time{};
  LogLevel level = LogLevel::unspecified;
  std::string event;       ///< a fixed word, such as "request" or "managed"
  std::string message;     ///< for a person
  std::string id;          ///< Request::id, when it is about a request that was relayed
  std::string request_id;  ///< when it is about a request
  std::map<std::string, std::string> fields;
};

/// Lines are missing here.
struct LinesLost {
  std::uint64_t lines = 0;
};

using LogEvent = std::variant<LogLine, LinesLost>;

/// Which lines.
struct LogWatch {
  LogLevel min_level = LogLevel::unspecified;  ///< this and what is worse
  std::int32_t tail = 0;                       ///< lines of before to begin with, 0 to 1000
  std::string request = {};   ///< only those of this id or X-Request-ID; empty = all
  std::string contains = {};  ///< only those whose message does, capital letters or not
  /// Lines held at most: 16 to 65536; 0 = 1024. Whatever this says, no more than 1 MiB is.
  std::int32_t queue_lines = 0;
  bool no_follow = false;  ///< it is over behind the lines of before
};

/// Someone who reads the log; as Subscription in manage_events.hpp.
class [[gnu::visibility("default")]] LogSubscription {
 public:
  explicit LogSubscription(std::shared_ptr<manage::LogReader> reader);
  ~LogSubscription();
  LogSubscription(const LogSubscription&) = delete;
  LogSubscription& operator=(const LogSubscription&) = delete;

  /// Appends the lines since; how many events that were. Never waits. `most` as of
  /// Subscription::take().
  std::size_t take(std::vector<LogEvent> & into, std::size_t most = SIZE_MAX);
  /// As Subscription::on_ready().
  void on_ready(std::function<void()> wake);
  /// Waits until something is there, or it is over; false when the time is over.
  bool wait(std::chrono::milliseconds longest);
  /// The relay stops or has gone, or `no_follow`: what waits now is the last.
  bool is_over() const;

 private:
  const std::shared_ptr<manage::LogReader> reader_;
};

}  // namespace ccrelay::management
