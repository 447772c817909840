#include "upstream/client.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "upstream/call.hpp"

namespace ccrelay::upstream {

/// Begins calls, and lets paused ones go on, when the turn ends.
class Client::Parts final : private loop::TurnTask, private CallHost {
 public:
  explicit Parts(loop::Loop& loop) : TurnTask(loop), dialers_(loop), pool_(loop) {}
  ~Parts() override { CCRELAY_ASSERT(running_ == 0, "a client outlives its transfers"); }

  std::unique_ptr<Transfer> start(const Request& request, TransferSink& sink);
  std::size_t running() const { return running_; }
  std::size_t idle() const { return pool_.idle(); }

 private:
  /// The caller's half of a transfer.
  class Half final : public Transfer {
   public:
    Half(loop::Loop& loop, std::unique_ptr<Call> call) : loop_(loop), call_(std::move(call)) {}
    ~Half() override {
      call_->cut();
      loop_.bury(std::move(call_));
    }
    void resume() override { call_->resume(); }
    bool needs_body() const override { return call_->needs_body(); }

   private:
    loop::Loop& loop_;
    std::unique_ptr<Call> call_;
  };

  void run_at_turn_end() override;

  void begin_later(Call& call) override;
  void go_on_later(Call& call) override;
  void forget(Call& call) override;
  void note_end() override { --running_; }
  loop::Loop& loop() override { return TurnTask::loop(); }
  DialQueue& dials(OriginPool& pool) override;
  ConnectionPool& pool() override { return pool_; }
  char* buffer() override { return buffer_.get(); }

  Dialers dialers_;  // outlive the connections
  ConnectionPool pool_;
  std::unordered_map<const OriginPool*, std::unique_ptr<DialQueue>> dials_;
  // Not made zero: what is never received into costs no memory.
  const std::unique_ptr<char[]> buffer_{new char[buffer_bytes]};
  // Those that are forgotten leave null behind.
  std::vector<Call*> queued_;
  std::vector<Call*> going_on_;
  std::size_t running_ = 0;
};

Client::Client(loop::Loop& loop) : parts_(std::make_unique<Parts>(loop)) {}
Client::~Client() = default;

std::unique_ptr<Transfer> Client::start(const Request& request, TransferSink& sink) {
  return parts_->start(request, sink);
}

std::size_t Client::running() const {
  return parts_->running();
}
std::size_t Client::idle_connections() const {
  return parts_->idle();
}

std::unique_ptr<Transfer> Client::Parts::start(const Request& request, TransferSink& sink) {
  auto call = std::make_unique<Call>(static_cast<CallHost&>(*this), request, sink);
  begin_later(*call);
  ++running_;
  return std::make_unique<Half>(loop(), std::move(call));
}

DialQueue& Client::Parts::dials(OriginPool& pool) {
  std::unique_ptr<DialQueue>& found = dials_[&pool];
  if (!found) found = std::make_unique<DialQueue>(loop(), dialers_, pool.origin);
  return *found;
}

void Client::Parts::begin_later(Call& call) {
  call.queued = true;
  queued_.push_back(&call);
  schedule();
}

void Client::Parts::go_on_later(Call& call) {
  if (call.going_on) return;
  call.going_on = true;
  going_on_.push_back(&call);
  schedule();
}

void Client::Parts::forget(Call& call) {
  if (call.queued) std::replace(queued_.begin(), queued_.end(), &call, static_cast<Call*>(nullptr));
  if (call.going_on)
    std::replace(going_on_.begin(), going_on_.end(), &call, static_cast<Call*>(nullptr));
  call.queued = call.going_on = false;
}

void Client::Parts::run_at_turn_end() {
  // By index: what is called may list more, and forget others.
  for (std::size_t i = 0; i < queued_.size(); ++i) {
    Call* call = std::exchange(queued_[i], nullptr);
    if (!call) continue;
    call->queued = false;
    loop().pass_time();
    call->begin();
  }
  queued_.clear();
  // Not those that are listed meanwhile: who pauses and resumes at once must not keep the turn.
  const std::size_t count = going_on_.size();
  for (std::size_t i = 0; i < count; ++i) {
    Call* call = std::exchange(going_on_[i], nullptr);
    if (!call) continue;
    call->going_on = false;
    loop().pass_time();
    call->go_on();
  }
  going_on_.erase(going_on_.begin(), going_on_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace ccrelay::upstream
