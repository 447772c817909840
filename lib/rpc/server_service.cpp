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

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_server_service(Front& front) {
  return std::make_unique<ServerService>(front);
}

}  // namespace ccrelay::rpc
