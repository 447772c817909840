#include "otel/spans.hpp"

#include <chrono>
#include <utility>

#include "http/trace_context.hpp"

namespace ccrelay::otel {
namespace {

// trace.proto, Span.SpanKind.
constexpr std::uint64_t kind_server = 2;
constexpr std::uint64_t kind_client = 3;
// Status.StatusCode.
constexpr std::uint64_t status_error = 2;
// SpanFlags, beside the W3C's in the lowest byte: whether it is known, and so, that the parent is
// elsewhere.
constexpr std::uint32_t flag_is_remote_known = 0x100;
constexpr std::uint32_t flag_is_remote = 0x200;

WallTime later(WallTime time, Duration by) {
  return time + std::chrono::duration_cast<WallTime::duration>(by);
}

std::string bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return out;
}

std::string_view flags_text(std::string_view traceparent) {
  return traceparent.substr(53, 2);
}

// Who and when: what both kinds of spans begin with.
struct Frame {
  std::string_view own;     // traceparent
  std::string_view parent;  // span id in hex, or empty
  std::string_view tracestate;
  bool parent_is_remote = false;
  std::string name;
  std::uint64_t kind;
  WallTime from;
  WallTime to;
};

Message begun(const Frame& frame) {
  Message span;
  span.bytes(1, bytes_of_hex(http::trace_id_of(frame.own)));
  span.bytes(2, bytes_of_hex(http::span_id_of(frame.own)));
  if (!frame.tracestate.empty()) span.text(3, frame.tracestate);
  if (!frame.parent.empty()) span.bytes(4, bytes_of_hex(frame.parent));
  span.text(5, frame.name);
  span.varint(6, frame.kind);
  span.fixed64(7, nanoseconds_of(frame.from));
  span.fixed64(8, nanoseconds_of(frame.to));
  const auto flags = static_cast<unsigned char>(bytes_of_hex(flags_text(frame.own)).front());
  span.fixed32(16, flags | flag_is_remote_known | (frame.parent_is_remote ? flag_is_remote : 0));
  return span;
}

// Words of an error may quote a prompt: its kind alone is told.
void end_with_error(Message& span) {
  Message status;
  status.varint(3, status_error);
  span.message(15, status);
}

constexpr int span_attributes = 9;

// Semantic conventions, "Recording errors": of a server what it answers with 5xx, not what its
// client did wrong.
std::string server_error(const Record& record) {
  if (record.status >= 500) return std::to_string(record.status);
  if (record.ending == Ending::broken || record.ending == Ending::shutdown) {
    return std::string(to_string(record.ending));
  }
  return {};
}

Message server_span(const Record& record) {
  const std::string_view path = record.route ? record.route->path : std::string_view();
  const std::string method = record.method == "_OTHER" ? "HTTP" : record.method;
  Frame frame{
      record.own_traceparent,
      record.traceparent.empty() ? std::string_view() : http::span_id_of(record.traceparent),
      record.tracestate,
      !record.traceparent.empty(),
      path.empty() ? method : method + ' ' + std::string(path),
      kind_server,
      record.began,
      later(record.began, record.total)};
  Message span = begun(frame);
  Attributes out(span, span_attributes);
  out.text(names::http_method, record.method);
  out.text(names::http_route, path);
  if (record.status != 0) out.number(names::http_status, record.status);
  const std::string error = server_error(record);
  out.text(names::error_type, error);
  out.text(names::conversation, record.session);
  out.text(names::our_client, record.client);
  out.text(names::our_request, record.request_id);
  if (!error.empty()) end_with_error(span);
  return span;
}

void add_usage(const UsageReport& usage, Attributes& out) {
  UsageTotal total;
  add(total, usage);
  const Counted tokens = counted(total.tokens);
  const auto number = [&](std::string_view name, const std::optional<std::uint64_t>& count) {
    if (count) out.number(name, static_cast<std::int64_t>(*count));
  };
  number(names::input_tokens, tokens.input);
  number(names::output_tokens, tokens.output);
  number(names::cache_read_tokens, tokens.cache_read);
  number(names::cache_creation_tokens, tokens.cache_creation);
  // A part of a cost is none.
  if (total.cost_nano_usd && total.unknown_cost == 0) {
    out.real(names::our_cost, static_cast<double>(*total.cost_nano_usd) / 1e9);
  }
}

Message attempt_span(const Record& record, const Record::Attempt& attempt, std::size_t number) {
  const std::string_view operation = record.route ? record.route->operation : std::string_view();
  std::string name(operation.empty() ? std::string_view(record.method) : operation);
  if (!operation.empty() && !attempt.model.empty()) name += ' ' + attempt.model;
  const WallTime from = later(record.began, attempt.after);
  Message span =
      begun({attempt.traceparent, http::span_id_of(record.own_traceparent), record.tracestate,
             false, std::move(name), kind_client, from, later(from, attempt.total)});
  Attributes out(span, span_attributes);
  out.text(names::operation, operation);
  out.text(names::provider, provider_name(attempt));
  out.text(names::request_model, attempt.model);
  if (!attempt.usage.charges.empty()) {
    out.text(names::response_model, attempt.usage.charges.front().model);
  }
  out.text(names::response_id, attempt.response_id);
  out.list(names::finish_reasons, attempt.stop_reason);
  out.text(names::conversation, record.session);
  add_usage(attempt.usage, out);
  out.text(names::server_address, attempt.host);
  if (attempt.port != 0) out.number(names::server_port, attempt.port);
  if (attempt.status != 0) out.number(names::http_status, attempt.status);
  const std::string_view error = error_of(attempt);
  out.text(names::error_type, error);
  out.text(names::our_client, record.client);
  out.text(names::our_provider, attempt.provider);
  out.text(names::our_key, attempt.key);
  out.number(names::our_attempt, static_cast<std::int64_t>(number));
  // That its client has left is nobody's error.
  if (!error.empty() && attempt.outcome != Outcome::cancelled) end_with_error(span);
  return span;
}

}  // namespace

std::size_t spans_of(const Record& record) {
  return 1 + record.attempts.size();
}

std::string export_of(std::span<const Record> records, const Resource& resource) {
  Message scope_spans;
  scope_spans.message(1, scope_message(resource));
  for (const Record& record : records) {
    scope_spans.message(2, server_span(record));
    std::size_t number = 0;
    for (const Record::Attempt& attempt : record.attempts) {
      ++number;
      if (!attempt.traceparent.empty()) {
        scope_spans.message(2, attempt_span(record, attempt, number));
      }
    }
  }
  scope_spans.text(3, names::schema_url);
  Message resource_spans;
  resource_spans.message(1, resource.message());
  resource_spans.message(2, scope_spans);
  resource_spans.text(3, names::schema_url);
  Message request;
  request.message(1, resource_spans);
  return request.take();
}

}  // namespace ccrelay::otel
