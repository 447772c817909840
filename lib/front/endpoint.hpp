#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::front {

/// What a request's method and path ask of the relay.
struct Endpoint {
  enum class Kind : std::uint8_t {
    relayed,
    hello,
    health,
    ready,
    models,
    one_model,
    providers,
    inference_profiles,  ///< Bedrock clients look there before they begin
    wrong_method,
    dotted,  ///< has a `.` or `..` segment
    unknown
  };
  Kind kind = Kind::unknown;
  Operation operation = Operation::other;
  std::string_view allow = {};  ///< for wrong_method
  // Where the path says it and not the body:
  Dialect dialect = Dialect::anthropic;
  std::string model = {};
  bool stream = false;
};

/// `passthrough`: whatever else lies under /v1 is relayed too.
Endpoint endpoint_of(const RequestHead& head, bool passthrough);

}  // namespace ccrelay::front
