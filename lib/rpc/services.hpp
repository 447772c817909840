#pragma once

#include <memory>

namespace grpc {
class Service;
}

namespace ccrelay::rpc {

struct Front;

// One file each. The front outlives them.
std::unique_ptr<::grpc::Service> make_server_service(Front& front);
std::unique_ptr<::grpc::Service> make_provider_service(Front& front);
std::unique_ptr<::grpc::Service> make_key_service(Front& front);
std::unique_ptr<::grpc::Service> make_client_service(Front& front);
std::unique_ptr<::grpc::Service> make_request_service(Front& front);
std::unique_ptr<::grpc::Service> make_usage_service(Front& front);
std::unique_ptr<::grpc::Service> make_config_service(Front& front);
std::unique_ptr<::grpc::Service> make_log_service(Front& front);

}  // namespace ccrelay::rpc
