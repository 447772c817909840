#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/hub_delta.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {

/// Learns from an answer in the hub's words which reasoning stands in front of which tool call, so
/// that it can be put back for a client that sends the call without it (see Recall). One answer
/// each; one thread. Of a stream it looks into what begins blocks and into thinking; of texts it
/// counts the characters, by which the reasoning finds its place again.
class RecallTap final : private EventSink {
 public:
  /// All reasoning in front of one call; more is not told.
  static constexpr std::size_t reasoning_bytes_max = std::size_t{1} << 20;

  struct Told {
    std::string call_id;
    std::string tags;  ///< as Recall::reasoning_of() says them
  };

  /// `issuer`: of the provider, for signatures that are no tags.
  explicit RecallTap(std::string issuer);

  /// A stream's bytes, cut anywhere.
  void feed(std::string_view stream) { events_.feed(stream); }
  /// A message in JSON, whole.
  void read(std::string_view message);
  /// What was learned since the last time.
  std::vector<Told> take();
  /// What is kept beyond the call, once that was taken.
  std::size_t kept_bytes() const {
    return events_.kept_bytes() + tags_.size() + thinking_.size() + signature_.size();
  }

 private:
  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void begin_block(Json block);
  void add(Json delta);
  void add_text(Json event);
  void end_block();
  void keep(const std::string& tag);

  const std::string issuer_;
  SseEvents events_;
  std::vector<Told> told_;
  std::string tags_;  // since the last call
  std::string thinking_;
  std::string signature_;
  HubDelta delta_;
  ToldBefore before_;    // of the answer, up to here
  bool thinks_ = false;  // a block of thinking is open
  bool says_ = false;    // a text is
  bool large_ = false;   // too much since the last call
};

}  // namespace ccrelay::dialect
