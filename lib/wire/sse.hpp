#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::wire {

/// What a scanner finds in a stream.
class SseSink {
 public:
  virtual ~SseSink() = default;
  /// The event's name is known, its data not yet.
  virtual void on_event_begin(std::string_view name) = 0;
  /// An event is complete. `data` is empty when it was longer than the scanner keeps.
  /// Both are views of the bytes that are fed where the whole event came in these.
  virtual void on_event(std::string_view name, std::string_view data) = 0;
  /// Data that is longer than the scanner keeps, in pieces as it comes; on_event() follows. Where
  /// its lines end there is an LF somewhere between two pieces. The event's name may come later.
  virtual void on_long_data(std::string_view) {}
};

/// Reads a Server-Sent Events stream in passing (WHATWG HTML, section 9.2.6), however it is cut. It
/// changes nothing and keeps only the current event's name and data, up to a limit.
/// Pure; the same bytes give the same calls whatever the cuts.
class SseScanner {
 public:
  SseScanner(SseSink& sink, std::size_t data_bytes_max)
      : sink_(sink), data_bytes_max_(data_bytes_max) {}

  void feed(std::string_view bytes);
  /// How many bytes of the last feed(), or of that which runs, were seen when the last event was
  /// whole; 0 if none ended in it.
  std::size_t whole() const { return whole_; }
  /// The last byte seen ended an event (or nothing was seen): something may be put in here. A
  /// comment between events is no part of one.
  bool between_events() const { return at_line_start_ && !in_event_; }
  /// The last byte seen ended a line.
  bool at_line_start() const { return at_line_start_; }
  /// What is kept of the event that is being read. Between two calls.
  std::size_t kept_bytes() const { return line_.size() + name_.size() + data_.size(); }

 private:
  void line_end();
  void whole_line(std::string_view line);
  void keep();
  void line_bytes(std::string_view bytes);
  // For the field's name beside the data.
  std::size_t room_for_line() const { return data_bytes_max_ + 16; }
  void pass_data(std::string_view bytes);

  SseSink& sink_;
  const std::size_t data_bytes_max_;
  std::size_t whole_ = 0;
  std::string line_;
  // Of the event: in the bytes that are being fed, or in what is kept of them.
  std::string_view name_;
  std::string_view data_;
  std::string kept_name_;
  std::string kept_data_;
  bool data_lost_ = false;
  bool line_lost_ = false;
  bool line_is_data_ = false;  // while line_lost_
  bool at_line_start_ = true;
  bool in_event_ = false;  // lines since the last blank one
  bool after_cr_ = false;  // a following LF belongs to it
};

}  // namespace ccrelay::wire
