#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/auth.hpp"
#include "exchange/failure.hpp"
#include "exchange/stream_tap.hpp"
#include "provider/error_about.hpp"
#include "wire/answer_view.hpp"
#include "wire/member_scan.hpp"
#include "wire/usage_reader.hpp"

namespace ccrelay::exchange {

/// What an answer that may be passed on goes through on its way to the client, from its head on:
/// decoded where its provider speaks another form than Anthropic's; known by its first bytes for
/// what it is, whatever its head calls it; held while it may still turn out to be a failure that
/// somebody else can do better (a stream until it really answers, JSON until all of it is there);
/// passed on in whole events; watched for usage, signatures and a proper end. Pure: bytes in, bytes
/// and a verdict out, the same however the input is cut. Of one attempt, which owns it.
class AnswerStage final {
 public:
  enum class Verdict : std::uint8_t {
    undecided,  ///< held; the client gets nothing yet
    pass,       ///< the client may have it; after the first time what was held is in take_held()
    failed,     ///< never: failure() says why
  };
  struct Step {
    Verdict verdict = Verdict::undecided;
    /// For the client, when it passes: first what waited for its end, then this, which lasts until
    /// the next call.
    std::string carried = {};
    std::string_view shown = {};
    std::string broken = {};  ///< why the answer makes no sense any more; it ends here then
  };
  /// What a decoder makes of it.
  enum class Decodes : std::uint8_t {
    by_head,        ///< what the head says that it is
    stream,         ///< events, whatever its head says
    stream_at_end,  ///< the same, but none before its end
    document,       ///< JSON, at its end
  };
  /// What is known when the head has come.
  struct What {
    Operation operation;
    /// Of what is shown: Anthropic's where it is translated, also for a client that gets it in
    /// other words than these, else the client's.
    Dialect dialect;
    const ResponseHead& head;
    Outcome outcome;                        ///< what the status means
    Authority authority = Authority::none;  ///< what it was asked with
    provider::ErrorSource source = {};      ///< whom; what it refers to outlives the stage
    bool wants_stream = false;              ///< the client asked for one
    /// Makes the decoder, and the head fit, where an answer without one begins with a frame of
    /// AWS's event stream. Null: no such provider.
    std::function<std::unique_ptr<AnswerDecoder>()> frames = {};
    bool wants_names = false;  ///< somebody asks for names()
    Decodes decodes = Decodes::by_head;
    wire::CostMember cost = wire::CostMember::none;  ///< where its provider tells what it cost
  };

  /// `decoder` may be null. The first verdict is at hand at once: see holds().
  AnswerStage(wire::AnswerFacts& facts, const StreamConfig& limits, const What& what,
              std::unique_ptr<AnswerDecoder> decoder);

  /// Whether the answer is held back, as of the last call.
  bool holds() const { return holds_; }
  /// Whether it may be shown before all of it is there: then it is not held for longer than
  /// stream.hold_ms.
  bool may_be_shown_early() const;
  /// The time is over: what is held may go.
  void stop_holding();
  /// What was held, once.
  std::string take_held();
  /// It goes on as it comes from the next byte on, and nobody asks what it says: there is no room
  /// to understand it. Of what is decoded beside what is shown; may be called during feed().
  void stop_reading() { unread_ = true; }
  /// What a provider's decoder keeps of what it was fed.
  std::uint64_t undecoded_bytes() const { return decoder_ ? decoder_->kept_bytes() : 0; }

  /// The next bytes from the provider.
  Step feed(std::string_view bytes);
  /// It has ended as HTTP; nothing is fed after it.
  Step end(bool whole);

  /// After Verdict::failed. `detail` says how the connection ended, where the answer does not tell
  /// by itself. With error() the body is what a client gets when nobody does better.
  Failure failure(std::string_view detail);
  /// An error that stood in the answer; null if there was none.
  const wire::ProviderError* error() const;
  /// It as JSON, as far as that can be.
  const std::string& error_json() const { return tap_ ? tap_->error_json() : kept_; }

