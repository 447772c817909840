#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ccrelay::app::top {

/// What is known of a relay, as its management API tells it. Names are those of management.proto;
/// values of enums have lost what they all begin with (`OPEN` of PROVIDER_HEALTH_OPEN), so that one
/// that is newer than this program is shown as it is. Nothing here: the relay did not tell.
using Number = std::optional<std::int64_t>;
using Real = std::optional<double>;
/// Milliseconds since 1970, UTC.
using Time = std::optional<std::int64_t>;

struct Usage {
  Number input_tokens, output_tokens, cache_write_tokens, cache_read_tokens;
};

struct Totals {
  Number requests, failed, client_gone, retried, attempts;
  Usage usage;
  Number nano_usd, unpriced_requests;
};

struct Latency {
  Number count, p50_us, p99_us;
};

struct Info {
  std::string version;
  Number api_revision;
  Time start_time;
  Number pid;
  std::string hostname;
  std::vector<std::string> listen_addresses;
  std::string config_source, ledger_path;
  Time config_load_time;
  std::vector<std::string> features;
  std::string caller;
  std::string role;  ///< VIEWER or OPERATOR
};

struct Sample {
  std::int64_t time = 0;
  double requests = 0, failed = 0, input_tokens = 0, output_tokens = 0;
};

struct Status {
  Time time;
  std::string state;
  Number uptime_ms, in_flight, streaming;
  Real requests_per_second, failures_per_second, input_tokens_per_second, output_tokens_per_second;
  Totals totals;
  std::optional<Totals> today;
  Latency first_byte;
  Number rss_bytes, cpu_ms, client_connections, buffered_body_bytes, loop_lag_max_us, subscribers,
      events_dropped;
  std::vector<Sample> history;
};

struct AdminOverride {
  std::string set_by, reason;
  Time set_time, expire_time;
};

struct LastError {
  Time time;
  std::string outcome;
  Number status;
  std::string message, id;
};

struct Provider {
  std::string name, type, base_url;
  std::vector<std::string> models;
  Number priority, weight;
  std::string admin_state;
  std::optional<AdminOverride> admin_override;
  std::string health;
  Number failures, failure_threshold, half_open_in_ms, opened;
  Number in_flight, in_flight_limit, conversations, first_byte_us;
  Totals totals;
  Real failure_ratio;
  std::optional<LastError> last_error;
  std::vector<std::string> keys;
  std::string identity_state, identity_source, identity_error;
  Time identity_expire_time;
  std::vector<std::string> dialects;
};

struct Budget {
  std::string kind;
  Number used, limit, provider_limit, provider_remaining, free_in_ms;
};

struct PlanWindow {
  std::string name, status;
  Real utilization;
  Time reset_time;
};

struct CoolDown {
  std::string model;
  Time expire_time;
};

struct Key {
  std::string fingerprint, name;
  std::vector<std::string> providers;
  std::string state, admin_state;
  std::optional<AdminOverride> admin_override;
  std::vector<CoolDown> cool_downs;
  Time refused_until;
  Number in_flight, in_flight_limit;
  std::vector<Budget> budgets;
  std::vector<PlanWindow> plan_windows;
  Totals totals;
  std::optional<LastError> last_error;
  Time last_used_time;
};

struct Client {
  std::string name, kind;
  Number in_flight;
  std::vector<Budget> budgets;
  Totals totals;
  std::optional<Totals> today, month;
  std::vector<std::string> allowed_models, allowed_providers;
  Number limited;
  Time last_seen_time;
};

struct Attempt {
  Number number;
  std::string provider, key, model, outcome, detail;
  Number status, start_us, duration_us;
  std::string translated = {};  ///< `anthropic>chat`; empty: it went as it came
};

struct TraceStep {
  Number at_us;
  std::string event, message;
};

struct Request {
  std::string id, request_id, session, client, client_address, method, path, model, model_sent;
  bool stream = false;
  std::string state, provider, key;
  Number attempt_count;
  Time start_time;
  Number duration_us, first_byte_us, request_bytes, response_bytes;
  Usage usage;
  Number nano_usd, status;
  std::string ending, error;
  std::vector<Attempt> attempts;
  std::vector<TraceStep> trace;
  bool traced = false;
  bool troubled = false;  ///< an attempt failed or it ended badly, as far as was seen
};

struct LogLine {
  Time time;
  std::string level;  ///< DEBUG, INFO, WARN, ERROR
  std::string event, message;
  std::int64_t lost = 0;  ///< instead of a line: so many are missing here
};

/// Something that went wrong lately.
struct Trouble {
  std::int64_t time = 0;
  std::string provider, outcome, text, id;
};

/// Where this program stands with the relay.
enum class Link { connecting, live, lost };

struct Model {
  std::string address;  ///< as `--address` names it
  Link link = Link::connecting;
  std::vector<std::string> why;  ///< of a link that is not live: lines for a person
  Time last_seen;
  bool restarted = false;  ///< it is another process than the one watched before

  Info info;
  Status status;
  std::deque<Sample> history;  ///< oldest first, 300 at most
  Real cpu;                    ///< of one core, between the last two looks
  bool has_providers = false, has_keys = false, has_clients = false, has_requests = false;
  std::vector<Provider> providers;
  std::vector<Key> keys;
  std::vector<Client> clients;
  std::vector<Request> running;  ///< oldest first
  std::deque<Request> ended;     ///< newest last, 500 at most
  std::int64_t requests_lost = 0;
  std::optional<Request> detail;  ///< of the request that is looked at, with its trace
  std::deque<Trouble> troubles;   ///< newest first, 50 at most
  std::deque<LogLine> log;        ///< newest last, 2000 at most
  std::string log_level, configured_log_level;

  std::int64_t now() const { return status.time.value_or(last_seen.value_or(0)); }
};

}  // namespace ccrelay::app::top
