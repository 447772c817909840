#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/order.hpp"
#include "rpc/services.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;
using ProviderDone = management::Reply<management::Changed<management::Provider>>;

template <class Response>
::grpc::Status fill_provider(const ProviderDone& done, Response& filled) {
  if (!done) return status_of(done.refusal());
  tell(done->now, *filled.mutable_provider());
  filled.set_changed(done->changed);
  return ::grpc::Status::OK;
}

template <class Response>
::grpc::Status fill_and_warn(const ProviderDone& done, Response& filled) {
  if (!done) return status_of(done.refusal());
  for (const std::string& warning : done->warnings) filled.add_warnings(warning);
  return fill_provider(done, filled);
}

class ProviderService final : public messages::ProviderService::CallbackService {
 public:
  explicit ProviderService(Front& front) : front_(front) {}

 private:
  ::grpc::ServerUnaryReactor* ListProviders(Context* context,
                                            const messages::ListProvidersRequest* request,
                                            messages::ListProvidersResponse* response) override {
    return answer_now(
        front_, context, request, response, Needs::viewer,
        [this](const Caller&, const messages::ListProvidersRequest& asked,
               messages::ListProvidersResponse& filled) {
          const auto page = front_.manager.list_providers({asked.page_size(), asked.page_token()});
          if (!page) return status_of(page.refusal());
          for (const auto& provider : page->items) tell(provider, *filled.add_providers());
          filled.set_next_page_token(page->next_page_token);
          return ::grpc::Status::OK;
        });
  }

  ::grpc::ServerUnaryReactor* GetProvider(Context* context,
                                          const messages::GetProviderRequest* request,
                                          messages::GetProviderResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetProviderRequest& asked,
                             messages::GetProviderResponse& filled) {
                        const auto provider = front_.manager.provider(asked.name());
                        if (!provider) return status_of(provider.refusal());
                        tell(*provider, *filled.mutable_provider());
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* EnableProvider(Context* context,
                                             const messages::EnableProviderRequest* request,
                                             messages::EnableProviderResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::EnableProviderRequest& asked,
                             messages::EnableProviderResponse& filled) {
                        const auto order = order_of(caller, asked.reason());
                        return fill_provider(front_.manager.enable_provider(asked.name(), order),
                                             filled);
                      });
  }

  ::grpc::ServerUnaryReactor* DisableProvider(
      Context* context, const messages::DisableProviderRequest* request,
      messages::DisableProviderResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::DisableProviderRequest& asked,
                             messages::DisableProviderResponse& filled) {
                        auto order = order_of(caller, asked.reason());
                        order.ttl = std::chrono::milliseconds(asked.ttl_ms());
                        order.cancel_running = asked.cancel_running();
                        return fill_and_warn(front_.manager.disable_provider(asked.name(), order),
                                             filled);
                      });
  }

  ::grpc::ServerUnaryReactor* DrainProvider(Context* context,
                                            const messages::DrainProviderRequest* request,
                                            messages::DrainProviderResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::DrainProviderRequest& asked,
                             messages::DrainProviderResponse& filled) {
                        auto order = order_of(caller, asked.reason());
                        order.ttl = std::chrono::milliseconds(asked.timeout_ms());
                        return fill_and_warn(front_.manager.drain_provider(asked.name(), order),
                                             filled);
                      });
  }

  ::grpc::ServerUnaryReactor* ResetBreaker(Context* context,
                                           const messages::ResetBreakerRequest* request,
                                           messages::ResetBreakerResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::ResetBreakerRequest& asked,
                             messages::ResetBreakerResponse& filled) {
                        return fill_provider(
                            front_.manager.reset_breaker(asked.provider(), order_of(caller)),
                            filled);
                      });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_provider_service(Front& front) {
  return std::make_unique<ProviderService>(front);
}

}  // namespace ccrelay::rpc