  /// How an answer that was passed on has ended.
  struct Conclusion {
    Outcome outcome;
    std::string detail;
    bool cut = false;  ///< something is missing, and the client must be told
  };
  /// At the end of an answer that was passed on; `detail` says how the connection ended if it was
  /// not whole.
  Conclusion conclude(bool whole, std::string_view detail);

  /// A message stream that is read in passing: pings and an error may be put into it.
  bool is_watched() const { return tap_.has_value(); }
  /// Whether something may be put in here, and more is to come.
  bool may_take_ping() const { return tap_ && !through_ && !tap_->finished(); }
  /// What must stand before an error that is put in here; none where nothing can be said any more.
  std::optional<std::string_view> before_error() const;

  /// What the answer said of usage so far, however long it is.
  UsageReport usage() const;
  /// What its provider has said by now that it cost, in nano-USD.
  std::optional<std::int64_t> told_cost() const;
  /// What it calls itself and why it ended, as far as it has told; null where nobody wants that.
  const wire::AnswerNames* names();
  /// Nothing of it is missing: what it said of usage is final.
  bool is_told() const;
  /// The tokens that its content may be, at four bytes each: for who has no better figure.
  std::uint64_t content_estimate() const { return tap_ ? tap_->content_estimate() : 0; }
  /// The digests of the thinking signatures in it, once.
  std::vector<wire::SignatureDigest> take_signatures();

 private:
  enum class Form : std::uint8_t {
    unknown,  // its first bytes will tell
    stream,   // of messages; tap_ is there
    json,     // one document
    decoded,  // what a decoder makes of all of it
    opaque,   // none of our business
  };

  Outcome outcome_of_error() const;
  wire::UsageReader usage_of_members() const;
  bool has_ended() const { return tap_->finished() || unread_; }
  std::string_view decode(std::string_view bytes, std::string& broken);
  void become_stream();
  void become_frames(std::string& broken);
  void recognise(std::string& broken);
  void hold(std::string_view shown, std::string_view readable, Step& step);
  void pass(std::string_view shown, std::size_t whole, Step& step);
  void pass_stream(std::string_view shown, std::string_view readable, Step& step);
  void tell_held_error();
  bool shows_own() const;
  std::size_t whole() const;
  void fail(std::string_view how);
  void finish_last_event(bool whole, Step& step);
  void finish_own_bytes(bool whole, Step& step);
  Verdict judge_json(bool whole);
  void read_on();
  std::string foreign_error_event() const;

  wire::AnswerFacts& facts_;
  const std::size_t inspect_bytes_;
  const std::size_t event_bytes_max_;
  const Operation operation_;
  const Dialect dialect_;
  const Outcome outcome_;
  const Authority authority_;
  const provider::ErrorSource source_;
  const int status_;
  std::unique_ptr<AnswerDecoder> decoder_;
  std::function<std::unique_ptr<AnswerDecoder>()> frames_;
  std::uint64_t fed_before_ = 0;  // bytes that it was fed before this call
  std::uint64_t fed_ = 0;
  std::string decoded_;  // of one call
  Form form_ = Form::opaque;
  bool says_stream_ = false;    // the head does
  bool comes_at_end_ = false;   // nothing is decoded before
  bool may_be_stream_ = false;  // while unknown
  std::optional<StreamTap> tap_;
  wire::UsageReader usage_;
  std::unique_ptr<wire::MemberScan> members_;      // of JSON that is too long to be held
  bool is_message_ = false;                        // JSON that was read as a whole
  wire::ProviderError error_;                      // of a JSON answer
  std::vector<wire::SignatureDigest> signatures_;  // of a JSON answer
  std::string kept_;        // held, or the beginning of an event that is not whole
  std::size_t blanks_ = 0;  // in front of it, while unknown
  std::size_t whole_ = 0;   // bytes of it that are whole events, while held
  std::string why_;         // it failed, if no error stood in it
  bool holds_ = false;
  bool through_ = false;      // inside an event too long to wait for its end
  bool muted_ = false;        // an error was told; nothing follows it
  bool failed_ = false;       // error_ says why
  bool unread_ = false;       // its decoder says nothing any more
  bool ended_early_ = false;  // what the client has of its own bytes does not say so
};

}  // namespace ccrelay::exchange
