#pragma once

#include <ccrelay/clock.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "otel/protobuf.hpp"

namespace ccrelay::otel {

/// Attributes as OTLP has them (opentelemetry/proto/common/v1/common.proto: KeyValue), written into
/// a field of `to`. Texts that are empty are left out.
class Attributes {
 public:
  Attributes(Message& to, int field) : to_(to), field_(field) {}

  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::int64_t value);
  void real(std::string_view name, double value);
  void flag(std::string_view name, bool value);
  /// An array of one text.
  void list(std::string_view name, std::string_view only);

 private:
  void add(std::string_view name, const Message& value);

  Message& to_;
  const int field_;
};

/// Since 1970, as OTLP tells times.
inline std::uint64_t nanoseconds_of(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

/// Who exports: told with every request to the collector.
struct Resource {
  std::string service_name;
  std::string version;
  std::string instance;  ///< a random id of the process

  /// resource.proto: Resource.
  Message message() const;
};

/// common.proto: InstrumentationScope.
Message scope_message(const Resource& resource);

}  // namespace ccrelay::otel
