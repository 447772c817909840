#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/recycled.hpp"
#include "base/timer_queue.hpp"
#include "exchange/answer_stage.hpp"
#include "exchange/client_request.hpp"
#include "exchange/error_answer.hpp"
#include "exchange/failure.hpp"
#include "exchange/interpreter.hpp"
#include "exchange/settlement.hpp"
#include "exchange/target.hpp"
#include "identity/desk.hpp"
#include "upstream/client.hpp"
#include "worker/held_bytes.hpp"
#include "worker/snapshot.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

class Attempt;

/// Who looks for an answer. May destroy the attempt in either call.
class AttemptSink {
 public:
  virtual ~AttemptSink() = default;
  /// An answer that is to be passed on has begun. Whoever takes the attempt over calls pass_to()
  /// at once.
  virtual void on_answer(Attempt& attempt) = 0;
  /// No answer to pass on.
  virtual void on_attempt_failed(Attempt& attempt, Failure failure) = 0;
};

/// Who passes the answer on. May destroy the attempt in each call but full().
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  /// It can take nothing now; it calls resume() when it can.
  virtual bool full() const = 0;
  virtual void on_answer_body(std::string_view bytes) = 0;
  /// Nothing follows at once.
  virtual void on_answer_pause() = 0;
  /// The answer has ended: whole, or with what went wrong.
  virtual void on_answer_end(bool whole, std::string_view detail) = 0;
};

/// One try at one provider: its identity where it takes one, the transfer and its timeouts. What an
/// answer's bytes mean is for its AnswerStage to say; an answer that is an error at once is read by
/// an ErrorAnswer. Destroying it cancels it; close() says
/// before that how it ended, or else nothing is settled but what was reserved goes back.
class Attempt final : public upstream::TransferSink,
                      public base::Recycled<Attempt>,
                      private identity::Waiter {
 public:
  Attempt(worker::Tools& tools, const Config& config, const ClientRequest& request, Target target,
          AttemptSink& sink);

  /// Begins. `cut` are thinking blocks to leave out. A failure says why the provider's request
  /// can't be built; nothing has begun then.
  std::optional<Failure> start(std::vector<Splice> cut);

  /// From on_answer() on: the answer's head, what its bytes go through, and who gets them.
  const ResponseHead& head() const { return head_; }
  AnswerStage& stage() { return *stage_; }
  const AnswerStage& stage() const { return *stage_; }
  void pass_to(AnswerSink& sink) { answer_sink_ = &sink; }
  /// Between a client and a provider of different dialects, and where the relay listens to one that
  /// is not Anthropic's; else null.
  const Interpreter* interpreter() const { return interpreter_.get(); }
  /// Nobody asks for the head any more; a stream may go on for hours.
  void let_head_go() { head_.headers = {}; }
  /// After Flow::pause.
  void resume();
  /// Whether the request's body may still be read.
  bool needs_body() const { return transfer_ && transfer_->needs_body(); }
  /// Nothing of it is sent any more.
  void let_body_go() {
    if (!interpreter_) return;
    interpreter_->let_body_go();
    held_.let_go();
  }
  TimePoint last_byte() const { return last_byte_; }
  /// What would have to be kept of its answer finds no room: it ends, and the provider is not to
  /// blame.
  bool answer_has_no_room() const { return answer_has_no_room_; }

  /// The client's betas that went along.
  std::vector<std::string_view> sent_betas() const;

  /// Whether a try without any of the client's reasoning would be another one than this.
  bool may_be_repaired() const;

  /// Asked, and no answer's head yet.
  bool is_silent() const {
    return phase_ == Phase::authorizing || phase_ == Phase::connecting || phase_ == Phase::waiting;
  }
  /// Somebody who was asked later has answered.
  void is_overtaken() { heard_ = state::Heard::others; }
  TimePoint started() const { return started_; }
  Duration age() const { return tools_.loop.now() - started_; }
  const Target& target() const { return target_; }
  /// What is known so far.
  const AttemptSummary& summary() const { return summary_; }
  /// The same with what its answer has told of usage.
  AttemptSummary so_far(WallTime wall) const;
  /// Ends it: stops the transfer, settles key and provider, and gives the whole account away, to be
  /// moved from.
  AttemptSummary&& close(Outcome outcome, std::string_view detail,
                         const Failure* failure = nullptr);

 private:
  enum class Phase : std::uint8_t {
    authorizing,
    connecting,
    waiting,
    error_body,
    holding,
    passing
  };

  void on_credentials(const Result<identity::Held>& result) override;

  void on_connected(bool reused) override;
  void on_head(ResponseHead head) override;
  upstream::Flow on_body(std::string_view bytes) override;
  void on_all_given() override;
  void on_done(const upstream::TransferResult& result) override;

  std::optional<Failure> interpret();
  bool leave_out_fields();  // false: there is no room for what is left
  void find_model();
  std::optional<Failure> send();
  ProviderRequest provider_request() const;
  bool is_translated() const;
  Interpreter::Told told(bool without_reasoning) const;
  /// In the provider's words.
  std::string_view body() const;
  provider::ErrorSource source() const;
  std::unique_ptr<AnswerDecoder> decoder(AnswerStage::Decodes& decodes);
  std::function<std::unique_ptr<AnswerDecoder>()> frames();
  milliseconds first_byte_limit() const;
  void take(std::string_view bytes);
  void hold_for_a_while();
  void end_answer(const upstream::TransferResult& result);
  void break_off(const std::string& detail);
  void fail_encoded();
  void begin_passing();
  void pass_on(const AnswerStage::Step& step);
  void keep_undecoded();
  void fail_held(std::string_view detail);
  void take_in_band(Failure& failure, const wire::ProviderError& error);
  void fail_with_error(bool whole);
  void learn_limits(const Headers& headers);
  void learn_signatures();
  AnswerUse answer_use(Outcome outcome, const Failure* failure) const;
  void on_timeout();
  void fail(Outcome outcome, std::string detail);

  worker::Tools& tools_;
  const Config& config_;
  const ClientRequest& request_;
  Target target_;
  AttemptSink& sink_;
  AnswerSink* answer_sink_ = nullptr;
  AttemptSummary summary_;
  std::unique_ptr<Interpreter> interpreter_;
  worker::HeldBytes held_;         // of its body
  worker::HeldBytes held_answer_;  // what is kept of that to be translated
  std::uint64_t undecoded_ = 0;    // or decoded
  bool answer_has_no_room_ = false;
  std::unique_ptr<const RequestHead> translated_head_;  // where it translates
  std::vector<Splice> cut_;
  std::vector<Splice> model_splices_;
  Unsupported unsupported_;
  std::unique_ptr<identity::Ticket> ticket_;
  identity::Held held_identity_;  // what the request went out with
  Credential credential_;         // until it has gone out
  OutboundRequest outbound_;
  std::unique_ptr<upstream::Transfer> transfer_;
  base::Timer timer_;
  const TimePoint started_;
  TimePoint last_byte_{};
  TimePoint hold_until_{};
  Phase phase_ = Phase::authorizing;
  bool paused_ = false;
  state::Heard heard_ = state::Heard::nothing_yet;
  std::uint64_t request_bytes_ = 0;  // of the body
  std::unique_ptr<ErrorAnswer> error_;
  ResponseHead head_;
  std::optional<AnswerStage> stage_;  // of an answer that may be passed on
};

}  // namespace ccrelay::exchange
