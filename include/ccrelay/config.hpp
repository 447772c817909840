#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/manage_role.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/prices.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/secret.hpp>
#include <ccrelay/setting.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay {

using std::chrono::milliseconds;

/// A client with a key of its own: what it may ask for, how much, and for how much money. Its name
/// stands in log, figures and ledger; its key nowhere.
struct ClientConfig {
  /// Letters, digits, `.`, `_` and `-`, at most 64; each once. `default`, `subscription`,
  /// `anonymous`, `other` and `unknown` mean those who have none.
  std::string name;
  /// What it presents in `x-api-key` or as Bearer, any of them; several while a key is replaced.
  /// At least 16 characters each.
  std::vector<Secret> keys;
  /// In place of the key itself its SHA-256 (FIPS 180-4) in 64 hexadecimal digits, lower case. The
  /// key can't be had from it, if it is as long and random as one that was made for the purpose.
  std::vector<Secret> key_hashes;
  std::vector<std::string> models;     ///< as asked for, exact or ending in `*`; empty = all
  std::vector<std::string> providers;  ///< names; empty = all
  // Per minute, 0 = no limit.
  std::uint64_t rpm_limit = 0;   ///< requests
  std::uint64_t itpm_limit = 0;  ///< input tokens; those read from a cache don't count
  std::uint64_t otpm_limit = 0;  ///< output tokens
  std::uint64_t tpm_limit = 0;   ///< both together
  int max_in_flight = 0;         ///< requests at once; 0 = no limit
  // What it may cost in a day or month of ledger.timezone, in nano-USD (10^-9): absent = no limit,
  // 0 = nothing that costs. Needs the ledger.
  std::optional<std::int64_t> budget_day_nano_usd;
  std::optional<std::int64_t> budget_month_nano_usd;
  /// From then on its keys open nothing; absent = never.
  std::optional<std::chrono::sys_seconds> expires;
  bool enabled = true;

  bool has_budget() const { return budget_day_nano_usd || budget_month_nano_usd; }
};

/// Who may use the relay. Nothing set means everybody who can reach it, and then only a loopback
/// address may be bound (unless server.allow_public_without_auth).
struct AuthConfig {
  Secret api_key;        ///< accepted in `x-api-key` or as Bearer
  Secret bearer_secret;  ///< accepted as Bearer
  /// Accept any Bearer token. Whoever comes in by this alone can only reach providers that take
  /// the client's own token; the operator's keys are not spent on them. (`allow_bearer` is the
  /// same.)
  bool allow_subscription = false;
  /// Clients with a key of their own, beside all these.
  std::vector<ClientConfig> clients = {};
};

/// Whether clients show a certificate.
enum class ClientAuth : std::uint8_t {
  none,      ///< they are not asked for one
  optional,  ///< one that they show must be good
  required,  ///< nobody comes in without a good one
};

