#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/answer_view.hpp"
#include "wire/member_scan.hpp"
#include "wire/signature_scan.hpp"
#include "wire/sse.hpp"
#include "wire/usage_reader.hpp"

namespace ccrelay::exchange {

/// Watches a message stream go by: when it is safe to hand it to the client, where its events are
/// whole, whether it ended as a message does, what it used. Pure.
class StreamTap final : private wire::SseSink {
 public:
  StreamTap(wire::AnswerFacts& reader, std::size_t inspect_bytes, wire::UsageReader& usage)
      : reader_(reader), usage_(usage), scanner_(*this, inspect_bytes) {}

  void feed(std::string_view bytes) { scanner_.feed(bytes); }

  /// An event other than message_start, ping and error was there: the provider is really answering.
  bool answering() const { return answering_; }
  /// An error went by: an `error` event, or data that is one whatever the event is called.
  bool failed() const { return failed_; }
  const wire::ProviderError& error() const { return error_; }
  /// The error as JSON, in the provider's words where those are JSON.
  const std::string& error_json() const { return error_json_; }
  /// Clients see the error: it came as an event of that name.
  bool error_is_seen() const { return error_is_seen_; }
  /// Where the error's event began in the last feed(); 0 if before.
  std::size_t error_at() const { return error_at_; }
  /// `message_stop` (or an error) went by: the end that follows is a proper one.
  bool finished() const { return finished_; }
  /// The digests of the thinking signatures that went by; once.
  std::vector<wire::SignatureDigest> take_signatures() { return std::move(signatures_); }
  /// The tokens of the content that went by, at four bytes each: for who has no better figure.
  std::uint64_t content_estimate() const;
  /// How many bytes of the last feed() were seen when the last event was whole; 0: none ended in
  /// it.
  std::size_t whole() const { return scanner_.whole(); }
  /// All events seen are whole.
  bool between_events() const { return scanner_.between_events(); }
  /// What ends an event that was cut here, so that the next one stands by itself.
  std::string_view separator() const {
    return between_events() ? "" : scanner_.at_line_start() ? "\n" : "\n\n";
  }

 private:
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override;
  void on_long_data(std::string_view piece) override;
  void on_long_message(const wire::MemberScan& scan);
  // Anthropic's: the data of events that have such a name need not be read to know what they are.
  enum class Name : std::uint8_t {
    other,
    content_block_delta,
    content_block_start,
    content_block_stop,
    message_delta,
    message_start,
    message_stop,
    ping,
    error,
  };
  static Name name_of(std::string_view text);
  bool is_error(Name name, std::string_view data);

  wire::AnswerFacts& reader_;
  wire::UsageReader& usage_;
  wire::SseScanner scanner_;
  wire::SignatureScan scan_;
  std::vector<wire::SignatureDigest> signatures_;
  std::unique_ptr<wire::MemberScan> long_;  // of an event whose data is not kept
  std::uint64_t long_bytes_ = 0;
  std::uint64_t delta_bytes_ = 0;  // of all data of content_block_delta
  std::uint64_t deltas_ = 0;
  wire::ProviderError error_;
  std::string error_json_;
  std::size_t error_at_ = 0;
  bool error_is_seen_ = false;
  bool answering_ = false;
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::exchange
