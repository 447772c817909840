#include <ccrelay/management/v1/management.grpc.pb.h>

#include <utility>
#include <vector>

#include "rpc/ask.hpp"
#include "rpc/enums.hpp"
#include "rpc/order.hpp"
#include "rpc/services.hpp"
#include "rpc/stream.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

class LogSource final : public Source<messages::WatchLogsResponse> {
 public:
  LogSource(std::unique_ptr<management::LogSubscription> watch, bool follows)
      : watch_(std::move(watch)), follows_(follows) {}

  // One at a time: what waits, waits in the queue, whose bounds are all of it.
  bool next(messages::WatchLogsResponse& into) override {
    next_.clear();
    if (watch_->take(next_, 1) == 0) return false;
    tell(next_.front(), into);
    return true;
  }
  bool is_over() const override { return watch_->is_over(); }
  void on_ready(std::function<void()> wake) override { watch_->on_ready(std::move(wake)); }
  bool heartbeat(messages::WatchLogsResponse& into) override {
    into.mutable_heartbeat();
    return true;
  }
  ::grpc::Status end() const override { return follows_ ? Source::end() : ::grpc::Status::OK; }

 private:
  const std::unique_ptr<management::LogSubscription> watch_;
  const bool follows_;
  std::vector<management::LogEvent> next_;
};

class LogService final : public messages::LogService::CallbackService {
 public:
  explicit LogService(Front& front) : front_(front) {}

 private:
  using WatchRequest = messages::WatchLogsRequest;
  using WatchResponse = messages::WatchLogsResponse;

  ::grpc::ServerUnaryReactor* GetLogLevel(Context* context,
                                          const messages::GetLogLevelRequest* request,
                                          messages::GetLogLevelResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetLogLevelRequest&,
                             messages::GetLogLevelResponse& filled) {
                        tell(front_.manager.log_level(), filled);
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* SetLogLevel(Context* context,
                                          const messages::SetLogLevelRequest* request,
                                          messages::SetLogLevelResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::SetLogLevelRequest& asking,
                             messages::SetLogLevelResponse& filled) {
                        const auto level = enumerator_of<management::LogLevel>(asking.level());
                        if (!level) return no_value("level", asking.level());
                        auto order = order_of(caller);
                        order.ttl = std::chrono::milliseconds(asking.ttl_ms());
                        const auto done = front_.manager.set_log_level(*level, order);
                        if (!done) return status_of(done.refusal());
                        filled.set_level(told(done->now.level));
                        filled.set_changed(done->changed);
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerWriteReactor<WatchResponse>* WatchLogs(Context* context,
                                                       const WatchRequest* request) override {
    return stream<WatchRequest, WatchResponse>(
        front_, context, request, [this](const WatchRequest& asking) -> Opened<WatchResponse> {
          const auto wanted = asked(asking);
          if (const auto* wrong = std::get_if<1>(&wanted)) return *wrong;
          auto watch = front_.manager.watch_logs(std::get<0>(wanted));
          if (!watch) return status_of(watch.refusal());
          return std::make_unique<LogSource>(std::move(*watch), !asking.no_follow());
        });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_log_service(Front& front) {
  return std::make_unique<LogService>(front);
}

}  // namespace ccrelay::rpc
