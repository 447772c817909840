#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/services.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

class ClientService final : public messages::ClientService::CallbackService {
 public:
  explicit ClientService(Front& front) : front_(front) {}

 private:
  ::grpc::ServerUnaryReactor* ListClients(Context* context,
                                          const messages::ListClientsRequest* request,
                                          messages::ListClientsResponse* response) override {
    return answer_now(
        front_, context, request, response, Needs::viewer,
        [this](const Caller&, const messages::ListClientsRequest& asked,
               messages::ListClientsResponse& filled) {
          const auto page = front_.manager.list_clients({asked.page_size(), asked.page_token()});
          if (!page) return status_of(page.refusal());
          for (const auto& client : page->items) tell(client, *filled.add_clients());
          filled.set_next_page_token(page->next_page_token);
          return ::grpc::Status::OK;
        });
  }

  ::grpc::ServerUnaryReactor* GetClient(Context* context, const messages::GetClientRequest* request,
                                        messages::GetClientResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetClientRequest& asked,
                             messages::GetClientResponse& filled) {
                        const auto client = front_.manager.client(asked.name());
                        if (!client) return status_of(client.refusal());
                        tell(*client, *filled.mutable_client());
                        return ::grpc::Status::OK;
                      });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_client_service(Front& front) {
  return std::make_unique<ClientService>(front);
}

}  // namespace ccrelay::rpc
