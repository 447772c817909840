#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::front {

/// The methods that are relayed, as `Allow` names them.
inline constexpr std::string_view offered_methods = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// What a request's method and path ask of the relay.
struct Endpoint {
  enum class Kind : std::uint8_t {
    relayed,
    hello,
    health,
    ready,
    metrics,
    models,
    one_model,
    providers,
    inference_profiles,  ///< Bedrock clients look there before they begin
    websocket,           ///< OpenAI's Responses API over one, which is not spoken here
    reload,
    wrong_method,
    dotted,  ///< has a `.` or `..` segment
    unknown
  };
  Kind kind = Kind::unknown;
  Operation operation = Operation::other;
  std::string_view allow = {};  ///< for wrong_method
  /// In whose words it is asked, and answered: also where there is nothing at that path.
  Dialect dialect = Dialect::anthropic;
  // Where the path says it and not the body:
  std::string model = {};
  bool stream = false;
  /// A stream is wanted as events, not as a JSON array.
  bool sse = true;
};

/// The word for it in summaries, metrics and the ledger.
std::string_view word_of(const Endpoint& endpoint);

/// In whose words whoever asks for that path is answered, whatever is there.
Dialect dialect_of(std::string_view path);

/// Puts the path into its one way of being written first (base/uri_path.hpp), so that limits,
/// mapping and provider see the same. `passthrough`: whatever else lies under /v1 is relayed too,
/// unless some server might take it for a path that is the relay's; what OpenAI's Responses API
/// keeps (answers, conversations) to a provider that speaks it.
Endpoint endpoint_of(RequestHead& head, bool passthrough);

}  // namespace ccrelay::front
