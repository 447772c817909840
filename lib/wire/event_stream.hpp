#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/event_message.hpp"

namespace ccrelay::wire {

/// Who is told of messages.
class EventStreamSink {
 public:
  virtual ~EventStreamSink() = default;
  /// Runs inside feed(); must not destroy the parser or feed it.
  virtual void on_message(const EventMessage& message) = 0;
};

/// Reads application/vnd.amazon.eventstream however it is cut; checks both checksums and every
/// header before a message is handed out. A message that lies whole in what is fed is not copied.
/// One per stream; idle between messages it owns next to nothing. Pure.
class EventStreamParser {
 public:
  /// As the format's specification has them.
  static constexpr std::size_t message_bytes_max = std::size_t{16} << 20;
  static constexpr std::size_t header_bytes_max = std::size_t{128} << 10;

  explicit EventStreamParser(std::size_t message_limit = message_bytes_max)
      : message_limit_(message_limit) {}

  /// The next bytes. The messages before a fault are still handed out. After one there are no more:
  /// where the next would begin can't be known.
  Result<void> feed(std::string_view bytes, EventStreamSink& sink);
  /// No more bytes will come. An error if a message was cut, or there was one before.
  Result<void> end();
  /// How many of all bytes fed were whole messages without fault: others may be put in behind them.
  std::uint64_t whole_bytes() const { return whole_bytes_; }
  /// What is kept of a message that was cut.
  std::uint64_t kept_bytes() const { return buffer_.size(); }

 private:
  bool take(std::string_view message, EventStreamSink& sink);
  std::string_view fill(std::string_view bytes, std::size_t size);
  std::size_t length(std::string_view prelude);
  bool read_headers(std::string_view bytes);
  bool read_header(std::string_view& bytes, EventHeader& header);
  bool fail(std::string what);

  const std::size_t message_limit_;
  std::string buffer_;      // the beginning of a message that was cut
  std::size_t length_ = 0;  // of that message once its prelude is there, else 0
  std::uint64_t whole_bytes_ = 0;
  std::vector<EventHeader> headers_;
  std::optional<Error> error_;
};

}  // namespace ccrelay::wire
