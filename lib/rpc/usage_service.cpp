#include <ccrelay/management/v1/management.grpc.pb.h>

#include <utility>

#include "rpc/ask.hpp"
#include "rpc/services.hpp"
#include "rpc/tell.hpp"
#include "rpc/unary.hpp"

namespace ccrelay::rpc {
namespace {

using Context = ::grpc::CallbackServerContext;
using Caller = management::Caller;

// Gives the answer when the ledger has been read.
template <class Response>
auto when_read(const AnswerPointer<Response>& answer) {
  return [answer](const auto& told) {
    if (!told) return answer->refuse(told.refusal());
    Response filled;
    rpc::tell(*told, filled);
    answer->give(std::move(filled));
  };
}

class UsageService final : public messages::UsageService::CallbackService {
 public:
  explicit UsageService(Front& front) : front_(front) {}

 private:
  using QueryRequest = messages::QueryUsageRequest;
  using QueryResponse = messages::QueryUsageResponse;
  using RecordsRequest = messages::ListUsageRecordsRequest;
  using RecordsResponse = messages::ListUsageRecordsResponse;

  ::grpc::ServerUnaryReactor* QueryUsage(Context* context, const QueryRequest* request,
                                         QueryResponse* response) override {
    return answer_later(front_, context, request, response, Needs::viewer, read_longest,
                        [this](const Caller&, const QueryRequest& asking,
                               const AnswerPointer<QueryResponse>& answer) {
                          const auto query = asked(asking);
                          if (const auto* wrong = std::get_if<1>(&query))
                            return answer->refuse(*wrong);
                          front_.manager.query_usage(std::get<0>(query),
                                                     when_read<QueryResponse>(answer));
                        });
  }

  ::grpc::ServerUnaryReactor* ListUsageRecords(Context* context, const RecordsRequest* request,
                                               RecordsResponse* response) override {
    return answer_later(front_, context, request, response, Needs::viewer, read_longest,
                        [this](const Caller&, const RecordsRequest& asking,
                               const AnswerPointer<RecordsResponse>& answer) {
                          const auto query = asked(asking);
                          if (const auto* wrong = std::get_if<1>(&query)) {
                            return answer->refuse(*wrong);
                          }
                          front_.manager.list_usage_records(std::get<0>(query),
                                                            when_read<RecordsResponse>(answer));
                        });
  }

  Front& front_;
};

}  // namespace

std::unique_ptr<::grpc::Service> make_usage_service(Front& front) {
  return std::make_unique<UsageService>(front);
}

}  // namespace ccrelay::rpc
