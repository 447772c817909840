#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {

/// Takes Gemini's stream apart into its chunks, in whatever form it comes: server-sent events, a
/// JSON array of the chunks (without `alt=sse`), or one object (an answer that is no stream). The
/// sink gets each chunk's JSON as an event's data, unchecked. Cut anywhere.
class GeminiChunks final : private EventSink {
 public:
  GeminiChunks(EventSink& sink, std::size_t chunk_bytes_max)
      : sink_(sink), chunk_bytes_max_(chunk_bytes_max), events_(*this, chunk_bytes_max) {}
  GeminiChunks(const GeminiChunks&) = delete;
  GeminiChunks& operator=(const GeminiChunks&) = delete;

  void feed(std::string_view bytes);
  void end();
  /// It is no stream, or a chunk was larger than is kept; nothing is told from then on.
  bool failed() const { return failed_ || events_.failed(); }
  /// It was JSON and its last bracket has come.
  bool whole() const { return whole_; }
  /// It is one object, and no stream.
  bool single() const { return form_ == Form::object; }
  /// What is kept of the chunk that is being read.
  std::size_t kept_bytes() const { return chunk_.size() + events_.kept_bytes(); }

 private:
  enum class Form : std::uint8_t { unknown, events, array, object };

  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override { return sink_.take_known(bytes); }
  void find_form(std::string_view& bytes);
  std::size_t pass_between(std::string_view bytes);
  std::size_t pass_chunk(std::string_view bytes);

  EventSink& sink_;
  const std::size_t chunk_bytes_max_;
  SseEvents events_;
  Form form_ = Form::unknown;
  std::string chunk_;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool failed_ = false;
  bool whole_ = false;
};

}  // namespace ccrelay::dialect
