#pragma once

#include <ccrelay/manage.hpp>

#include <grpcpp/support/status.h>

namespace ccrelay::rpc {

/// A refusal as gRPC tells it: the codes have the same names.
::grpc::Status status_of(const management::Refusal& refusal);

/// "FIELD: WHAT".
::grpc::Status invalid(const std::string& what);

}  // namespace ccrelay::rpc
