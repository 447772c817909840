#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/usage.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay {

/// How one try at one provider ended. The words are those of the log and of `Server-Timing`.
enum class Outcome : std::uint8_t {
  success,        ///< the provider's answer reached its end
  transport,      ///< no connection, or it was lost before the answer's head
  rate_limited,   ///< 429: a limit of this key for this model
  overloaded,     ///< 529, 503, or an overloaded_error inside a 200 stream
  failed,         ///< 500, 502, 504, or an answer that makes no sense
  timed_out,      ///< connect or first-byte timeout
  key_refused,    ///< 401 or 403: the key of the configuration is not accepted
  no_access,      ///< 403 about one model: the key may not use it
  exhausted,      ///< the key's account has no credit left, is disabled or over its spending limit
  not_here,       ///< 404: the provider does not have the model or the endpoint
  rejected,       ///< any other 4xx: the request's own fault, passed through
  stream_broken,  ///< lost, stalled or in-band error after bytes had gone to the client
  cancelled,      ///< the client left
};
[[gnu::visibility("default")]] std::string_view to_string(Outcome outcome);

/// How the answer to the client ended.
enum class Ending : std::uint8_t {
  complete,        ///< the whole answer was handed over
  client_gone,     ///< the client closed before that
  client_stalled,  ///< the client took nothing for `timeouts.client_write_ms`
  broken,          ///< the provider failed after the answer had begun; the client was told in-band
  shutdown,        ///< the relay stopped
  by_operator,     ///< an operator ended it; the client was told
};
[[gnu::visibility("default")]] std::string_view to_string(Ending ending);

/// Everything about one try at one provider.
struct AttemptSummary {
  std::string provider;
  std::string key;  ///< fingerprint of the key; `client` for the client's own credential; or empty
  std::string model;  ///< as sent, after mapping
  Outcome outcome = Outcome::success;
  int status = 0;         ///< HTTP status; 0 when there was no answer
  std::string detail;     ///< why it failed, for a person; empty on success
  Duration connect{};     ///< start of the attempt to connection ready; zero on a reused one
  Duration first_byte{};  ///< start of the attempt to the answer's head; zero if there was none
  Duration total{};       ///< start of the attempt to its end
  std::string key_name;   ///< of the key in the configuration; empty when it has none
  WallTime began{};       ///< start of the attempt
  TimePoint started{};    ///< the same on the monotonic clock, which nobody sets
  UsageReport usage;      ///< what its answer used and what that cost
  /// What it was asked in, as to_string(Dialect) has it; empty where nothing of the kind is spoken.
  std::string_view dialect = {};
  std::string_view translated_from = {};  ///< the client's, where that is another; else empty
  // Filled where the relay has a Telemetry (RelayOptions::telemetry), and empty without.
  /// W3C, as it was sent to the provider: the trace of the request, a span of its own.
  std::string traceparent;
  std::string provider_type;  ///< `type` of the provider in the configuration
  std::string server;         ///< where the provider is: `https://host` or `https://host:port`
  std::string response_id;    ///< `id` of the message
  std::string stop_reason;    ///< of the message
};

