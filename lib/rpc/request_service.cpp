#include <ccrelay/management/v1/management.grpc.pb.h>

#include <utility>
#include <vector>

#include "rpc/ask.hpp"
#include "rpc/order.hpp"
#include "rpc/services.hpp"
#include "rpc/stream.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

class RequestSource final : public Source<messages::WatchRequestsResponse> {
 public:
  explicit RequestSource(std::unique_ptr<management::Subscription> watch)
      : watch_(std::move(watch)) {}

  // One at a time: what waits, waits in the queue, whose bounds are all of it.
  bool next(messages::WatchRequestsResponse& into) override {
    next_.clear();
    if (watch_->take(next_, 1) == 0) return false;
    tell(next_.front(), into);
    return true;
  }
  bool is_over() const override { return watch_->is_over(); }
  void on_ready(std::function<void()> wake) override { watch_->on_ready(std::move(wake)); }
  bool heartbeat(messages::WatchRequestsResponse& into) override {
    tell(std::chrono::system_clock::now(), *into.mutable_time());
    into.mutable_heartbeat();
    return true;
  }

 private:
  const std::unique_ptr<management::Subscription> watch_;
  std::vector<management::Event> next_;
};

class RequestService final : public messages::RequestService::CallbackService {
 public:
  explicit RequestService(Front& front) : front_(front) {}

 private:
  using WatchRequest = messages::WatchRequestsRequest;
  using WatchResponse = messages::WatchRequestsResponse;

  ::grpc::ServerUnaryReactor* ListRequests(Context* context,
                                           const messages::ListRequestsRequest* request,
                                           messages::ListRequestsResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::ListRequestsRequest& asking,
                             messages::ListRequestsResponse& filled) {
                        const auto filter = asked(asking.filter());
                        if (const auto* wrong = std::get_if<1>(&filter)) return *wrong;
                        const auto page =
                            front_.manager.list_requests(std::get<0>(filter), asking.ended(),
                                                         {asking.page_size(), asking.page_token()});
                        if (!page) return status_of(page.refusal());
                        for (const auto& each : page->items) tell(each, *filled.add_requests());
                        filled.set_next_page_token(page->next_page_token);
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerUnaryReactor* GetRequest(Context* context,
                                         const messages::GetRequestRequest* request,
                                         messages::GetRequestResponse* response) override {
    return answer_now(front_, context, request, response, Needs::viewer,
                      [this](const Caller&, const messages::GetRequestRequest& asking,
                             messages::GetRequestResponse& filled) {
                        const auto found = front_.manager.request(asking.id());
                        if (!found) return status_of(found.refusal());
                        tell(*found, *filled.mutable_request());
                        return ::grpc::Status::OK;
                      });
  }

  ::grpc::ServerWriteReactor<WatchResponse>* WatchRequests(Context* context,
                                                           const WatchRequest* request) override {
    return stream<WatchRequest, WatchResponse>(
        front_, context, request, [this](const WatchRequest& asking) -> Opened<WatchResponse> {
          const auto wanted = asked(asking);
          if (const auto* wrong = std::get_if<1>(&wanted)) return *wrong;
          auto watch = front_.manager.watch(std::get<0>(wanted));
          if (!watch) return status_of(watch.refusal());
          return std::make_unique<RequestSource>(std::move(*watch));
        });
  }

  ::grpc::ServerUnaryReactor* CancelRequest(Context* context,
                                            const messages::CancelRequestRequest* request,
                                            messages::CancelRequestResponse* response) override {
    return answer_now(front_, context, request, response, Needs::operator_,
                      [this](const Caller& caller, const messages::CancelRequestRequest& asking,
                             messages::CancelRequestResponse& filled) {
                        const auto done =
                            front_.manager.cancel(asking.id(), order_of(caller, asking.reason()));
                        if (!done) return status_of(done.refusal());
                        tell(done->now, *filled.mutable_request());
                        filled.set_changed(done->changed);
                        return ::grpc::Status::OK;
                      });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_request_service(Front& front) {
  return std::make_unique<RequestService>(front);
}

}  // namespace ccrelay::rpc
