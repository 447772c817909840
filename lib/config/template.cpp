#include "provider/types.hpp"
#include "route/strategies.hpp"

#include <fmt/format.h>
#include <ccrelay/config_load.hpp>

#include <string>

namespace ccrelay {
namespace {

// Prose comments begin with "# ". A setting that is commented out begins with "#" alone and shows
// its default, so that taking the "#" away changes nothing; the tests do just that. What stands in
// braces on a line of its own is filled in from the table of that name.
constexpr std::string_view text =
    R"(# cc-relay: one address for Claude Code, several providers behind it.
#
# Every setting but a provider's name and type may be left out. What is commented out below without
# a blank after the # shows the default, unless it says "example".
#
# Inside "…" you may write:
#   ${VAR}            an environment variable, which must be set
#   ${VAR:-default}   an environment variable, or the default; a provider whose key is ${VAR:-}
#                     is left out, with a warning, where it needs one and VAR is not set
#   ${file:/path}     the content of a file (up to 64 KiB), such as a mounted secret
#   $$                a single $
#
# Check your changes with: cc-relay config validate

[server]
# Where clients connect: "host:port", "[v6]:port", ":port" for all addresses, or "unix:/path" for a
# Unix socket. Anything but a loopback address needs [server.auth]. Port 0 takes a free one.
listen = "127.0.0.1:8787"
# Who may use the Unix socket: its file's mode, and "user", "user:group" or ":group" as its owner.
#unix_mode = "0600"
#unix_owner = ""
# Proxies in front of the relay whose word the log takes for who the client is: addresses and
# networks such as "10.0.0.0/8", or "unix" for who connects to the Unix socket.
#trusted_proxies = []
# Listen beside an older relay of yours on the same address, so that a restart refuses nobody.
#reuse_port = false
# Names by which clients may call a relay that asks for no credential, besides localhost, IP
# addresses, names without a dot and the one in listen.
#hosts = []

# Threads that serve clients (1 to 64). One serves thousands of streams.
#workers = 1
# Up to the first byte to the client (at most 86400000, a day). Running streams are never cut by it.
#timeout_ms = 600000
# Relayed requests at once; 0 = no limit. 503 beyond it.
#max_concurrent = 0
# Open client connections, and how many of them from one address (0 = no limit). Each needs two
# descriptors.
#max_connections = 10000
#max_connections_per_address = 0
# Largest request body, 64 MiB. 413 beyond it.
#max_body_bytes = 67108864
# All request bodies together that wait for an answer; 0 = no limit. 503 beyond it. 1 GiB, or a
# quarter of what the machine or the container has where that is less.
#max_buffered_body_bytes = 1073741824
# Largest request line and headers together, 64 KiB (1 KiB to 1 MiB). 431 beyond it.
#max_header_bytes = 65536
# Headers of a request. 431 beyond it.
#max_headers = 200
# HTTP/2 with prior knowledge beside HTTP/1.1, on the same port.
#enable_http2 = true
# Requests at once on one HTTP/2 connection (1 to 10000).
#http2_max_streams = 100
# HTTP/2 frames that mean nothing (PING, SETTINGS, cancelled requests, ...) in ten seconds; a
# connection that sends more is ended (10 to 1000000).
#http2_frame_budget = 1000
# A client connection is ended gently when it is this old; 0 = never.
#max_connection_age_ms = 0
# When the relay stops: how long it takes new connections all the same while /health says so, how
# long idle ones stay open after that, and how long running requests may take to finish.
#shutdown_grace_ms = 0
#shutdown_idle_ms = 1000
#shutdown_timeout_ms = 30000
# Relay /v1/... paths other than messages to the first provider of type "anthropic".
#passthrough = true
# Read this file again when it, or what it names by ${file:...} or [server.tls], has changed.
#watch_config = true
# Let everybody who can reach a public address use the relay and spend its keys.
#allow_public_without_auth = false

# TLS for the clients. The files are PEM and are read again when they change.
[server.tls]
# The certificate with those between it and its CA, and its key, which must not be encrypted.
#cert_file = ""
#key_file = ""
# Ask clients for a certificate of this CA: "none", "optional" (one that is shown must be good), or
# "required".
#client_auth = "none"
#client_ca_file = ""
# "1.2" or "1.3".
#min_version = "1.2"
# How long a handshake may take.
#handshake_timeout_ms = 10000

# Who may use the relay. Nothing set = everybody on this machine.
[server.auth]
# Accepted in x-api-key, or as a Bearer token.
#api_key = ""
# Accepted as a Bearer token.
#bearer_secret = ""
# Accept any Bearer token. Whoever comes in by this alone reaches only providers that take the
# client's own token; the keys below are not spent on them. (allow_bearer is the older name.)
#allow_subscription = false

# A client with a key of its own, one for each: what it may ask for, how much in a minute, and for
# how many USD. key_sha256 = "…" in place of key has the 64 digits that sha256sum makes of it, so
# that the key itself stands nowhere. Either may be a list. Example:
#[[server.auth.clients]]
#name = "ana"
#key = "${ANA_KEY}"
#models = ["claude-*"]
#providers = ["anthropic"]
#rpm_limit = 60
#itpm_limit = 0
#otpm_limit = 0
#tpm_limit = 0
#max_in_flight = 0
#budget_usd_day = 20.0
#budget_usd_month = 300.0
#expires = 2100-01-01
#enabled = true

# The providers. routing.strategy says in which order they are asked: by priority, then as listed,
# if nothing else is set. The first that can answer does.
[[providers]]
# Letters, digits, ".", "_" and "-"; each name once.
name = "anthropic"
{types}
type = "anthropic"
#enabled = true
# Empty = the type's own address.
#base_url = ""
# Models it serves, exact or ending in "*". Empty = whatever is asked for.
#models = []
# Higher goes first. Not set: the first key's.
#priority = 1
# Its share beside others; 0 = the first key's.
#weight = 0
# Requests at once over all keys; 0 = no limit. Beyond it the next provider is asked.
#max_in_flight = 0
# What its models cost, as a part of the list price: 0.85 = a discount of 15 %, 0 = a flat rate.
#price_factor = 1.0
# Which of its keys a new conversation gets: "least_loaded" (the one with the fewest requests in
# flight for its weight, then the one furthest from its limits), "round_robin", "random", or
# "weighted" (drawn by weight).
#pooling.strategy = "least_loaded"
# Whose credential it gets: "auto" (the client's own if it looks like one of Anthropic's or there is
# no key here), "configured" (always a key from here), "passthrough" (always the client's own; only
# for type "anthropic").
#credentials = "auto"
# HTTP proxy; empty = HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment, "none" = direct.
#proxy = ""
# PEM file to verify the provider's certificate with; empty = the system's.
#ca_file = ""
# Override [timeouts] for this provider.
#connect_ms = 10000
#first_byte_ms = 120000
#stream_idle_ms = 300000

# A larger max_tokens of a client is lowered to it; 0 = what the relay knows of the model.
#max_output_tokens = 0
# Whose name of the model stands in an answer that is not translated: the "provider"'s, or the one
# that was "asked" for (some Claude Code drops the thinking of another name).
#answer_model = "provider"
# What its API differs in: a row of the relay's profiles ("openrouter", "vllm", "generic", ...);
# "auto" = by its address.
#profile = "auto"

# Model asked for -> model sent, exact or ending in "*"; the longest match wins. Example:
#[providers.model_mapping]
#"claude-opus-*" = "claude-sonnet-4-5"

# Headers added to each request to this provider. Example:
#[providers.headers]
#"x-team" = "platform"

# One or more keys. Without a key, Anthropic gets the client's own credential.
[[providers.keys]]
key = "${ANTHROPIC_API_KEY:-}"
# Its share beside the provider's other keys.
#weight = 1
# Of the first key: the provider's, when that has none of its own. Else of no effect.
#priority = 1
# What people call it: told beside its fingerprint in the log and in cc-relay status.
#name = ""
# What it may use in a minute; 0 = no limit but what the provider itself says. Requests; input
# tokens (those read from a prompt cache don't count); output tokens; input and output together. A
# secret that stands in several places has one budget, and the smallest of its limits holds.
#rpm_limit = 0
#itpm_limit = 0
#otpm_limit = 0
#tpm_limit = 0
# Requests at once; 0 = no limit.
#max_in_flight = 0

# Another provider, asked when the one above cannot answer. Example:
#[[providers]]
#name = "zai"
#type = "zai"
#[providers.model_mapping]
#"claude-*" = "glm-4.7"
#[[providers.keys]]
#key = "${ZAI_API_KEY}"

# Models on this machine. Example:
#[[providers]]
#name = "ollama"
#type = "ollama"
#base_url = "http://localhost:11434"
#models = ["qwen3-coder"]

# OpenAI, and everybody who speaks its API (OpenRouter, DeepSeek, Groq, vLLM, ...): base_url says
# where, up to the version. api is "chat", "responses", or "auto": what the profile of that address
# says. Requests of other clients are translated ([translation]). Example:
#[[providers]]
#name = "openai"
#type = "openai"
#api = "auto"
#[providers.quirks]
#max_tokens_field = "max_completion_tokens"
#[[providers.keys]]
#key = "${OPENAI_API_KEY}"

# OpenAI's models at Azure, with a key or an Entra identity; the model is the deployment's name, and
# azure_api_version is for the older paths alone. Example:
#[[providers]]
#name = "azure-openai"
#type = "azure_openai"
#azure_resource_name = "my-resource"
#azure_api_version = ""
#[[providers.keys]]
#key = "${AZURE_OPENAI_API_KEY:-}"

# Google's Gemini, with a key; type "gemini_vertex" is the same at Vertex AI, as "vertex" is set up.
# Example:
#[[providers]]
#name = "gemini"
#type = "gemini"
#[[providers.keys]]
#key = "${GEMINI_API_KEY}"

# Claude on AWS Bedrock. Without a key here, requests are signed with the AWS identity that the aws
# command would use: environment, web identity, ~/.aws, container, instance. Example:
#[[providers]]
#name = "bedrock"
#type = "bedrock"
#aws_region = "eu-central-1"
#aws_profile = "work"
#[providers.model_mapping]
#"claude-sonnet-4-5*" = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0"

# Claude on Google Vertex AI, with the identity that gcloud's tools would use. Example:
#[[providers]]
#name = "vertex"
#type = "vertex"
#gcp_project_id = "my-project"
#gcp_region = "global"
#[providers.model_mapping]
#"claude-sonnet-4-5*" = "claude-sonnet-4-5@20250929"

# Claude on Azure Foundry, with a key or an Entra identity; the model is the deployment's name.
# Example:
#[[providers]]
#name = "azure"
#type = "azure"
#azure_resource_name = "my-resource"
#[[providers.keys]]
#key = "${ANTHROPIC_FOUNDRY_API_KEY:-}"

# Claude Platform on AWS. Example:
#[[providers]]
#name = "claude-aws"
#type = "anthropic_aws"
#aws_region = "us-east-1"
#workspace_id = "wrkspc_01"

# What a provider does not take for some models: left out with its other half (the beta's field, the
# field's beta) before it is refused. All but Anthropic's own API are learnt from by themselves.
# Example:
#[[providers.unsupported]]
#models = ["claude-haiku-*"]
#betas = ["context-management-2025-06-27"]
#fields = ["tools[].strict"]

# What an error of a provider means, where the relay takes it for something else: with this status,
# code or words it is about the account, key, key_and_model, model, limit, request, overload or
# provider. Example:
#[[providers.errors]]
#status = 403
#words = "daily allowance"
#about = "account"
#wait_ms = 3600000

[routing]
# Which provider is asked first; the others follow when it can't answer.
{strategies}
#strategy = "failover"
# "conversation": a conversation stays with the provider and key it began with, where its prompt
# cache and thinking signatures are, as far as the strategy allows; "none": every request is placed
# anew.
#affinity = "conversation"
# Milliseconds after the first failure in which new attempts may begin.
#failover_timeout = 5000
# Attempts for one request (1 to 32).
#max_attempts = 6
# After the first failure this many are asked at once (1 to 8), and the first good answer wins. The
# others are cancelled, and cost their tokens. 1 = one after the other.
#race = 1
# Milliseconds without an answer's head after which another provider is asked beside the silent one
# (streams and counting alone); the first good head wins, the other is cancelled. 0 = never. Good is
# what nearly all of your requests stay below, such as 10000.
#hedge_ms = 0
# Conversations whose place is remembered (at most 1000000); about 200 bytes each.
#conversations_max = 10000
# Thinking signatures whose issuer is remembered (at most 10000000); about 130 bytes each. Thinking
# that came from elsewhere is then not sent to a provider that could not accept it. 0 = none.
#signatures_max = 100000
# Add X-CC-Relay-* headers and Server-Timing to answers.
#debug = false
# The next three are for strategy "model_based". Ask the other providers when the one for the model
# can't answer.
#model_fallback = false
# The provider for models that no line of model_mapping is for; empty = any.
#default_provider = ""
# Beginning of a model's name -> name of a provider; the longest one that fits wins. Example:
#[routing.model_mapping]
#"claude-" = "anthropic"
#"glm-" = "zai"

# A provider that is left out because it failed is asked by a cheap request whether it is well.
[health.health_check]
#enabled = true
# Milliseconds between two such requests, a fifth more or less (at least 100; 0 = the default).
#interval_ms = 10000

# When a provider is left out. A lone provider never is.
[health.circuit_breaker]
# Failures in a row.
#failure_threshold = 5
# How long; twice as long each time it fails again at once, up to five minutes.
#open_duration_ms = 30000
# Requests let through at once after that, and successes in all until it is trusted again.
#half_open_probes = 3

# Milliseconds, all of them.
[timeouts]
# DNS, TCP and TLS to a provider.
#connect_ms = 10000
# From a ready connection to the head of the answer; 0 = no limit.
#first_byte_ms = 120000
# A provider silent inside an answer for this long has failed.
#stream_idle_ms = 300000
# To read the body of an error that may be retried.
#error_body_ms = 5000
# An unused provider connection is not reused after this.
#upstream_idle_ms = 50000
# A request's head must be complete after this.
#client_header_ms = 10000
# A request's body must keep moving.
#client_body_ms = 30000
# A client connection without a request is closed after this.
#client_idle_ms = 120000
# A client that takes nothing of its answer for this long is dropped.
#client_write_ms = 60000
# After an answer given before the request's end, to let the client read it.
#client_linger_ms = 2000

[stream]
# Silence after which a ping event is made; 0 = never.
#keepalive_ms = 15000
# How long a stream is held back to catch an early error, which another provider may then answer.
#hold_ms = 1000
# Bytes waiting for a slow client at which reading from the provider pauses (at least 16 KiB).
#buffer_bytes = 262144
# A larger event or answer goes through as it comes: errors in it are not looked for.
#inspect_bytes = 262144

[logging]
# debug, info, warn or error.
#level = "info"
# auto (text on a terminal, else JSON), json, text; console and pretty mean text.
#format = "auto"
# stdout, stderr, or a file to append to.
#output = "stdout"

[logging.debug_options]
# At level debug: log the beginning of each request body, with secrets blanked.
#log_request_body = false
# Bytes of it.
#max_body_log_size = 1000

# What models cost. The relay knows Anthropic's prices by itself, and some of OpenAI's and Gemini's.
# A TOML file of [[prices]] that go before those; empty = none.
[pricing]
#prices_file = ""

# Prices here go before both. USD per million tokens, and per 1000 searches, with at most six decimal
# places. Example:
#[[prices]]
#provider = "ollama"
#models = ["qwen3-*"]
#from = 2026-01-01
#input = 0
#output = 0.25
#source = "our electricity bill"
#checked = 2026-11-29

# Between clients and providers that speak different APIs: Anthropic's, OpenAI's two, Gemini's.
[translation]
# false: a request goes only to providers that speak its own.
#enabled = true
# For providers that need a max_tokens when the client names none (1 to 10000000).
#default_max_tokens = 32000
# Cache breakpoints for clients that can't ask for them.
#auto_cache = true
# What a provider cannot carry: "route" = only to those that can, 400 when there is none; "drop" =
# it is left out.
#unsupported = "route"
# Hosted web search: "alone" = when it is the only tool or forced, "always", "never".
#web_search = "alone"
# Tool calls whose reasoning is remembered for clients that don't send it back (at most 1000000);
# about a KB each. 0 = none.
#memory_max = 10000
# A TOML file of more [[profiles]], which win over those that the relay brings; empty = none.
#profiles_file = ""

# What was used and what it cost, kept in an SQLite file.
[ledger]
#enabled = true
# Empty = usage.db in $STATE_DIRECTORY, else in cc-relay of $XDG_STATE_HOME (~/.local/state).
#path = ""
# What has ended is written at most so many milliseconds later (50 to 1000).
#flush_ms = 500
# Older rows are deleted; 0 = none.
#retention_days = 400
# Of the file, 1 GiB; the oldest rows go first. 0 = no limit, else at least 1 MiB.
#max_bytes = 1073741824
# Requests that wait to be written while that is not possible; the oldest beyond it are dropped.
#queue_max = 100000
# Whose days budgets have: "local" or "UTC".
#timezone = "local"
# Relay nothing that can't be written. With false, written out, budgets need no ledger.
#required = false

# GET /metrics, for Prometheus.
[metrics]
#enabled = true
# Opens /metrics alone, as Bearer.
#bearer_secret = ""
# Let everybody read it who can reach the relay, also when [server.auth] is set.
#allow_without_auth = false
# Models in labels beside those of this file and of the prices (at most 1000); further ones are
# "other".
#models_max = 50

# Traces and metrics for an OpenTelemetry collector, by OTLP over HTTP. Needs a restart.
[otel]
# Its URL, such as http://127.0.0.1:4318; /v1/traces and /v1/metrics are added. Empty = off. The
# variables OTEL_* are not read, but may be named here: "${OTEL_EXPORTER_OTLP_ENDPOINT:-}".
#endpoint = ""
#traces = true
#metrics = true
# What this relay is called there.
#service_name = "cc-relay"
# Of the traces that no client began, so many are kept, 0 to 1.
#sample_ratio = 1.0
# What has ended is sent at most so much later (100 to 3600000).
#interval_ms = 10000
# Of one request to the collector (100 to 60000).
#timeout_ms = 10000
# Requests that wait to be sent (16 to 1000000); the oldest beyond it are dropped.
#queue_max = 4096
# PEM bundle to verify the collector with; empty = the system's.
#ca_file = ""
# Sent along. Example:
#[otel.headers]
#authorization = "Bearer ${OTEL_TOKEN:-}"

# Looking at the running relay and steering it: JSON, streams of events, a web page.
[manage]
# A Unix socket for you and root: "auto" (PORT.sock in $XDG_RUNTIME_DIR/cc-relay, else in
# /run/cc-relay), a path, or "" for none. Needs a restart, as listen does.
#socket = "auto"
# Over TCP, for the page and curl, such as "127.0.0.1:9091"; empty = no. Always asks for a token.
#listen = ""
# Names in Host beside those of the loopback and the address above.
#allowed_hosts = []
# Requests that have ended, remembered to be looked at (0 to 10000); about 1 KB each.
#recent_requests = 200
# Lines of the log remembered for who begins to watch it (0 to 10000; 1 MiB at most).
#log_lines = 1000
# Record why each provider was chosen always, not only while somebody watches.
#trace = false
# Streams of events at once.
#max_subscribers = 16
# Let tokens go over a network in the clear.
#allow_public_without_tls = false

# Who may. Without a token here the relay makes one at its start for a listen on this machine.
[manage.auth]
# Further users of this machine on the Unix socket, by name or number.
#users = []
# A viewer only looks; an operator may do everything. Example:
#[[manage.auth.tokens]]
#name = "grafana"
#token = "${GRAFANA_TOKEN}"
#role = "viewer"

# TLS on that listen, as [server.tls].
[manage.tls]
#cert_file = ""
#key_file = ""
#client_auth = "none"
#client_ca_file = ""
#min_version = "1.2"
#handshake_timeout_ms = 10000
# What who shows a good certificate may do: "viewer" or "operator".
#client_role = "operator"

# The same over gRPC, where it is installed; who may, and TLS, are those of [manage].
[grpc]
# An address such as "127.0.0.1:9090", or "unix:/path"; empty = no. Needs a restart.
#listen = ""
)";

std::string strategy_lines() {
  std::string out;
  for (const auto& strategy : route::strategies()) {
    out += fmt::format("#   {:<21} {}\n", strategy.name, strategy.about);
  }
  return out;
}

std::string type_line() {
  const auto names = provider::type_names();
  return fmt::format("# {} or {}.\n", fmt::join(names.begin(), names.end() - 1, ", "),
                     names.back());
}

std::string filled_in() {
  std::string out(text);
  const auto put = [&out](std::string_view place, const std::string& lines) {
    out.replace(out.find(place), place.size(), lines);
  };
  put("{types}\n", type_line());
  put("{strategies}\n", strategy_lines());
  return out;
}

}  // namespace

std::string_view config_template() {
  static const std::string filled = filled_in();
  return filled;
}

}  // namespace ccrelay
