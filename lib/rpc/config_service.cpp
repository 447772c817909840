#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/order.hpp"
#include "rpc/services.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

class ConfigService final : public messages::ConfigService::CallbackService {
 public:
  explicit ConfigService(Front& front) : front_(front) {}

 private:
  using Reloaded = messages::ReloadConfigResponse;
  using Validated = messages::ValidateConfigResponse;

  ::grpc::ServerUnaryReactor* GetConfig(Context* context, const messages::GetConfigRequest* request,
                                        messages::GetConfigResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetConfigRequest&,
                             messages::GetConfigResponse& filled) {
                        tell(front_.manager.config(), filled);
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* ValidateConfig(Context* context,
                                             const messages::ValidateConfigRequest* request,
                                             Validated* response) override {
    return answer_later(front_, context, request, response, Needs::viewer, read_longest,
                        [this](const Caller&, const messages::ValidateConfigRequest& asked,
                               const AnswerPointer<Validated>& answer) {
                          front_.manager.validate_config(
                              asked.toml(),
                              [answer](const management::Reply<management::Validation>& told) {
                                if (!told) return answer->refuse(told.refusal());
                                Validated filled;
                                tell(*told, filled);
                                answer->give(std::move(filled));
                              });
                        });
  }

  ::grpc::ServerUnaryReactor* ReloadConfig(Context* context,
                                           const messages::ReloadConfigRequest* request,
                                           Reloaded* response) override {
    return answer_later(front_, context, request, response, Needs::operator_, read_longest,
                        [this](const Caller& caller, const messages::ReloadConfigRequest&,
                               const AnswerPointer<Reloaded>& answer) {
                          front_.manager.reload(
                              order_of(caller),
                              [answer](const management::Reply<management::ReloadReport>& told) {
                                if (!told) return answer->refuse(told.refusal());
                                Reloaded filled;
                                tell(*told, filled);
                                answer->give(std::move(filled));
                              });
                        });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_config_service(Front& front) {
  return std::make_unique<ConfigService>(front);
}

}  // namespace ccrelay::rpc
