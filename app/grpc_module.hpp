#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/manage_grpc.hpp>
#include <ccrelay/result.hpp>

#include <memory>
#include <string>

namespace ccrelay::app {

/// Why this program can't serve gRPC although `grpc.listen` asks for it; empty when it can, or need
/// not.
std::string missing_grpc(const Config& config);

/// Serves it, from the library that is opened for it and for nothing else: what that is linked with
/// costs 9 MB and 20 ms. Null where `grpc.listen` is empty.
Result<std::unique_ptr<management::GrpcServer>> serve_grpc(management::Manager& manager,
                                                           const Config& config);

}  // namespace ccrelay::app
