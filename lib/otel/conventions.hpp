#pragma once

#include <array>
#include <string_view>

/// What everything is called that is exported: the semantic conventions of OpenTelemetry in the
/// version below, the last one before those for generative AI moved to a repository of their own
/// (open-telemetry/semantic-conventions-genai). There they have status "development", and names
/// have changed with nearly every version: this file is the one place where they stand.
namespace ccrelay::otel::names {

inline constexpr std::string_view schema_url = "https://opentelemetry.io/schemas/1.41.0";
inline constexpr std::string_view scope = "cc-relay";

// Of the resource.
inline constexpr std::string_view service_name = "service.name";
inline constexpr std::string_view service_version = "service.version";
inline constexpr std::string_view service_instance = "service.instance.id";

// Of a request's span.
inline constexpr std::string_view http_method = "http.request.method";
inline constexpr std::string_view http_route = "http.route";
inline constexpr std::string_view http_status = "http.response.status_code";
inline constexpr std::string_view error_type = "error.type";

// Of an attempt's span, and as dimensions of the metrics.
inline constexpr std::string_view operation = "gen_ai.operation.name";
inline constexpr std::string_view provider = "gen_ai.provider.name";
inline constexpr std::string_view request_model = "gen_ai.request.model";
inline constexpr std::string_view response_model = "gen_ai.response.model";
inline constexpr std::string_view response_id = "gen_ai.response.id";
inline constexpr std::string_view finish_reasons = "gen_ai.response.finish_reasons";
inline constexpr std::string_view conversation = "gen_ai.conversation.id";
/// All of the input, what was read from and written to caches included.
inline constexpr std::string_view input_tokens = "gen_ai.usage.input_tokens";
inline constexpr std::string_view output_tokens = "gen_ai.usage.output_tokens";
inline constexpr std::string_view cache_read_tokens = "gen_ai.usage.cache_read.input_tokens";
inline constexpr std::string_view cache_creation_tokens =
    "gen_ai.usage.cache_creation.input_tokens";
inline constexpr std::string_view server_address = "server.address";
inline constexpr std::string_view server_port = "server.port";
inline constexpr std::string_view token_type = "gen_ai.token.type";
/// On the series that takes what is beyond the limit of series (OpenTelemetry's metrics SDK).
inline constexpr std::string_view overflow = "otel.metric.overflow";

// Ours.
inline constexpr std::string_view our_client = "ccrelay.client";
inline constexpr std::string_view our_request = "ccrelay.request_id";
inline constexpr std::string_view our_provider = "ccrelay.provider";
inline constexpr std::string_view our_key = "ccrelay.key";
inline constexpr std::string_view our_attempt = "ccrelay.attempt";
inline constexpr std::string_view our_cost = "ccrelay.cost_usd";

/// `gen_ai.operation.name`: well-known is `chat`.
inline constexpr std::string_view chat = "chat";
inline constexpr std::string_view count_tokens = "count_tokens";

/// `type` of a provider in the configuration -> `gen_ai.provider.name`; any other stays as it is.
struct ProviderName {
  std::string_view type;
  std::string_view name;
};
inline constexpr std::array provider_names{
    ProviderName{"anthropic", "anthropic"},          ProviderName{"anthropic_aws", "anthropic"},
    ProviderName{"bedrock", "aws.bedrock"},          ProviderName{"vertex", "gcp.vertex_ai"},
    ProviderName{"azure", "azure.ai.inference"},     ProviderName{"openai", "openai"},
    ProviderName{"azure_openai", "azure.ai.openai"}, ProviderName{"gemini", "gcp.gemini"},
    ProviderName{"gemini_vertex", "gcp.vertex_ai"},
};

/// What was asked for, as summaries have it -> path and operation of its spans.
struct Route {
  std::string_view endpoint;
  std::string_view path;       ///< as a template; empty: none
  std::string_view operation;  ///< empty: none of generative AI's
};
inline constexpr std::array routes{
    Route{"messages", "/v1/messages", chat},
    Route{"count_tokens", "/v1/messages/count_tokens", count_tokens},
    Route{"bedrock", "/model/{model}/invoke", chat},
    Route{"vertex", "/v1/{model}:rawPredict", chat},
    Route{"chat", "/v1/chat/completions", chat},
    Route{"responses", "/v1/responses", chat},
    Route{"gemini", "/v1beta/models/{model}:generateContent", chat},
    Route{"models", "/v1/models", {}},
    Route{"providers", "/v1/providers", {}},
    Route{"passthrough", "/v1/{path}", {}},
};

/// A histogram and the upper bounds that the conventions advise for it.
struct Metric {
  std::string_view name;
  std::string_view unit;
  std::string_view description;
  std::array<double, 14> bounds;
  std::size_t bounds_used = 14;
};
inline constexpr std::array<double, 14> seconds_bounds{
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
inline constexpr Metric token_usage{
    "gen_ai.client.token.usage",
    "{token}",
    "Number of input and output tokens used.",
    {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864}};
inline constexpr Metric operation_duration{"gen_ai.client.operation.duration", "s",
                                           "GenAI operation duration.", seconds_bounds};
inline constexpr Metric time_to_first_chunk{"gen_ai.client.operation.time_to_first_chunk", "s",
                                            "Time to receive the first chunk.", seconds_bounds};
inline constexpr Metric time_per_output_token{
    "gen_ai.server.time_per_output_token",
    "s",
    "Time per output token generated after the first token for successful responses.",
    {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5},
    13};

}  // namespace ccrelay::otel::names
