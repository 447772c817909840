#pragma once

#include <grpcpp/impl/service_type.h>

#include <string>
#include <string_view>
#include <vector>

#include "rpc/described.hpp"
#include "rpc/front.hpp"

namespace ccrelay::rpc {

/// grpc.reflection (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md) in one of
/// its two versions, which differ by name alone. grpc++'s own asks nobody who they are, blocks a
/// thread a caller, and does not know v1. By hand for the same reason as HealthService.
class ReflectionService final : public ::grpc::Service {
 public:
  /// `version`: "v1" or "v1alpha". The two outlive it.
  ReflectionService(Front& front, const Described& described, const std::string& version);

 private:
  const std::string method_;
};

/// The services that it lists, and the health and reflection that it tells of.
std::vector<std::string> listed_services();
/// The answer to a request, both as bytes.
std::string reflected(const Described& described, std::string_view request);

}  // namespace ccrelay::rpc
