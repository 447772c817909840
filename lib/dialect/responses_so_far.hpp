#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/errors.hpp"
#include "wire/sse.hpp"

namespace ccrelay::dialect {

/// What a stream of responses that passes as it came has told: its last event, should it be cut, is
/// one of the whole response too. Looks only into events that tell a response or a whole item. Of
/// one answer; one thread.
class ResponsesSoFar final : private wire::SseSink {
 public:
  /// Of one event, and of all items; what is more, such as a picture, is counted and left out.
  static constexpr std::size_t kept_bytes_max = std::size_t{1} << 20;

  ResponsesSoFar() : scanner_(*this, kept_bytes_max) {}
  ResponsesSoFar(const ResponsesSoFar&) = delete;
  ResponsesSoFar& operator=(const ResponsesSoFar&) = delete;

  /// The bytes that the client gets, cut anywhere.
  void feed(std::string_view stream) { scanner_.feed(stream); }
  /// The event `response.failed`. `id` is for a response that told none.
  std::string failed(const HubError& error, std::string_view id) const;
  /// What is kept beyond the call.
  std::size_t kept_bytes() const {
    return scanner_.kept_bytes() + response_.size() + items_bytes_ +
           items_.size() * sizeof(std::string);
  }

 private:
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override;
  void on_long_data(std::string_view) override { long_ = true; }
  void take(std::string_view type, std::string_view data);

  wire::SseScanner scanner_;
  std::string response_;            // JSON text
  std::vector<std::string> items_;  // those that are done
  std::size_t items_bytes_ = 0;
  std::int64_t told_ = 0;  // events
  bool long_ = false;      // the event's data is not kept
};

}  // namespace ccrelay::dialect
