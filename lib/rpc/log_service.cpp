#include <ccrelay/management/v1/management.grpc.pb.h>

#include "rpc/services.hpp"
#include "rpc/tell.hpp"

namespace ccrelay::rpc {

std::unique_ptr<::grpc::Service> make_log_service(Front&) {
  return std::make_unique<messages::LogService::CallbackService>();
}

}  // namespace ccrelay::rpc
