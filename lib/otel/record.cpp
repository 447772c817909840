#include "otel/record.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/clipped.hpp"
#include "http/trace_context.hpp"
#include "otel/server_place.hpp"

namespace ccrelay::otel {
namespace {

// Semantic conventions, http.request.method: any other may be anything.
constexpr std::array<std::string_view, 9> methods{"GET",    "HEAD",    "POST",  "PUT",    "PATCH",
                                                  "DELETE", "OPTIONS", "TRACE", "CONNECT"};

Record::Attempt attempt_of(const AttemptSummary& from, const RequestSummary& request) {
  Record::Attempt out;
  out.provider = from.provider;
  out.provider_type = from.provider_type;
  ServerPlace place = place_of(from.server);
  out.host = std::move(place.host);
  out.port = place.port;
  out.key = from.key;
  out.model = from.model;
  out.outcome = from.outcome;
  out.status = from.status;
  out.after = std::max(from.started - request.started, Duration::zero());
  out.first_byte = from.first_byte;
  out.total = from.total;
  out.traceparent = from.traceparent;
  out.response_id = from.response_id;
  out.stop_reason = from.stop_reason;
  out.usage = from.usage;
  for (std::string* text : {&out.model, &out.response_id, &out.stop_reason}) base::clip(*text);
  for (Charge& charge : out.usage.charges) base::clip(charge.model);
  return out;
}

}  // namespace

bool Record::is_sampled() const {
  return !own_traceparent.empty() && http::is_sampled(own_traceparent);
}

bool is_exported(const RequestSummary& request) {
  for (const std::string_view looked_at : {"health", "ready", "metrics"}) {
    if (request.endpoint == looked_at) return false;
  }
  return request.client_name != "unknown" || !request.attempts.empty();
}

Record record_of(const RequestSummary& request) {
  Record out;
  out.began = request.began;
  out.total = request.total;
  out.traceparent = request.traceparent;
  out.tracestate = request.tracestate;
  out.own_traceparent = request.own_traceparent;
  const auto route = std::find_if(names::routes.begin(), names::routes.end(), [&](const auto& one) {
    return one.endpoint == request.endpoint;
  });
  out.route = route == names::routes.end() ? nullptr : &*route;
  const bool is_known = std::find(methods.begin(), methods.end(), request.method) != methods.end();
  out.method = is_known ? request.method : "_OTHER";
  out.request_id = base::clipped(request.request_id);
  out.client = request.client_name;
  out.session = base::clipped(request.session);
  out.status = request.status;
  out.ending = request.ending;
  out.stream = request.stream;
  out.attempts.reserve(request.attempts.size());
  for (const AttemptSummary& attempt : request.attempts) {
    out.attempts.push_back(attempt_of(attempt, request));
  }
  return out;
}

std::string_view error_of(const Record::Attempt& attempt) {
  return attempt.outcome == Outcome::success ? std::string_view() : to_string(attempt.outcome);
}

std::string_view provider_name(const Record::Attempt& attempt) {
  for (const auto& [type, name] : names::provider_names) {
    if (type == attempt.provider_type) return name;
  }
  return attempt.provider_type;
}

Counted counted(const Tokens& tokens) {
  // Sums that 64 bits don't hold stay at their largest, as in every other report.
  const auto add = [](std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& more) {
    if (!more) return;
    const std::uint64_t left = std::numeric_limits<std::uint64_t>::max() - sum.value_or(0);
    sum = sum.value_or(0) + std::min(*more, left);
  };
  Counted out;
  out.output = tokens[TokenClass::output];
  out.cache_read = tokens[TokenClass::cache_read];
  add(out.cache_creation, tokens[TokenClass::cache_write_5m]);
  add(out.cache_creation, tokens[TokenClass::cache_write_1h]);
  add(out.input, tokens[TokenClass::input]);
  add(out.input, out.cache_creation);
  add(out.input, out.cache_read);
  return out;
}

}  // namespace ccrelay::otel
