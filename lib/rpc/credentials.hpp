#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <grpcpp/security/server_credentials.h>

#include <memory>

namespace ccrelay::rpc {

/// TLS as configured, with files that are read again when they change; in the clear without it.
Result<std::shared_ptr<::grpc::ServerCredentials>> server_credentials(const TlsConfig& tls);

}  // namespace ccrelay::rpc
