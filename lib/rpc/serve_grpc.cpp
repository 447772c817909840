#include <ccrelay/manage_grpc.hpp>

#include <exception>
#include <memory>
#include <utility>

#include "rpc/server.hpp"

namespace ccrelay::management {

Result<std::unique_ptr<GrpcServer>> serve_grpc(Manager& manager, const Config& config,
                                               std::string_view host) {
  if (host != CCRELAY_VERSION) {
    return Error{ErrorCode::config, "libccrelay-grpc is of version " CCRELAY_VERSION
                                    " and the program's libccrelay of " +
                                        std::string(host) + "; install the same of both"};
  }
  if (config.grpc.listen.empty()) {
    return Error{ErrorCode::config, "grpc.listen is empty; write an address to listen on"};
  }
  auto server = std::make_unique<rpc::Server>(manager);
  if (auto listens = server->listen(config); !listens) return std::move(listens).error();
  return std::unique_ptr<GrpcServer>(std::move(server));
}

}  // namespace ccrelay::management

extern "C" [[gnu::visibility("default")]] ccrelay::management::ServeGrpc* const ccrelay_serve_grpc =
    &ccrelay::management::serve_grpc;
