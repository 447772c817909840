#pragma once

#include <ccrelay/manage_grpc.hpp>

#include <grpcpp/server.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "rpc/described.hpp"
#include "rpc/front.hpp"
#include "rpc/health_service.hpp"
#include "rpc/reflection_service.hpp"
#include "rpc/unix_door.hpp"

namespace grpc {
class ServerBuilder;
}

namespace ccrelay::rpc {

/// All of it. Members end in the opposite order: first nobody enters any more, then the calls, then
/// what they stand on.
class Server final : public management::GrpcServer {
 public:
  explicit Server(management::Manager& manager);
  ~Server() override;

  Result<void> listen(const Config& config);

  std::string address() const override { return address_; }
  void drain() override;
  void stop() override;

 private:
  void start(::grpc::ServerBuilder& builder);
  Result<void> listen_on_unix(const std::string& path);
  Result<void> listen_on_tcp(const std::string& listen, const TlsConfig& tls);

  Front front_;
  const Described described_;
  std::vector<std::unique_ptr<::grpc::Service>> services_;
  HealthService health_;
  ReflectionService reflection_;
  ReflectionService reflection_alpha_;
  std::unique_ptr<::grpc::Server> server_;
  std::unique_ptr<UnixDoor> door_;
  std::string address_;
  std::mutex stopping_;
};

}  // namespace ccrelay::rpc
