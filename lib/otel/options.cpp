#include <ccrelay/config.hpp>
#include <ccrelay/telemetry.hpp>

#include "otel/server_place.hpp"
#include "upstream/no_proxy.hpp"

namespace ccrelay {
namespace {

// What is meant to stay on this machine stays here, as with providers.
std::string proxy_for(const std::string& endpoint, const ProxyConfig& proxy) {
  const otel::ServerPlace place = otel::place_of(endpoint);
  if (place.is_loopback()) return {};
  const auto port = static_cast<unsigned>(place.port);
  if (upstream::bypasses_proxy(proxy.no_proxy, place.host, port)) return {};
  return place.is_tls ? proxy.https : proxy.http;
}

}  // namespace

TelemetryOptions telemetry_options(const Config& config) {
  const OtelConfig& otel = config.otel;
  TelemetryOptions options;
  if (!otel.traces && !otel.metrics) return options;
  options.endpoint = otel.endpoint;
  options.headers = otel.headers;
  options.traces = otel.traces;
  options.metrics = otel.metrics;
  options.sample_ratio = otel.sample_ratio / 1e6;
  options.service_name = otel.service_name;
  options.interval = otel.interval;
  options.timeout = otel.timeout;
  options.queue_max = static_cast<std::size_t>(otel.queue_max);
  options.proxy = proxy_for(otel.endpoint, config.proxy);
  options.ca_file = otel.ca_file;
  return options;
}

std::string in_words(const TelemetryStatus& status) {
  std::string out = status.endpoint + ": ";
  out += status.up ? "up" : status.trouble;
  if (status.queue > 0) out += ", " + std::to_string(status.queue) + " waiting";
  if (status.dropped > 0) out += ", " + std::to_string(status.dropped) + " dropped";
  return out;
}

}  // namespace ccrelay
