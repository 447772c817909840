#pragma once

#include <ccrelay/observer.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/recycled.hpp"
#include "base/timer_queue.hpp"
#include "dialect/recall_tap.hpp"
#include "dialect/responses_so_far.hpp"
#include "exchange/client_request.hpp"
#include "exchange/search.hpp"
#include "http/content_coding.hpp"
#include "server/handler.hpp"
#include "worker/held_bytes.hpp"
#include "worker/running.hpp"
#include "worker/tools.hpp"

namespace ccrelay::exchange {

/// One relayed client request: buffers it, has an answer searched for, passes the answer on. Owned
/// by the client's connection. The commit point is the first byte to the client: before it the
/// search may ask anybody else, after it a failure is told in-band.
class Exchange final : public server::RequestHandler,
                       public base::Recycled<Exchange>,
                       private SearchSink,
                       private AnswerSink,
                       private worker::RunningRequest {
 public:
  /// Admission::enter() has counted it. `request` is what its head says.
  Exchange(worker::Tools& tools, std::shared_ptr<const worker::Snapshot> snapshot,
           ClientRequest&& request, server::ResponseWriter& writer,
           std::unique_ptr<RequestSummary> summary);
  ~Exchange() override;

 private:
  enum class State : std::uint8_t {
    reading,    // the request arrives
    searching,  // for an answer that can be passed on
    passing,    // committed
    done,       // answered; nothing runs any more
  };

  // RequestHandler
  void on_body_due(std::uint64_t bytes) override;
  void on_body(std::string_view bytes) override;
  void on_end() override;
  void on_refused(const http::Refusal& refusal) override;
  void on_drained() override;
  void on_shutdown() override;
  void on_closed(Ending ending) override;
  // SearchSink
  void on_found(std::unique_ptr<Attempt> attempt) override;
  void on_nothing_found(Answer answer, std::string error) override;
  void on_attempt_begun() override;
  void on_attempt_ended() override;
  // AnswerSink
  bool full() const override { return writer_.full(); }
  void on_answer_body(std::string_view bytes) override;
  void on_answer_pause() override { writer_.flush(); }
  void on_answer_end(bool whole, std::string_view detail) override;

  // RunningRequest
  std::uint64_t number() const override { return number_; }
  management::Request told() const override;
  std::vector<management::TraceStep> trace() const override { return trace_.steps(); }
  void cancel(std::string_view words) override;
  void leave(std::string_view provider, std::string_view words) override;

  // before the commit point
  void store(std::string_view bytes);
  bool all_decoded();
  void refuse(const Answer& refused);
  bool read_body();
  bool admit(const Plan& plan);
  bool fits(std::uint64_t more);
  void let_body_go();
  void let_head_go();
  void on_total_timeout();
  // commit
  void commit();
  ResponseHead client_head() const;
  void settle_down();
  void begin_encoding();
  // after it
  void pass(std::string_view bytes);
  void remember_reasoning();
  void end_collected(const AnswerStage::Conclusion& conclusion);
  void on_quiet();
  void check_encoder();
  void keep_spare();
  void let_spare_go();
  void end_unsaid();
  void end_without_room();
  void break_off(Outcome outcome, std::string_view detail);
  std::optional<std::string> last_words(std::optional<std::string_view> separator);
  bool end_early(Ending ending, std::string_view words);
  // end
  void collect(std::string_view bytes);
  void end_attempt(Outcome outcome, std::string_view detail);
  void answer(const Answer& answer);
  void fail(int status, const std::string& message, const Headers& more = {});
  void finish();
  void settle_client();
  void leave_the_list();
  class Told;
  void happens(management::RequestEventKind kind);
  /// Attempts that have not ended.
  std::size_t running() const;
  void tell_progress();
  void keep_trace();

  worker::Tools& tools_;
  const std::shared_ptr<const worker::Snapshot> snapshot_;
  const Config& config_;
  server::ResponseWriter& writer_;
  // A kilobyte in one place: those who look at what has ended lately get it as it is.
  std::unique_ptr<RequestSummary> whole_summary_;
  RequestSummary& summary_;
  const TimePoint begun_;
  State state_ = State::reading;
  ClientRequest request_;
  http::ContentDecoder decoder_;      // of the request's body
  std::unique_ptr<Search> search_;    // while searching
  std::unique_ptr<Attempt> attempt_;  // while passing
  base::Timer timer_;  // while searching: the total time-out; while passing: the next ping
  std::uint64_t announced_ = 0;  // content-length, if there is one
  state::ClientPermit permit_;   // of a client with limits
  const std::uint64_t number_;   // among all requests of the process
  worker::Trace trace_;
  worker::Running::Place place_;
  bool is_listed_ = true;
  TimePoint progress_told_{};  // while somebody wants it
  bool passed_ = false;        // the answer has begun to go to the client
  // Of an answer that the client gets in other words than the relay reads it in: what says them, of
  // a stream; else the answer, until all of it is there.
  std::unique_ptr<dialect::StreamTranslator> encoder_;
  std::optional<std::string> collected_;
  worker::HeldBytes held_answer_;                   // what is kept for that
  worker::HeldBytes held_spare_;                    // by recall_tap_ and so_far_
  std::unique_ptr<ResponseHead> due_head_;          // of that
  std::string encoded_;                             // of one call
  std::unique_ptr<dialect::RecallTap> recall_tap_;  // where what it reasons is to be remembered
  // Of a stream of responses that goes on as it is.
  std::unique_ptr<dialect::ResponsesSoFar> so_far_;
  std::string asked_model_;  // what an untranslated answer is to call itself; empty: as it does
  std::uint64_t held_ = 0;   // bytes of the request's body, counted for all together
};

}  // namespace ccrelay::exchange
