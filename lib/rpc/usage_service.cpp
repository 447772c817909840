#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/services.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {

std::unique_ptr<::grpc::Service> make_usage_service(Front&) {
  return std::make_unique<messages::UsageService::CallbackService>();
}

}  // namespace ccrelay::rpc
