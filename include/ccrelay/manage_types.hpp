#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/manage_config.hpp>
#include <ccrelay/observer.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// What the management of a relay speaks of, as plain data: values that point nowhere. Types,
/// fields and enumerators have the names of the API's messages (package ccrelay.management.v1), so
/// that a front (JSON, gRPC) only prints them. `unspecified` is never told; an absent optional is
/// "not known" or "does not apply", never zero. Units stand in the names: `_us` microseconds, `_ms`
/// milliseconds, `_nano_usd` billionths of a US dollar. No field holds a secret, a header or a
/// body, and every text is UTF-8: what is none in what came from outside has become U+FFFD.
///
/// Two enums are those of the observer, which have no `unspecified`; an absent optional is it.
/// Outcome has the names of the API's with `no_access` (OUTCOME_NO_ACCESS) and `exhausted`
/// (OUTCOME_EXHAUSTED) more; of Ending, `by_operator` is ENDING_OPERATOR.
namespace ccrelay::management {

/// What the relay does.
enum class ServerState : std::uint8_t {
  unspecified,
  serving,    ///< takes requests, and at least one provider could take one
  not_ready,  ///< takes requests, but no provider could take one now
  draining,   ///< stops: finishes what runs
};

/// Tokens in the classes that a provider bills.
struct TokenUsage {
  std::uint64_t input_tokens = 0;  ///< read afresh
  std::uint64_t output_tokens = 0;
  std::uint64_t cache_write_tokens = 0;
  std::uint64_t cache_read_tokens = 0;
  std::uint64_t cache_write_1h_tokens = 0;  ///< of cache_write_tokens
  std::uint64_t web_searches = 0;
};

/// A price, by the relay's price table.
struct Cost {
  std::int64_t nano_usd = 0;            ///< what is known, of the operator's
  std::uint64_t unpriced_requests = 0;  ///< with a charge whose price is not known
  std::int64_t client_paid_nano_usd = 0;
};

/// Sums over requests that have ended. Health checks and the relay's own pages are not counted.
struct Totals {
  std::uint64_t requests = 0;
  /// Of these, ended with an error of the relay's or a provider's, or a broken stream. Not by the
  /// client's own 4xx, nor because it left or an operator ended it.
  std::uint64_t failed = 0;
  std::uint64_t client_gone = 0;
  std::uint64_t retried = 0;  ///< more than one attempt was made
  std::uint64_t attempts = 0;
  TokenUsage usage;
  Cost cost;
  std::uint64_t partial = 0;        ///< some usage was not told: `usage` is a lower bound
  std::uint64_t without_usage = 0;  ///< no usage was told
};

/// Means over the last ten seconds.
struct Rates {
  double requests_per_second = 0;
  double failures_per_second = 0;
  double input_tokens_per_second = 0;
  double output_tokens_per_second = 0;
};

/// Percentiles within 5 %. With `count` 0 the others mean nothing.
struct Latency {
  std::uint64_t count = 0;
  std::int64_t p50_us = 0;
  std::int64_t p90_us = 0;
  std::int64_t p99_us = 0;
};

/// One second of the past; tokens count in the second in which their request ended.
struct Sample {
  WallTime time{};  ///< its beginning
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::uint64_t input_tokens = 0;
  std::uint64_t output_tokens = 0;
  std::int64_t in_flight_max = 0;  ///< sum of what each worker had at most
};

/// What the process uses.
struct Process {
  std::uint64_t rss_bytes = 0;  ///< 0 where the system does not tell
  std::int64_t cpu_ms = 0;
  std::int64_t client_connections = 0;
  std::int64_t upstream_idle_connections = 0;  ///< to providers, kept for the next request
  std::uint64_t buffered_body_bytes = 0;
  std::int64_t loop_lag_max_us = 0;  ///< the longest turn of a loop in the last ten seconds
  std::int32_t subscribers = 0;      ///< readers of all kinds of streams
  std::uint64_t events_dropped = 0;
};

/// How many providers there are of each kind.
struct ProviderCounts {
  std::int32_t configured = 0;
  std::int32_t available = 0;
  std::int32_t broken = 0;   ///< left out by their breaker, or half let in
  std::int32_t limited = 0;  ///< no key has room, or all are refused
  std::int32_t disabled = 0;
};

/// The whole relay at one moment.
struct Status {
  WallTime time{};
  ServerState state = ServerState::unspecified;
  std::int64_t uptime_ms = 0;
  std::int64_t in_flight = 0;
  std::int64_t streaming = 0;  ///< of these, answers whose first byte has gone to the client
  Rates rates;
  Totals totals;                ///< since the start
  std::optional<Totals> today;  ///< since midnight of `ledger.timezone`; absent without a ledger
  Latency first_byte;           ///< request's head to first byte, over the last five minutes
  Latency total;                ///< request's head to its end, likewise
  std::vector<Sample> history;  ///< oldest first, without gaps
  Process process;
  ProviderCounts providers;
  std::uint64_t config_generation = 0;
};

/// What does not change while the process runs, but for the configuration's fields.
struct ServerInfo {
  std::string name = "cc-relay";
  std::string version;
  std::int32_t api_revision = 1;
  WallTime start_time{};
  std::int64_t pid = 0;
  std::string hostname;
  std::int32_t workers = 0;
  std::vector<std::string> listen_addresses;
  /// Where fronts serve management: `http://127.0.0.1:9091`, `unix:PATH`, `grpc://127.0.0.1:9090`.
  std::vector<std::string> management_addresses;
  std::string config_source;  ///< path; empty when there is no file
  WallTime config_load_time{};
  std::uint64_t config_generation = 0;  ///< 1 at the start, one more with each that differs
  std::vector<std::string> features;    ///< of "ledger", "clients", "grpc", "tls", "trace"
  std::string ledger_path;              ///< empty when there is none
};

/// Whether a provider or key is to be used.
enum class AdminState : std::uint8_t {
  unspecified,
  enabled,
  draining,  ///< only for conversations that are at home there (providers alone)
  disabled,
};

/// What an operator set, over the configuration. Survives a reload; a restart forgets it.
struct AdminOverride {
  AdminState state = AdminState::unspecified;
  std::string set_by;
  std::string reason;
  WallTime set_time{};
  std::optional<WallTime> expire_time;
};

/// Why a provider is or is not asked, apart from operators.
enum class ProviderHealth : std::uint8_t {
  unspecified,
  ok,
  half_open,
  open,
  limited,
  keys_refused,
  no_identity,
};

enum class BreakerState : std::uint8_t { unspecified, closed, half_open, open };

struct Breaker {
  BreakerState state = BreakerState::unspecified;
  std::int32_t failures = 0;  ///< in a row
  std::int32_t failure_threshold = 0;
  std::optional<std::int64_t> half_open_in_ms;
  std::uint64_t opened = 0;  ///< since the start
};

struct OutcomeCount {
  Outcome outcome = Outcome::success;
  std::uint64_t count = 0;
};

/// The last attempt that went wrong.
struct LastError {
  WallTime time{};
  std::optional<Outcome> outcome;
  std::int32_t status = 0;
  std::string message;  ///< at most 300 bytes, secrets blanked
  std::string id;       ///< Request::id
};

/// The relay's identity at a cloud.
struct CloudIdentity {
  std::string state;  ///< "unasked", "fetching", "ready" or "failed"
  std::string source;
  std::optional<WallTime> expire_time;
  std::string error;
};

/// One provider of the configuration.
struct Provider {
  std::string name;
  std::string type;
  std::string base_url;  ///< without what a URL may carry of credentials
  std::vector<std::string> models;
  std::int32_t priority = 0;
  std::int32_t weight = 0;
  AdminState admin_state = AdminState::unspecified;  ///< configuration and operator together
  std::optional<AdminOverride> admin_override;
  ProviderHealth health = ProviderHealth::unspecified;  ///< unspecified: not enabled
  Breaker breaker;
  std::int64_t in_flight = 0;
  std::int64_t in_flight_limit = 0;  ///< 0 = none
  std::int64_t conversations = 0;
  std::optional<std::int64_t> first_byte_us;  ///< moving average
  Totals totals;  ///< `requests` are those it was the last to be asked for
  std::vector<OutcomeCount> outcomes;
  std::optional<double> failure_ratio;  ///< of the attempts of the last five minutes
  std::optional<LastError> last_error;
  std::vector<std::string> keys;  ///< fingerprints
  std::optional<CloudIdentity> identity;
  /// "anthropic", "chat", "responses", "gemini", "bedrock", "vertex": those of them that it speaks.
  /// Empty where it is not enabled in the configuration.
  std::vector<std::string> dialects;
};

/// How a key is, apart from operators.
enum class KeyState : std::uint8_t { unspecified, ok, cooling, refused, limited };

struct CoolDown {
  std::string model;  ///< as sent
  WallTime expire_time{};
};

/// What is counted; also says the unit of a Budget's numbers.
enum class BudgetKind : std::uint8_t {
  unspecified,
  requests_per_minute,
  input_tokens_per_minute,
  output_tokens_per_minute,
  tokens_per_minute,
  concurrent_requests,
  nano_usd_per_day,
  nano_usd_per_month,
};

/// One limit and what is used of it.
struct Budget {
  BudgetKind kind = BudgetKind::unspecified;
  std::uint64_t used = 0;   ///< reservations of running requests included
  std::uint64_t limit = 0;  ///< of the configuration; 0 = none
  std::optional<std::uint64_t> provider_limit;
  std::optional<std::uint64_t> provider_remaining;
  std::optional<WallTime> provider_reset_time;  ///< when the provider's window is full again
  std::int64_t free_in_ms = 0;                  ///< until there is room for one more; 0 = now
};

/// A window of a subscription, as its provider tells it; for display, not enforced.
struct PlanWindow {
  std::string name;        ///< such as "5h" or "7d"
  double utilization = 0;  ///< used part, 0 to 1 and beyond
  std::optional<WallTime> reset_time;
  std::string status;  ///< the provider's word
};

/// One key of the configuration, by its fingerprint.
struct Key {
  std::string fingerprint;
  std::string name;  ///< of the configuration; may be empty
  std::vector<std::string> providers;
  KeyState state = KeyState::unspecified;
  AdminState admin_state = AdminState::unspecified;
  std::optional<AdminOverride> admin_override;
  std::vector<CoolDown> cool_downs;
  std::optional<WallTime> refused_until;
  std::int64_t in_flight = 0;
  std::int64_t in_flight_limit = 0;  ///< 0 = none
  std::vector<Budget> budgets;
  std::vector<PlanWindow> plan_windows;
  Totals totals;
  std::optional<LastError> last_error;
  std::optional<WallTime> last_used_time;
};

/// How a client was let in.
enum class ClientKind : std::uint8_t {
  unspecified,
  configured,     ///< by an entry of its own
  shared_secret,  ///< by the relay's one key or Bearer secret
  subscription,   ///< by a login of its own that the relay does not know
  anonymous,      ///< the relay asks for nothing
};

/// One client of the relay.
struct Client {
  std::string name;
  ClientKind kind = ClientKind::unspecified;
  std::int64_t in_flight = 0;
  std::vector<Budget> budgets;
  Totals totals;
  std::optional<Totals> today;  ///< since midnight of `ledger.timezone`; absent without a ledger
  std::optional<Totals> month;  ///< since the first of the month, likewise
  std::vector<std::string> allowed_models;     ///< empty = all
  std::vector<std::string> allowed_providers;  ///< empty = all
  std::uint64_t limited = 0;  ///< requests since the start that a limit of its own turned away
  std::optional<WallTime> last_seen_time;
};

/// Where a request is.
enum class RequestState : std::uint8_t {
  unspecified,
  reading,    ///< its body is arriving
  routing,    ///< waits for a provider to be chosen
  waiting,    ///< a provider was asked and has not answered, or its answer is held
  streaming,  ///< the answer goes to the client
  ended,
};

/// One try at one provider.
struct Attempt {
  std::int32_t number = 0;
  std::string provider;
  std::string key;
  std::string model;
  std::optional<Outcome> outcome;  ///< absent while it runs
  std::int32_t status = 0;
  std::string detail;
  std::int64_t start_us = 0;  ///< after the request's head
  std::int64_t connect_us = 0;
  std::optional<std::int64_t> first_byte_us;
  std::optional<std::int64_t> duration_us;
  std::string dialect;     ///< what the provider was asked in, one of Provider::dialects
  std::string translated;  ///< "anthropic>chat": from the client's into it; empty: not translated
};

/// One decision about a request.
struct TraceStep {
  std::int64_t at_us = 0;  ///< after the request's head
  /// A fixed word: "candidates", "passed_over", "home", "picked", "attempt", "outcome", "retry",
  /// "commit", "stripped", "gave_up", "ended".
  std::string event;
  std::string message;  ///< for a person
  std::map<std::string, std::string> fields;
};

/// One request of a client.
struct Request {
  std::string id;          ///< the relay's own, unique within the process
  std::string request_id;  ///< as in X-Request-ID: a client may choose it
  std::string session;
  std::string client;
  std::string client_address;
  std::string method;
  std::string path;
  std::string model;
  std::string model_sent;
  bool stream = false;
  RequestState state = RequestState::unspecified;
  std::string provider;  ///< that answers, or was last asked
  std::string key;
  std::int32_t attempt_count = 0;
  WallTime start_time{};
  std::int64_t duration_us = 0;
  std::optional<std::int64_t> first_byte_us;
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  TokenUsage usage;
  Cost cost;
  std::int32_t status = 0;
  std::optional<Ending> ending;  ///< absent while it runs
  std::string error;
  std::uint64_t pings = 0;
  std::vector<Attempt> attempts;  ///< of one that was asked for by its id alone
  std::vector<TraceStep> trace;   ///< likewise
  bool traced = false;            ///< `trace` was recorded
  std::string dialect;            ///< what the client speaks, as in Provider::dialects; or empty
};

/// Which requests. What is set must all fit; of a list, one must.
struct RequestFilter {
  std::vector<std::string> providers;
  std::vector<std::string> keys;  ///< fingerprints
  std::vector<std::string> clients;
  std::vector<std::string> models;  ///< as asked for, exact or ending in `*`
  std::vector<std::string> sessions;
  std::vector<RequestState> states;
  bool troubled_only = false;  ///< with a failed attempt or a bad ending
  std::int64_t min_duration_ms = 0;
};

/// The codes of gRPC that there are here.
enum class Code : std::uint8_t {
  invalid_argument,
  not_found,
  failed_precondition,
  aborted,
  resource_exhausted,
  unavailable,
  deadline_exceeded,
};

/// Why a call came to nothing. `message` says what was wrong, with which field, and what to do.
struct Refusal {
  Code code = Code::unavailable;
  std::string message;
  std::vector<Diagnostic> diagnostics = {};  ///< of a configuration that can't be taken
};

/// A value or a Refusal.
template <class T>
class [[nodiscard]] Reply {
 public:
  Reply(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Reply(Refusal refusal) : state_(std::in_place_index<1>, std::move(refusal)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  /// Only valid when there is one; anything else throws std::bad_variant_access.
  T& operator*() { return std::get<0>(state_); }
  const T& operator*() const { return std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Refusal& refusal() const { return std::get<1>(state_); }

 private:
  std::variant<T, Refusal> state_;
};

/// What an action came to.
template <class T>
struct Changed {
  T now;                              ///< as it is then
  bool changed = false;               ///< false when it was so before
  std::vector<std::string> warnings;  ///< what the operator may not have meant
};

/// Who acts, and why. For the log, and for whoever looks.
struct Order {
  std::string by;      ///< "uid:1000", "token:NAME"; empty is "the program"
  std::string reason;  ///< one line, at most 200 bytes
  /// For so long, then it is taken back; 0 = until told. Of drain(): until it is disabled; 0 = five
  /// minutes.
  std::chrono::milliseconds ttl{0};
  bool cancel_running = false;  ///< of disable_provider() alone
};

}  // namespace ccrelay::management
