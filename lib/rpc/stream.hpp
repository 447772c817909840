#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>

#include "rpc/front.hpp"
#include "rpc/status.hpp"

namespace ccrelay::rpc {

/// What a stream tells: a subscription of the Manager's, as messages. One thread at a time but for
/// what on_ready() was given.
template <class Response>
class Source {
 public:
  virtual ~Source() = default;
  /// The next message; false when there is none now. Never waits.
  virtual bool next(Response& into) = 0;
  /// When next() gives nothing more, nothing will come.
  virtual bool is_over() const = 0;
  virtual void on_ready(std::function<void()> wake) = 0;
  /// That nothing has happened for a while; false where that is not told.
  virtual bool heartbeat(Response&) { return false; }
  /// How it ends where the relay does not stop.
  virtual ::grpc::Status end() const {
    return {::grpc::StatusCode::UNAVAILABLE, "the relay stops"};
  }
};

/// A source, or why there is none.
template <class Response>
using Opened = std::variant<std::unique_ptr<Source<Response>>, ::grpc::Status>;

inline constexpr std::chrono::seconds heartbeat_after{15};

/// One reader of a source. It takes the next message only when the last one is written, so that
/// what is late waits in the relay's own queue, which has a bound, and not in grpc. Shared by its
/// reactor, the jobs and the alarm; thread-safe.
template <class Response>
class Stream final : public Stoppable, public std::enable_shared_from_this<Stream<Response>> {
 public:
  explicit Stream(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

  /// Not touched after Finish().
  void serves(::grpc::ServerWriteReactor<Response>& reactor) { reactor_ = &reactor; }

  /// The caller is known, and this is what it gets.
  void begin(std::unique_ptr<Source<Response>> source) {
    {
      const std::lock_guard lock(mutex_);
      if (!reactor_) return;
      source_ = std::move(source);
      // A relay's worker rings, and must not be the last that knows this stream: by a weak pointer
      // that is not even looked at there.
      source_->on_ready([pool = pool_, weak = this->weak_from_this()] { ring(*pool, weak); });
      arm();
    }
    pump();
  }
  void refuse(const ::grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    finish(status);
  }
  void stop() override {
    is_stopping_ = true;
    ring(*pool_, this->weak_from_this());
  }
  void written(bool ok) {
    {
      const std::lock_guard lock(mutex_);
      is_writing_ = false;
      if (!ok) finish(::grpc::Status::CANCELLED);
    }
    if (ok) ring(*pool_, this->weak_from_this());
  }
  /// The reader has gone.
  void cancelled() {
    const std::lock_guard lock(mutex_);
    finish(::grpc::Status::CANCELLED);
  }
  bool is_over() const {
    const std::lock_guard lock(mutex_);
    return !reactor_;
  }

 private:
  static void ring(Pool& pool, std::weak_ptr<Stream> weak) {
    pool.post([weak = std::move(weak)] {
      if (const auto self = weak.lock()) self->pump();
    });
  }

  void pump() {
    const std::lock_guard lock(mutex_);
    if (!reactor_ || !source_ || is_writing_) return;
    const bool is_over = source_->is_over() || is_stopping_;  // before it is looked into
    message_.Clear();
    if (source_->next(message_)) {
      write();
    } else if (is_over) {
      finish(source_->end());
    }
  }

  void write() {
    is_writing_ = true;
    last_ = std::chrono::steady_clock::now();
    reactor_->StartWrite(&message_);
  }

  // A new alarm each time: the old one may still be on its way out of what it calls.
  void arm() {
    const auto now = std::chrono::steady_clock::now();
    const auto due = std::max(last_ + heartbeat_after, now) - now;
    alarm_ = std::make_unique<::grpc::Alarm>();
    alarm_->Set(std::chrono::system_clock::now() +
                    std::chrono::ceil<std::chrono::system_clock::duration>(due),
                [pool = pool_, weak = this->weak_from_this()](bool is_due) {
                  if (!is_due) return;
                  pool->post([weak] {
                    if (const auto self = weak.lock()) self->beat();
                  });
                });
  }
  void beat() {
    const std::lock_guard lock(mutex_);
    if (!reactor_) return;
    const bool is_quiet = std::chrono::steady_clock::now() - last_ >= heartbeat_after;
    if (is_quiet && !is_writing_) {
      message_.Clear();
      if (!source_->heartbeat(message_)) return;
      write();
    } else if (is_writing_) {
      last_ = std::chrono::steady_clock::now();  // it has something to read
    }
    arm();
  }

  void finish(const ::grpc::Status& status) {
    if (reactor_) std::exchange(reactor_, nullptr)->Finish(status);
  }

  const std::shared_ptr<Pool> pool_;
  mutable std::mutex mutex_;
  ::grpc::ServerWriteReactor<Response>* reactor_ = nullptr;
  std::unique_ptr<Source<Response>> source_;
  Response message_;  // that is being written
  bool is_writing_ = false;
  std::atomic<bool> is_stopping_ = false;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  std::unique_ptr<::grpc::Alarm> alarm_;
};

/// grpc's side of it.
template <class Response>
class StreamCall final : public ::grpc::ServerWriteReactor<Response> {
 public:
  explicit StreamCall(const std::shared_ptr<Pool>& pool)
      : stream_(std::make_shared<Stream<Response>>(pool)) {
    stream_->serves(*this);
  }
  const std::shared_ptr<Stream<Response>>& stream() const { return stream_; }

 private:
  void OnWriteDone(bool ok) override { stream_->written(ok); }
  void OnCancel() override { stream_->cancelled(); }
  void OnDone() override { delete this; }

  const std::shared_ptr<Stream<Response>> stream_;
};

/// Has `open(caller, request)` give the source, or say why not, on a thread of the pool once the
/// caller is known.
template <class Request, class Response, class Open>
::grpc::ServerWriteReactor<Response>* stream(Front& front, ::grpc::CallbackServerContext* context,
                                             const Request* request, Open open) {
  auto* const call = new StreamCall<Response>(front.pool);
  const auto stream = call->stream();
  const bool is_taken =
      front.pool->offer([&front, stream, request = *request,
                         presented = front.gate.presented(*context), open = std::move(open)] {
        if (stream->is_over()) return;
        const auto caller = front.gate.admit(presented, Needs::viewer);
        if (const auto* refused = std::get_if<::grpc::Status>(&caller))
          return stream->refuse(*refused);
        Opened<Response> opened = open(request);
        if (const auto* refused = std::get_if<::grpc::Status>(&opened))
          return stream->refuse(*refused);
        stream->begin(std::get<0>(std::move(opened)));
        front.streams.add(stream);
      });
  if (!is_taken) {
    stream->refuse(::grpc::Status(::grpc::StatusCode::RESOURCE_EXHAUSTED,
                                  "too many calls wait already; ask again"));
  }
  return call;
}

}  // namespace ccrelay::rpc
