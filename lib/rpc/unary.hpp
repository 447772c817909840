#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include "rpc/front.hpp"
#include "rpc/status.hpp"

namespace ccrelay::rpc {

/// A call that waits for its answer, which comes from whoever is first: the work, its deadline, or
/// a caller that goes. Shared by all three; thread-safe.
template <class Response>
class Answer : public std::enable_shared_from_this<Answer<Response>> {
 public:
  /// The two live until the reactor is finished, and are not touched after that.
  Answer(::grpc::ServerUnaryReactor& reactor, Response& response)
      : reactor_(&reactor), response_(response) {}

  void give(Response filled) { finish(::grpc::Status::OK, &filled); }
  void refuse(const ::grpc::Status& status) { finish(status, nullptr); }
  void refuse(const management::Refusal& refusal) { refuse(status_of(refusal)); }
  /// Nobody waits any more.
  bool is_over() const {
    const std::lock_guard lock(mutex_);
    return reactor_ == nullptr;
  }
  /// What comes later finds nobody. Once, before the work begins.
  void end_at(std::chrono::system_clock::time_point deadline) {
    alarm_.Set(deadline, [weak = this->weak_from_this()](bool due) {
      const auto self = due ? weak.lock() : nullptr;
      if (!self) return;
      self->refuse(::grpc::Status(::grpc::StatusCode::DEADLINE_EXCEEDED,
                                  "it took too long; what was asked may still happen, and asking "
                                  "again is safe"));
    });
  }

 private:
  void finish(const ::grpc::Status& status, Response* filled) {
    const std::lock_guard lock(mutex_);
    if (!reactor_) return;
    if (filled) response_.Swap(filled);
    std::exchange(reactor_, nullptr)->Finish(status);
  }

  mutable std::mutex mutex_;
  ::grpc::ServerUnaryReactor* reactor_;
  Response& response_;
  ::grpc::Alarm alarm_;
};

template <class Response>
using AnswerPointer = std::shared_ptr<Answer<Response>>;

/// grpc's side of a call.
template <class Response>
class UnaryCall final : public ::grpc::ServerUnaryReactor {
 public:
  explicit UnaryCall(Response& response)
      : answer_(std::make_shared<Answer<Response>>(*this, response)) {}
  const AnswerPointer<Response>& answer() const { return answer_; }

 private:
  void OnCancel() override { answer_->refuse(::grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

  const AnswerPointer<Response> answer_;
};

/// What a call may take, besides its caller's own deadline.
inline constexpr std::chrono::seconds look_longest{1};
/// Of one that reads files or the ledger.
inline constexpr std::chrono::seconds read_longest{5};

/// Has `work(caller, request, answer)` done on a thread of the pool once the caller is known and
/// may do that; it gives the answer then or later.
template <class Request, class Response, class Work>
::grpc::ServerUnaryReactor* answer_later(Front& front, ::grpc::CallbackServerContext* context,
                                         const Request* request, Response* response, Needs needs,
                                         std::chrono::seconds longest, Work work) {
  auto* const call = new UnaryCall<Response>(*response);
  const AnswerPointer<Response> answer = call->answer();
  answer->end_at(std::min(context->deadline(), std::chrono::system_clock::now() + longest));
  // The request is grpc's and gone when the call has ended, which need not wait for the work.
  const bool is_taken = front.pool->offer([&front, answer, request = *request,
                                           presented = front.gate.presented(*context), needs,
                                           work = std::move(work)] {
    if (answer->is_over()) return;
    const auto caller = front.gate.admit(presented, needs);
    if (const auto* refused = std::get_if<::grpc::Status>(&caller)) return answer->refuse(*refused);
    work(std::get<management::Caller>(caller), request, answer);
  });
  if (!is_taken) {
    answer->refuse(::grpc::Status(::grpc::StatusCode::RESOURCE_EXHAUSTED,
                                  "too many calls wait already; ask again"));
  }
  return call;
}

/// The same where `work(caller, request, response)` returns its status, having filled the response.
template <class Request, class Response, class Work>
::grpc::ServerUnaryReactor* answer_now(Front& front, ::grpc::CallbackServerContext* context,
                                       const Request* request, Response* response, Needs needs,
                                       Work work) {
  return answer_later(
      front, context, request, response, needs, look_longest,
      [work = std::move(work)](const management::Caller& caller, const Request& asked,
                               const AnswerPointer<Response>& answer) {
        Response filled;
        const ::grpc::Status status = work(caller, asked, filled);
        if (status.ok()) return answer->give(std::move(filled));
        answer->refuse(status);
      });
}

}  // namespace ccrelay::rpc
