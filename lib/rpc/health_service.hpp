#pragma once

#include <grpcpp/impl/service_type.h>

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/pool.hpp"
#include "rpc/running_streams.hpp"

namespace ccrelay::rpc {

class HealthSource;

/// grpc.health.v1 (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), for everybody:
/// SERVING until the relay drains, for "" and each service by its full name. By hand, without
/// generated code: an embedding program may have that of its own, and protobuf knows a message once
/// in a process.
class HealthService final : public ::grpc::Service {
 public:
  static constexpr std::string_view name = "grpc.health.v1.Health";
  // Of HealthCheckResponse.
  enum class Serving : std::uint8_t { serving = 1, not_serving = 2, service_unknown = 3 };

  /// Both outlive it.
  HealthService(std::vector<std::string> services, const std::shared_ptr<Pool>& pool,
                RunningStreams& streams);

  /// NOT_SERVING from now on.
  void drain();

 private:
  friend class HealthSource;
  // Nobody is asked who they are, so they are few.
  static constexpr std::size_t watches_max = 32;

  Serving state_of(std::string_view service) const;
  void watch(HealthSource& source);
  void forget(HealthSource& source);

  const std::vector<std::string> services_;
  mutable std::mutex mutex_;
  bool is_draining_ = false;
  std::set<HealthSource*> sources_;
};

}  // namespace ccrelay::rpc