/// TLS towards the clients; off while `cert_file` is empty. All files are PEM, and are read again
/// when they change.
struct TlsConfig {
  std::string cert_file;       ///< the certificate, then those between it and its CA
  std::string key_file;        ///< its key, not encrypted
  std::string client_ca_file;  ///< the CAs that clients' certificates are verified with
  ClientAuth client_auth = ClientAuth::none;
  std::string min_version = "1.2";         ///< `1.2` or `1.3`
  milliseconds handshake_timeout{10'000};  ///< the connection is closed then

  bool enabled() const { return !cert_file.empty(); }
};

/// A gibibyte, or a quarter of the memory that this process may have where that is less: of the
/// machine's, or of what its control group or one around that is given. Read once.
[[gnu::visibility("default")]] std::uint64_t default_buffered_body_bytes();

/// The client side.
struct ServerConfig {
  /// `host:port`, `[v6]:port` or `:port` (all addresses); or `unix:/path`, a Unix socket. Port 0
  /// takes a free one.
  std::string listen = "127.0.0.1:8787";
  std::string unix_mode = "0600";  ///< who may connect to the Unix socket, octal
  std::string unix_owner;          ///< `user`, `user:group` or `:group` of it; empty = as created
  /// Listens beside another relay of the same user that does too (SO_REUSEPORT), or takes a Unix
  /// socket's path over from one: the new one starts, then the old one is stopped, and nobody is
  /// refused. Else an address in use is an error.
  bool reuse_port = false;
  /// Names that clients may call a relay by that asks for no credential, besides `localhost`, IP
  /// addresses, names without a dot and that of `listen`. Any other is 403: a web page whose name
  /// was pointed at this machine comes with its own (DNS rebinding).
  std::vector<std::string> hosts;
  AuthConfig auth;
  TlsConfig tls;
  bool allow_public_without_auth = false;
  /// Proxies in front of the relay whose word is taken for who the client is, in the log: addresses
  /// and networks (`10.0.0.0/8`, `2001:db8::/32`), or `unix`, who connects to its Unix socket.
  std::vector<std::string> trusted_proxies;
  /// Loops, each with its own thread and listening socket. One serves thousands of streams.
  int workers = 1;
  /// Up to the first byte to the client; 504 after that; 0 = no limit. A running stream is never
  /// cut by it.
  milliseconds timeout{600'000};
  /// Relayed requests at once, counted after authentication; 0 = no limit. 503 beyond it.
  int max_concurrent = 0;
  /// Open client connections over all workers, as far as there are descriptors for them (two
  /// each). Beyond it a new one takes the place of one that has asked nothing for a second, or
  /// else is closed at once.
  int max_connections = 10'000;
  /// Of these, from one client address, with IPv6 from one /64 network; 0 = no limit. Clients of a
  /// Unix socket have none.
  int max_connections_per_address = 0;
  /// Request body. It is held in memory until a provider has answered. 413 beyond it.
  std::uint64_t max_body_bytes = 64ull << 20;
  /// All bodies that are held at once, over all workers: requests' with their heads, and answers'
  /// kept whole to be translated. 0 = no limit; 503 beyond it. One of max_body_bytes always fits.
  std::uint64_t max_buffered_body_bytes = default_buffered_body_bytes();
  /// Request line and header fields together. 431 beyond it.
  std::uint64_t max_header_bytes = 64 << 10;
  /// Header fields of a request, and those behind a chunked body. 431 beyond it.
  int max_headers = 200;
  /// A client connection is ended gently when it is this old, so that clients spread anew over
  /// several relays; 0 = never.
  milliseconds max_connection_age{0};
  /// HTTP/2 with prior knowledge beside HTTP/1.1, on the same port.
  bool enable_http2 = true;
  /// Requests at once on one HTTP/2 connection.
  int http2_max_streams = 100;
  /// HTTP/2 frames that cost a client nothing (RFC 9113 section 10.5), in ten seconds: SETTINGS,
  /// PING, PRIORITY, RST_STREAM, CONTINUATION, empty DATA, WINDOW_UPDATE that no body called for.
  /// The connection is ended beyond it.
  int http2_frame_budget = 1000;
  /// When the relay stops it goes on accepting for this long, while /health says so: time for a
  /// balancer to send its clients elsewhere.
  milliseconds shutdown_grace{0};
  /// After that, client connections without a request stay open for this long: a client that is
  /// just about to use one is still answered.
  milliseconds shutdown_idle{1'000};
  /// Running requests get this long to finish once the relay accepts no more. What is left then
  /// gets an error: a stream as its last event, anything else as 503.
  milliseconds shutdown_timeout{30'000};
  /// Relay `/v1/...` paths other than messages to the first provider of type `anthropic`.
  bool passthrough = true;
  /// The configuration is read again when one of its files has changed (RelayOptions::reload), and
  /// so is the certificate.
  bool watch_config = true;
};

/// All in real or manual time of the relay's Clock. 0 = no limit where that is said.
struct TimeoutConfig {
  milliseconds connect{10'000};  ///< DNS, TCP and TLS to the provider
  /// Connection ready to answer's head; 0 = no limit. Not for messages that are no stream: their
  /// head comes when all of the answer is there.
  milliseconds first_byte{120'000};
  milliseconds stream_idle{
      300'000};                    ///< a provider silent inside an answer for this long has failed
  milliseconds error_body{5'000};  ///< to read the body of an error that may be retried
  milliseconds upstream_idle{50'000};  ///< an unused provider connection is not reused after this
  milliseconds client_header{10'000};  ///< a request's head must be complete; 408 then. With
                                       ///< HTTP/2 also the time to acknowledge SETTINGS
  milliseconds client_body{30'000};    ///< a request's body must keep moving; 408 then
  milliseconds client_idle{120'000};   ///< a connection without a request is closed
  milliseconds client_write{60'000};   ///< a client that takes nothing of its answer is dropped
  milliseconds client_linger{2'000};   ///< after an early answer, to let the client read it
};

/// Server-Sent Events.
struct StreamConfig {
  milliseconds keepalive{15'000};  ///< silence after which a `ping` event is made; 0 = never
  milliseconds hold{1'000};  ///< a 200 stream is held at most this long to catch an early error
  /// Bytes waiting for a slow client at which reading from the provider pauses; half of it resumes.
  std::uint64_t buffer_bytes = 256 << 10;
  /// An SSE event or JSON answer larger than this goes through as it comes, its usage still read.
  std::uint64_t inspect_bytes = 256 << 10;
};

/// Which provider gets a request, and how often others are tried.
struct RoutingConfig {
  std::string strategy = "failover";
  /// How long after the first failure new attempts may begin.
  milliseconds failover_timeout{5'000};
  int max_attempts = 6;
  /// After the first failure this many providers are asked at once, and the first good answer wins;
  /// 1 = one after the other. More costs the tokens of the losers. 1 to 8.
  int race = 1;
  /// After so long without an answer's head another provider is asked beside the silent one, and
  /// the first good head wins; 0 = never. Not for messages that are no stream, whose head comes
  /// when all of the answer is there. At most as many at once as `race` says, and two in any case.
  milliseconds hedge{0};
  /// `conversation`: a conversation stays with the provider and key it began with, where its prompt
  /// cache and thinking signatures are; `none`: every request is placed anew.
  std::string affinity = "conversation";
  /// For `model_based`: prefix of a model -> provider; the longest prefix wins.
  std::map<std::string, std::string> model_mapping;
  std::string default_provider;    ///< for `model_based`: when no prefix fits; empty = any
  bool model_fallback = false;     ///< for `model_based`: when that provider fails, ask the others
  int conversations_max = 10'000;  ///< whose home is remembered; about 200 bytes each
  int signatures_max = 100'000;  ///< of thinking, whose issuer is remembered; about 130 bytes each
  /// Adds X-CC-Relay-* headers and Server-Timing to answers.
  bool debug = false;
  /// Of a strategy that the program brings along (RelayOptions::strategies).
  Settings settings;
  Place place;  ///< of [routing]
};

/// When a provider is left out because it fails, and when it is let in again.
struct HealthConfig {
  /// Ask a provider that is left out with a cheap request whether it is well again.
  bool checks = true;
  milliseconds check_interval{10'000};  ///< a fifth more or less
  int failure_threshold = 5;            ///< failures in a row
  milliseconds open_duration{30'000};   ///< doubled each time it fails again, up to five minutes
  int half_open_probes = 3;  ///< at once after that, and successes in all until it is trusted again
};

/// One key of a provider.
struct KeyConfig {
  Secret key;
  int weight = 1;
  int priority = 1;
  // Per minute, 0 = no limit. What the provider itself says of its limits is heeded beside them.
  std::uint64_t rpm_limit = 0;   ///< requests
  std::uint64_t itpm_limit = 0;  ///< input tokens; those read from a cache don't count
  std::uint64_t otpm_limit = 0;  ///< output tokens
  std::uint64_t tpm_limit = 0;   ///< both together
  int max_in_flight = 0;         ///< requests at once; 0 = no limit
  /// What people call it; shown beside its fingerprint wherever a key is told. Printable ASCII, at
  /// most 64 characters, its own within the provider; empty = it has none.
  std::string name = {};
};

/// Which key of a provider a new conversation gets.
enum class PoolStrategy : std::uint8_t {
  least_loaded,  ///< fewest requests in flight for its weight, then the furthest from its limits
  round_robin,   ///< each in turn
  random,        ///< any
  weighted,      ///< drawn by weight
};

/// Whose credential a provider gets.
enum class Credentials : std::uint8_t {
  automatic,    ///< the client's own if it looks like one of Anthropic's or there are no keys
  configured,   ///< always a key of the configuration
  passthrough,  ///< the client's own
};

/// What a provider is known not to take. Left out of a request, each with its other half (the
/// beta's field, the field's beta), so that the capability is off instead of refused.
struct UnsupportedConfig {
  std::vector<std::string> models;  ///< as sent, exact or ending in `*`; empty = all
  std::vector<std::string> betas;   ///< values of `anthropic-beta`
  /// Members of the body by their path: `NAME`, `NAME.INNER`, `tools[].NAME` for one of every tool.
  std::vector<std::string> fields;
};

/// What a provider's error is about, and so what happens then.
enum class ErrorAbout : std::uint8_t {
  none,           ///< it is no error
  account,        ///< credit gone, disabled, over its spending limit: the key is set aside for long
  key,            ///< refused: the key is set aside
  key_and_model,  ///< refused for this model alone
  model,          ///< unknown there: the next provider is asked
  limit,          ///< of the key for this model, until it ends: the next key is asked
  request,        ///< its own fault: the client gets the answer
  request_healable,  ///< the same, but something could be left out and it asked again
  overload,          ///< of the provider: asked again, then the next one; nobody is set aside
  provider,          ///< it failed: the next one is asked
};
/// The word of the configuration and the log, such as "key_and_model".
[[gnu::visibility("default")]] std::string_view to_string(ErrorAbout about);

/// What an error of a provider means, where the relay's own table has it wrong. All that is given
/// must fit; the first rule that fits decides.
struct ErrorRule {
  int status = 0;    ///< of the answer; 0 = any, also of an error inside a 200
  std::string code;  ///< one of the error's codes or types, in any case; empty = any
  /// Part of what the provider itself says, in any case; empty = any. What it quotes of the request
  /// or of another provider is not looked at.
  std::string words;
  ErrorAbout about = ErrorAbout::request;
  milliseconds wait{-1};  ///< how long key or model are set aside; negative = as usual
};

struct ProviderConfig {
  std::string name;
  /// `anthropic`, `zai`, `minimax`, `ollama`, `azure`, `bedrock`, `vertex`, `anthropic_aws`,
  /// `openai`, `azure_openai`, `gemini`, `gemini_vertex`, or a name given to
  /// RelayOptions::provider_types.
  std::string type;
  bool enabled = true;
  std::string base_url;  ///< empty = the type's own
  /// Models it serves, exact or ending in `*`. Empty = whatever is asked for.
  std::vector<std::string> models;
  /// Model asked for -> model sent. Exact, or ending in `*`; the longest match wins.
  std::map<std::string, std::string> model_mapping;
  std::vector<KeyConfig> keys;
  PoolStrategy pool_strategy = PoolStrategy::least_loaded;
  int max_in_flight = 0;  ///< requests at once over all keys; 0 = no limit
  int weight = 0;         ///< 0 = the first key's
  /// Higher goes first, 0 too is a priority. Not set: the first key's.
  std::optional<int> priority;
  Credentials credentials = Credentials::automatic;
  /// Added to each request to this provider, over what the client sent.
  std::vector<std::pair<std::string, Secret>> headers;
  std::string proxy;    ///< URL of an HTTP proxy; empty = from the environment; "none" = direct
  std::string ca_file;  ///< PEM bundle to verify an https provider with; empty = the system's
  /// Override [timeouts]; negative = not set here.
  milliseconds connect_timeout{-1};
  milliseconds first_byte_timeout{-1};
  milliseconds stream_idle_timeout{-1};
  std::vector<UnsupportedConfig> unsupported;
  std::vector<ErrorRule> errors;
  /// On what its models cost, in thousandths: 850 = a discount of 15 %, 0 = nothing, as for a flat
  /// rate. At most 100'000.
  std::uint32_t price_factor = 1000;

  // Types bedrock and anthropic_aws. Without keys of the configuration requests are signed with an
  // AWS identity: these, or where AWS's own tools find one.
  std::string aws_region;         ///< of the endpoint and the signature
  std::string aws_access_key_id;  ///< together with the secret
  Secret aws_secret_access_key;
  Secret aws_session_token;  ///< empty for keys that last
  std::string aws_profile;   ///< of ~/.aws/config; empty = AWS_PROFILE, then `default`
  std::string workspace_id;  ///< anthropic_aws: header `anthropic-workspace-id`
  // Types vertex and gemini_vertex.
  std::string gcp_project_id;
  std::string gcp_region;            ///< `global`, `us`, `eu`, or a region
  std::string gcp_credentials_file;  ///< empty = where Google's own tools look
  // Types azure and azure_openai. Without keys of the configuration an Entra identity is used: this
  // one, or where Azure's own tools find one.
  std::string azure_resource_name;  ///< the first part of the endpoint's name
  std::string azure_tenant_id;
  std::string azure_client_id;
  Secret azure_client_secret;
  std::string azure_scope;  ///< empty = https://cognitiveservices.azure.com/.default

  // What is translated to and from it.
  /// openai, azure_openai: `chat`, `responses`, or `auto`: what the profile says.
  std::string api = "auto";
  /// What the vendor's API differs in: a row of the profiles; `auto` = by the host of base_url.
  std::string profile = "auto";
  /// Of a profile's keys those that are different here, as they are written in TOML (`true`, `4`,
  /// `"low"`, `["a", "b"]`).
  std::map<std::string, std::string> quirks;
  std::uint64_t max_output_tokens = 0;  ///< a larger max_tokens is lowered to it; 0 = the profile's
  std::string azure_api_version;        ///< azure_openai: set = the older paths of deployments
  /// `provider` or `asked`: whose name of the model stands in an answer that is not translated.
  std::string answer_model = "provider";

  /// Of a type that the program brings along (RelayOptions::provider_types).
  Settings settings;
  Place place;  ///< of its [[providers]]
  /// Not `enabled` because the file makes its only key of this variable (`${VAR:-}`), which has no
  /// value; empty: not for that.
  std::string missing_variable;
};

/// Between clients and providers that speak different dialects (docs/translation.md).
struct TranslationConfig {
  bool enabled = true;  ///< false: a request goes only to providers that speak its own dialect
  std::uint64_t default_max_tokens = 32'000;  ///< for providers that need one, and none is asked
  bool auto_cache = true;                     ///< cache breakpoints for clients that can't ask
  /// What a provider cannot carry: `route` = only to those that can, 400 when none; `drop` = left
  /// out.
  std::string unsupported = "route";
  /// Hosted search: `alone` = when it is the only tool or forced; `always`; `never`.
  std::string web_search = "alone";
  /// Tool calls whose reasoning is remembered for clients that don't send it back; 0 = none. About
  /// a KB each, some models' much more.
  std::uint64_t memory_max = 10'000;
  /// A TOML file of more [[profiles]], which win over those that the relay brings; empty = none.
  std::string profiles_file;
  /// What it says. load_config() and parse_config() read it.
  std::string profiles_text;
};

enum class LogFormat : std::uint8_t { automatic, json, text };

/// How the bundled executable logs. A program that embeds the library brings an Observer instead.
struct LoggingConfig {
  Level level = Level::info;
  LogFormat format = LogFormat::automatic;  ///< automatic: text on a terminal, else JSON
  std::string output = "stdout";            ///< `stdout`, `stderr`, or a file
  /// At debug level: the first bytes of each request body, with secrets blanked by structure.
  bool log_request_body = false;
  std::uint64_t max_body_log_size = 1000;
};

/// Where prices come from beside [[prices]] and the table that the relay brings along.
struct PricingConfig {
  /// A TOML file of [[prices]]; empty = none. Its rows go before the relay's own, and those of the
  /// configuration before them.
  std::string prices_file;
  /// What it says. load_config() and parse_config() read it; a program that fills a Config itself
  /// fills this.
  std::vector<PriceRow> file_prices;
};

/// Whose days and months are meant.
enum class DayZone : std::uint8_t {
  local,  ///< of the process
  utc,
};

/// What was used and what it cost, kept in an SQLite file by the bundled executable. A program that
/// embeds the library has none unless it asks for one.
struct LedgerConfig {
  bool enabled = true;
  /// Empty = where ledger_path() in config_load.hpp says. Its folder is made (0700).
  std::string path;
  milliseconds flush{500};               ///< at most so long after a request's end it is written
  int retention_days = 400;              ///< older rows are deleted; 0 = none
  std::uint64_t max_bytes = 1ull << 30;  ///< of the file; the oldest rows go first; 0 = no limit
  /// Requests that wait to be written, about a kibibyte each. Beyond it the oldest are dropped and
  /// counted; budgets stay right.
  int queue_max = 100'000;
  DayZone timezone =
      DayZone::local;  ///< of budgets, and of reports unless they are asked for another
  /// Whether nothing is relayed that can't be written: the relay does not start then, and answers
  /// 503. Not set = false, but then a budget without the ledger is a mistake, and no warning.
  std::optional<bool> required;
  bool operator==(const LedgerConfig&) const = default;
};

/// `GET /metrics`, for Prometheus.
struct MetricsConfig {
  bool enabled = true;
  Secret bearer_secret;  ///< opens /metrics, and nothing else; as Bearer
  /// Let everybody read it who can reach the relay, also when server.auth is set.
  bool allow_without_auth = false;
  /// Models in labels beside those that the configuration or the table of prices names; all
  /// further ones are `other`.
  int models_max = 50;
};

/// Traces and metrics for an OpenTelemetry collector, sent by OTLP over HTTP by the bundled
/// executable. A program that embeds the library sends none unless it asks for that. The variables
/// of OpenTelemetry's own SDKs (OTEL_*) are not read: they mean the program they were set for.
struct OtelConfig {
  /// URL of the collector, to which `/v1/traces` and `/v1/metrics` are added; empty = off. It is
  /// reached through the environment's proxy as a provider is.
  std::string endpoint;
  std::vector<std::pair<std::string, Secret>> headers;  ///< sent along, such as a key
  bool traces = true;
  bool metrics = true;
  std::string service_name = "cc-relay";
  /// Of the traces that no client began, so many are kept, in millionths; what a client began goes
  /// by its own word.
  std::uint32_t sample_ratio = 1'000'000;
  milliseconds interval{10'000};  ///< at most so long after a request's end it is sent
  milliseconds timeout{10'000};   ///< of one request to the collector
  /// Requests that wait to be sent, about 2 KiB each, and as many that the sender has in hand; what
  /// is beyond is dropped and counted.
  int queue_max = 4'096;
  std::string ca_file;  ///< PEM bundle to verify an https endpoint with; empty = the system's
};

/// A credential for the management over TCP.
struct ManageToken {
  std::string name;  ///< letters, digits, `.`, `_` and `-`, at most 64; each once. Told in the log
  Secret token;      ///< sent as `authorization: Bearer`; at least 16 characters
  management::Role role = management::Role::operator_;
};

/// The management of a running relay over HTTP: JSON, streams of events and the page. As
/// default-constructed it is nowhere to be reached.
struct ManageConfig {
  /// A Unix socket: its path; or `auto`, which is `PORT.sock` in $XDG_RUNTIME_DIR/cc-relay, else in
  /// /run/cc-relay if that can be written, PORT being the relay's own, and no socket where neither
  /// is to be had. Empty = none. Not set = none; the bundled executable then has `auto`.
  std::optional<std::string> socket;
  std::string listen;  ///< `host:port`, `[v6]:port` or `:port`; empty = not on TCP
  /// Names that `Host` may have on TCP beside those of the loopback and what is listened on: a web
  /// page whose name was pointed at this machine comes with its own (DNS rebinding).
  std::vector<std::string> allowed_hosts;
  int recent_requests = 200;  ///< ended ones that are remembered, about a kibibyte each
  int log_lines = 1000;      ///< that are remembered for who begins to watch the log; 1 MiB at most
  bool trace = false;        ///< decisions are recorded always, not only while somebody watches
  int max_subscribers = 16;  ///< streams of events at once
  bool allow_public_without_tls = false;
  /// Names or numbers of users whose processes come in by the Unix socket, beside the relay's own
  /// and root. The file's mode lets others than its owner connect no sooner than they are here.
  std::vector<std::string> users;
  std::vector<ManageToken> tokens;
  TlsConfig tls;  ///< on TCP
  /// Of who shows a certificate of `tls.client_ca_file`.
  management::Role client_role = management::Role::operator_;
};

/// The management of a running relay over gRPC, served by a library of its own (manage_grpc.hpp);
/// who may, and TLS, are those of ManageConfig.
struct GrpcConfig {
  /// `host:port`, `[v6]:port` or `:port`; or `unix:/path`, a Unix socket (0600). Empty = nowhere.
  std::string listen;
};

/// How a provider outside the loopback is reached when it names no proxy of its own. Filled from
/// HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (either case) by load_config; plain data here.
struct ProxyConfig {
  std::string https;     ///< for https:// providers
  std::string http;      ///< for http:// providers
  std::string no_proxy;  ///< comma-separated hosts and domains, `*` = all
};

/// Everything the relay can be told. Plain data: default-constructed it is valid and serves
/// nothing; nothing in it points anywhere. What the fields cost and mean stands beside each.
/// A file that a configuration was read from: its own, and what `${file:…}` names.
struct SourceFile {
  std::string path;
  /// Of what was in it, so that it can be told whether that has changed; file_digest() makes it.
  std::uint64_t digest = 0;

  bool operator==(const SourceFile&) const = default;
};

/// Where a setting comes from that is not at its default.
struct SettingPlace {
  enum class From : std::uint8_t {
    file,
    environment,   ///< found there, where the file leaves it open
    command_line,  ///< LoadOptions::listen
  };
  std::uint32_t line = 0;  ///< of the file, from 1; 0 when it is not from there
  From from = From::file;
};
/// By path in the file, such as `providers[0].keys[1].key`.
using SettingPlaces = std::map<std::string, SettingPlace>;

struct Config {
  ServerConfig server;
  TimeoutConfig timeouts;
  StreamConfig stream;
  RoutingConfig routing;
  std::vector<ProviderConfig> providers;
  HealthConfig health;
  LoggingConfig logging;
  /// What models cost, before the prices that the relay knows by itself (shipped_prices() in
  /// config_load.hpp): a row hides every one of those for the same provider and model.
  std::vector<PriceRow> prices;
  PricingConfig pricing;
  TranslationConfig translation;
  LedgerConfig ledger;
  MetricsConfig metrics;
  OtelConfig otel;
  ManageConfig manage;
  GrpcConfig grpc;
  ProxyConfig proxy;
  /// Where it came from, for messages; empty when made by a program.
  std::string source;
  /// What parse_config has noticed in it that is no mistake, but hardly what was meant, each as
  /// `source:line:column: …`; warnings_of in config_load.hpp tells them with its own.
  std::vector<std::string> warnings;
  /// What load_config has read it from; empty when made by a program.
  std::vector<SourceFile> files;
  /// Where its settings come from; null when made by a program.
  std::shared_ptr<const SettingPlaces> places;
};

/// What became of reading a configuration.
struct ConfigReading {
  Result<Config> config;
  /// The files that were looked at, those that can't be read as well: when one of them changes, the
  /// result may be another.
  std::vector<SourceFile> files = {};
};

/// For the factory of a type or strategy that the program brings along: an error about a setting of
/// an entry, as the loader would say it: `config.toml:9:14: providers.NAME.SETTING: WHAT`. The
/// setting's place, else the entry's, else none. The value is not shown: it may be a secret.
[[gnu::visibility("default")]] Error mistake_in(const ProviderConfig& entry,
                                                std::string_view setting, std::string_view what);
[[gnu::visibility("default")]] Error mistake_in(const RoutingConfig& routing,
                                                std::string_view setting, std::string_view what);

}  // namespace ccrelay
