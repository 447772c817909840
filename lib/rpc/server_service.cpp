#include <ccrelay/management/v1/management.grpc.pb.h>

#include <ccrelay/manage_status.hpp>

#include <utility>

#include "rpc/services.hpp"
#include "rpc/stream.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

// A slow reader gets the newest: what is written is looked at when it can be.
class StatusSource final : public Source<messages::WatchStatusResponse> {
 public:
  explicit StatusSource(std::unique_ptr<management::StatusSubscription> watch)
      : watch_(std::move(watch)) {}

  bool next(messages::WatchStatusResponse& into) override {
    management::Status status;
    if (!watch_->take(status)) return false;
    tell(status, *into.mutable_status());
    return true;
  }
  bool is_over() const override { return watch_->is_over(); }
  void on_ready(std::function<void()> wake) override { watch_->on_ready(std::move(wake)); }

 private:
  const std::unique_ptr<management::StatusSubscription> watch_;
};

class ServerService final : public messages::ServerService::CallbackService {
 public:
  explicit ServerService(Front& front) : front_(front) {}

 private:
  using InfoRequest = messages::GetServerInfoRequest;
  using InfoResponse = messages::GetServerInfoResponse;
  using StatusRequest = messages::GetStatusRequest;
  using StatusResponse = messages::GetStatusResponse;
  using WatchRequest = messages::WatchStatusRequest;
  using WatchResponse = messages::WatchStatusResponse;

  ::grpc::ServerUnaryReactor* GetServerInfo(Context* context, const InfoRequest* request,
                                            InfoResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller& caller, const InfoRequest&, InfoResponse& filled) {
                        tell(front_.manager.info(), *filled.mutable_info());
                        tell(caller, *filled.mutable_info()->mutable_caller());
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* GetStatus(Context* context, const StatusRequest* request,
                                        StatusResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const StatusRequest& asked, StatusResponse& filled) {
                        const auto status = front_.manager.status(asked.history_seconds());
                        if (!status) return status_of(status.refusal());
                        tell(*status, *filled.mutable_status());
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerWriteReactor<WatchResponse>* WatchStatus(Context* context,
                                                         const WatchRequest* request) override {
    return stream<WatchRequest, WatchResponse>(
        front_, context, request, [this](const WatchRequest& asked) -> Opened<WatchResponse> {
          auto watch = front_.manager.watch_status({asked.interval_ms(), asked.history_seconds()});
          if (!watch) return status_of(watch.refusal());
          return std::make_unique<StatusSource>(std::move(*watch));
        });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_server_service(Front& front) {
  return std::make_unique<ServerService>(front);
}

}  // namespace ccrelay::rpc