/// Everything about one client request, told once when it has ended. What the client made up is cut
/// after 256 bytes.
struct RequestSummary {
  WallTime time{};      ///< when it had ended
  WallTime began{};     ///< when the request's head was complete
  TimePoint started{};  ///< the same on the monotonic clock
  std::string request_id;
  std::string client;  ///< address and port
  /// For whom, as a proxy says that server.trusted_proxies names; else empty.
  std::string forwarded_for;
  std::string user;        ///< `metadata.user_id` of the body, if any
  std::string user_agent;  ///< the client's name for itself, if it has one
  std::string method;
  std::string path;          ///< without the query
  std::string session;       ///< `x-claude-code-session-id`, if any
  std::string agent;         ///< `x-claude-code-agent-id`, if any
  std::string parent_agent;  ///< `x-claude-code-parent-agent-id`, if any
  /// Who holds the key that opened the relay, by its name in the configuration: `default` for
  /// server.auth.api_key and bearer_secret, `subscription` for a subscription's login, `anonymous`
  /// where no credential is asked for, `unknown` where none opened it.
  std::string client_name;
  /// What was asked for, in one of a few words: `messages`, `count_tokens`, `models`, `providers`,
  /// `passthrough`, `bedrock`, `vertex`, `health`, `ready`, `metrics`, `other`.
  std::string_view endpoint = "other";
  std::string traceparent;  ///< W3C, of the client; empty when absent or malformed
  std::string tracestate;   ///< W3C, of the client, with a good traceparent alone
  /// W3C, of the relay's own span for this request: a part of the client's trace, or of a new one
  /// where it told none. Empty where nothing is traced (Telemetry::sample_ratio()).
  std::string own_traceparent;
  std::string model_asked;  ///< empty where a route has no model
  /// What the client speaks, as to_string(Dialect) has it; empty where nothing of the kind is.
  std::string_view dialect = {};
  int status = 0;  ///< sent to the client; 499 when it left before an answer
  Ending ending = Ending::complete;
  std::string error;  ///< the message of an error that the relay itself made; empty otherwise
  bool stream = false;
  bool local = false;           ///< health, lists and the like: answered well by the relay itself
  std::uint64_t bytes_in = 0;   ///< body bytes from the client
  std::uint64_t bytes_out = 0;  ///< body bytes to the client
  std::uint64_t pings = 0;      ///< keep-alive events the relay put into the stream
  std::vector<AttemptSummary> attempts;  ///< in order; the last one answered
  Duration queue{};                      ///< request complete to first attempt
  Duration first_byte{};                 ///< request's head to first byte of the answer
  Duration total{};                      ///< request's head to the end
};

/// What a request used: the sum over its attempts.
[[gnu::visibility("default")]] UsageTotal usage_of(const RequestSummary& request);

enum class Level : std::uint8_t { debug, info, warn, error };
[[gnu::visibility("default")]] std::string_view to_string(Level level);

/// Something that happened to the relay rather than to one request: listening, draining, a key set
/// aside. At `debug` also the decision trace of a request, which then carries its id.
struct Note {
  /// A figure or name that belongs to the note.
  struct Field {
    std::string_view name;
    std::string value;
  };
  WallTime time{};
  Level level = Level::info;
  std::string_view event;  ///< a fixed word, such as "listening"
  std::string message;     ///< for a person
  std::string request_id;  ///< empty when it belongs to no request
  std::vector<Field> fields;
};

/// Told about finished things. What it is given holds no secrets, and is valid during the call.
///
/// Thread: that of the worker where it happened (several at once when `server.workers` > 1); for an
/// attached relay the loop's. Must not block: clients wait meanwhile. Notes of start() come on its
/// own thread, before it returns. Outlives the relay.
///
/// Order: request_finished() once for each request, when its answer has ended, behind all notes of
/// it; turn_ended() behind all that was reported in a turn.
///
/// Calling back: stop(), reload(), stopped(), in_flight(), port() and addresses() may be called
/// from here; wait() would wait for itself, and the relay must not be destroyed from here.
///
/// What it throws is dropped, with that report: nobody is left to be told.
class [[gnu::visibility("default")]] Observer {
 public:
  virtual ~Observer() = default;
  virtual void request_finished(const RequestSummary&) {}
  virtual void noted(const Note&) {}
  /// Notes below this level are not made at all.
  virtual Level note_level() const {
    return Level::info;
  }
  /// An operator wants what is told from this level on, whatever note_level() said; nothing: no
  /// more. May be called on any thread.
  virtual void use_level(std::optional<Level>) {}
  /// Called once at the end of each turn of a loop in which something was reported: the place to
  /// hand over what was collected.
  virtual void turn_ended() {}
};

}  // namespace ccrelay
