#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/order.hpp"
#include "rpc/services.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;
using KeyDone = management::Reply<management::Changed<management::Key>>;

template <class Response>
::grpc::Status fill_key(const KeyDone& done, Response& filled) {
  if (!done) return status_of(done.refusal());
  tell(done->now, *filled.mutable_key());
  filled.set_changed(done->changed);
  return ::grpc::Status::OK;
}

class KeyService final : public messages::KeyService::CallbackService {
 public:
  explicit KeyService(Front& front) : front_(front) {}

 private:
  ::grpc::ServerUnaryReactor* ListKeys(Context* context, const messages::ListKeysRequest* request,
                                       messages::ListKeysResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::ListKeysRequest& asked,
                             messages::ListKeysResponse& filled) {
                        const auto page = front_.manager.list_keys(
                            asked.provider(), {asked.page_size(), asked.page_token()});
                        if (!page) return status_of(page.refusal());
                        for (const auto& key : page->items) tell(key, *filled.add_keys());
                        filled.set_next_page_token(page->next_page_token);
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* GetKey(Context* context, const messages::GetKeyRequest* request,
                                     messages::GetKeyResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetKeyRequest& asked,
                             messages::GetKeyResponse& filled) {
                        const auto key = front_.manager.key(asked.fingerprint());
                        if (!key) return status_of(key.refusal());
                        tell(*key, *filled.mutable_key());
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* EnableKey(Context* context, const messages::EnableKeyRequest* request,
                                        messages::EnableKeyResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::EnableKeyRequest& asked,
                             messages::EnableKeyResponse& filled) {
                        const auto order = order_of(caller, asked.reason());
                        return fill_key(front_.manager.enable_key(asked.fingerprint(), order),
                                        filled);
                      });
  }

  ::grpc::ServerUnaryReactor* DisableKey(Context* context,
                                         const messages::DisableKeyRequest* request,
                                         messages::DisableKeyResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::DisableKeyRequest& asked,
                             messages::DisableKeyResponse& filled) {
                        auto order = order_of(caller, asked.reason());
                        order.ttl = std::chrono::milliseconds(asked.ttl_ms());
                        const auto done = front_.manager.disable_key(asked.fingerprint(), order);
                        if (!done) return status_of(done.refusal());
                        for (const auto& warning : done->warnings) filled.add_warnings(warning);
                        return fill_key(done, filled);
                      });
  }

  ::grpc::ServerUnaryReactor* ResetKey(Context* context, const messages::ResetKeyRequest* request,
                                       messages::ResetKeyResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::ResetKeyRequest& asked,
                             messages::ResetKeyResponse& filled) {
                        return fill_key(
                            front_.manager.reset_key(asked.fingerprint(), asked.reset_budgets(),
                                                     order_of(caller)),
                            filled);
                      });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_key_service(Front& front) {
  return std::make_unique<KeyService>(front);
}

}  // namespace ccrelay::rpc
