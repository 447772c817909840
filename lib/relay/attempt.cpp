#include "relay/attempt.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.hpp"
#include "relay/classify.hpp"
#include "relay/settle.hpp"
#include "relay/thinking.hpp"
#include "wire/rate_limit_headers.hpp"
#include "wire/retry_after.hpp"
#include "wire/thinking_cut.hpp"

namespace ccrelay::relay {
namespace {

// An error's body beyond this is not kept; the client then gets an error of the relay's own.
constexpr std::size_t error_body_bytes_max = 64 * 1024;

// The client's body with the splices in place, as pieces that point into both.
std::vector<std::string_view> pieces(std::string_view body, const std::vector<Splice>& splices) {
  std::vector<std::string_view> out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    if (splice.offset > at) out.push_back(body.substr(at, splice.offset - at));
    if (!splice.replacement.empty()) out.push_back(splice.replacement);
    at = splice.offset + splice.length;
  }
  if (at < body.size()) out.push_back(body.substr(at));
  return out;
}

}  // namespace

Attempt::Attempt(Tools& tools, const Config& config, const ClientRequest& request, Target target,
                 AttemptSink& sink)
    : tools_(tools),
      config_(config),
      request_(request),
      target_(std::move(target)),
      sink_(sink),
      timer_(tools.loop.timers(), [this] { on_timeout(); }),
      started_(tools.loop.now()) {
  summary_.provider = target_.entry->config->name;
  summary_.key = target_.fingerprint();
  summary_.model = target_.entry->upstream_model(request.view.model);
}

Result<void> Attempt::start(const std::vector<Splice>& cut) {
  std::vector<Splice> model_splices;
  for (const wire::Span& span : request_.view.model_spans) {
    model_splices.push_back({span.offset, span.length, {}});
  }
  const Entry& entry = *target_.entry;
  Credential credential;
  if (target_.authority == Authority::key) {
    credential = ApiKey{entry.config->keys[target_.key].key};
  } else if (target_.authority == Authority::client) {
    credential = ClientCredential{request_.access.own};
  }
  auto built = entry.provider->build(
      {request_.operation, request_.head, request_.forwardable, request_.body, request_.view.model,
       summary_.model, model_splices, request_.view.stream},
      credential);
  if (!built) return built.error();
  outbound_ = std::move(*built);
  if (!cut.empty()) outbound_.splices = wire::merge_splices(std::move(outbound_.splices), cut);
  may_be_repaired_ = request_.view.thinking.size() > cut.size();
  timer_.arm(started_ + entry.connect_timeout);
  transfer_ = tools_.upstream.start(
      {entry.endpoint, outbound_.method, outbound_.url, outbound_.headers,
       pieces(request_.body, outbound_.splices), target_.fresh},
      *this);
  // Copied by now; a stream may go on for hours.
  outbound_.headers = {};
  return {};
}

void Attempt::resume() {
  if (!paused_) return;
  paused_ = false;
  last_byte_ = tools_.loop.now();
  timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  transfer_->resume();
}

void Attempt::on_connected(bool reused) {
  const TimePoint now = tools_.loop.now();
  if (!reused) summary_.connect = now - started_;
  phase_ = Phase::waiting;
  const milliseconds limit = first_byte_limit();
  if (limit.count() > 0) {
    timer_.arm(now + limit);
  } else {
    timer_.cancel();
  }
}

// The head of an answer that is no stream comes when all of it has been thought out, which may take
// many minutes: then only server.timeout_ms limits the wait.
milliseconds Attempt::first_byte_limit() const {
  const bool comes_whole = request_.operation == Operation::messages && !request_.view.stream;
  return comes_whole ? milliseconds(0) : target_.entry->first_byte_timeout;
}

void Attempt::on_head(ResponseHead head) {
  last_byte_ = tools_.loop.now();
  summary_.first_byte = last_byte_ - started_;
  summary_.status = head.status;
  if (target_.authority == Authority::key) {
    learn_limits(head.headers);
  }
  const Verdict verdict = classify(request_.operation, target_.authority, head.status,
                                   head.headers.get("content-type").value_or(std::string_view()));
  if (verdict.pass_on) {
    summary_.outcome = verdict.outcome;
    head_ = std::move(head);
    timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
    hold_or_pass();
    return;
  }
  phase_ = Phase::error_body;
  failure_.outcome = verdict.outcome;
  failure_.detail = fmt::format("answered {}", head.status);
  // Now: it counts even if the body never comes.
  failure_.retry_after = wire::retry_after(head.headers, tools_.loop.clock().wall());
  if (head.status < 300) {
    failure_.detail = fmt::format(
        "answered {} with an HTML page where JSON or an event stream was expected; check base_url",
        head.status);
  } else if (head.status < 400) {
    failure_.detail = fmt::format("answered {}, a redirect; check base_url", head.status);
  } else {
    failure_.head = std::move(head);
  }
  timer_.arm(last_byte_ + config_.timeouts.error_body);
}

// Counting tokens has limits of its own at the providers: they say nothing of messages.
void Attempt::learn_limits(const Headers& headers) {
  if (request_.operation != Operation::messages) return;
  tools_.shared.keys.learn(target_.key_lease,
                           wire::rate_limit_headers(headers, tools_.loop.clock().wall()),
                           tools_.loop.now());
}

// A stream is held until its first real event, and a 400 that may be about a thinking block until
// it is known whether it is. Anything else goes on as it comes.
void Attempt::hold_or_pass() {
  const Headers& headers = head_.headers;
  const auto type = headers.get("content-type").value_or("");
  const bool readable =
      base::iequals(headers.get("content-encoding").value_or("identity"), "identity");
  const bool good = head_.status >= 200 && head_.status < 300;
  if (readable && good && request_.operation == Operation::messages &&
      base::istarts_with(type, "text/event-stream")) {
    tap_.emplace(tools_.answer_reader, static_cast<std::size_t>(config_.stream.inspect_bytes),
                 usage_);
    held_.emplace(*tap_, static_cast<std::size_t>(config_.stream.buffer_bytes));
  } else if (readable && head_.status == 400 && may_be_repaired_) {
    held_.emplace(error_body_bytes_max);
  }
  if (held_) {
    phase_ = Phase::holding;
  } else {
    begin_passing();
  }
}

void Attempt::begin_passing() {
  phase_ = Phase::passing;
  timer_.arm(last_byte_ + target_.entry->stream_idle_timeout);
  sink_.on_answer(*this);
}

upstream::Flow Attempt::on_body(std::string_view bytes) {
  last_byte_ = tools_.loop.now();
  switch (phase_) {
    case Phase::error_body:
      if (failure_.body.size() + bytes.size() > error_body_bytes_max) {
        failure_.head.reset();
      } else {
        failure_.body.append(bytes);
      }
      return upstream::Flow::taken;
    case Phase::holding:
      return hold(bytes);
    default:
      break;
  }
  // The sink may destroy this attempt: nothing of it may be touched after Flow::taken.
  const upstream::Flow flow = answer_sink_->on_answer_body(bytes);
  if (flow == upstream::Flow::pause) {
    paused_ = true;
    timer_.cancel();
  }
  return flow;
}

upstream::Flow Attempt::hold(std::string_view bytes) {
  if (held_->empty()) {
    hold_until_ = last_byte_ + config_.stream.hold;
    timer_.arm(std::min(hold_until_, last_byte_ + target_.entry->stream_idle_timeout));
  }
  switch (held_->feed(bytes)) {
    case HeldAnswer::Verdict::undecided:
      break;
    case HeldAnswer::Verdict::pass:
      begin_passing();
      break;
    case HeldAnswer::Verdict::failed:
      fail_held({});
      break;
  }
  return upstream::Flow::taken;
}

void Attempt::fail_held(std::string_view detail) {
  Failure failure = held_->failure(detail);
  failure.retry_after = wire::retry_after(head_.headers, tools_.loop.clock().wall());
  if (!failure.body.empty()) failure.head = std::move(head_);
  if (tap_ && tap_->failed()) {
    const auto& error = tap_->error();
    if (const auto said = target_.entry->provider->outcome_of(error.code)) failure.outcome = *said;
  }
  sink_.on_attempt_failed(*this, std::move(failure));
}

// Some providers say by a code in the body what the status does not.
void Attempt::finish_error_body() {
  wire::ProviderError error;
  if (failure_.head && tools_.answer_reader.read_error(failure_.body, error)) {
    if (const auto said = target_.entry->provider->outcome_of(error.code)) {
      failure_.outcome = *said;
      failure_.detail += fmt::format(" with code {}", error.code);
    }
  }
  sink_.on_attempt_failed(*this, std::move(failure_));
}

void Attempt::on_done(const upstream::TransferResult& result) {
  timer_.cancel();
  const bool whole = result.end == upstream::End::complete;
  switch (phase_) {
    case Phase::passing:
      answer_sink_->on_answer_end(whole, result.detail);
      return;
    case Phase::holding:
      if (held_->end(whole) == HeldAnswer::Verdict::pass) {
        begin_passing();
        timer_.cancel();
        answer_sink_->on_answer_end(whole, result.detail);
      } else {
        fail_held(whole ? "the stream ended before its first event" : result.detail);
      }
      return;
    case Phase::error_body:
      if (!whole) failure_.head.reset();
      finish_error_body();
      return;
    case Phase::connecting:
    case Phase::waiting:
      failure_.outcome = Outcome::transport;
      failure_.detail = whole ? "ended the connection without an answer" : result.detail;
      // A certificate does not get better by trying again.
      failure_.stale = result.stale;
      failure_.unsent = !result.request_sent && result.end != upstream::End::tls;
      sink_.on_attempt_failed(*this, std::move(failure_));
      return;
  }
}

void Attempt::on_timeout() {
  const TimePoint now = tools_.loop.now();
  const Entry& entry = *target_.entry;
  switch (phase_) {
    case Phase::connecting:
      fail(Outcome::timed_out, fmt::format("no connection to {} within {} ms (timeouts.connect_ms)",
                                           entry.endpoint.origin, entry.connect_timeout.count()));
      return;
    case Phase::waiting:
      fail(Outcome::timed_out, fmt::format("no answer within {} ms (timeouts.first_byte_ms)",
                                           entry.first_byte_timeout.count()));
      return;
    case Phase::error_body:
      failure_.head.reset();
      transfer_.reset();
      sink_.on_attempt_failed(*this, std::move(failure_));
      return;
    case Phase::holding:
      if (!held_->empty() && now >= hold_until_) {
        begin_passing();
        return;
      }
      break;
    case Phase::passing:
      break;
  }
  if (now - last_byte_ < entry.stream_idle_timeout) {
    timer_.arm(last_byte_ + entry.stream_idle_timeout);
    return;
  }
  transfer_.reset();
  const std::string detail =
      fmt::format("the provider sent nothing for {} ms (timeouts.stream_idle_ms)",
                  entry.stream_idle_timeout.count());
  if (phase_ == Phase::passing) {
    answer_sink_->on_answer_end(false, detail);
  } else {
    fail_held(detail);
  }
}

void Attempt::fail(Outcome outcome, std::string detail) {
  transfer_.reset();
  failure_.outcome = outcome;
  failure_.detail = std::move(detail);
  sink_.on_attempt_failed(*this, std::move(failure_));
}

void Attempt::read_json(std::string_view json) {
  tools_.answer_reader.read_usage(json, usage_);
  signatures_ = wire::SignatureScan().read_message(json);
}

void Attempt::learn_signatures() {
  if (tap_) signatures_ = tap_->take_signatures();
  if (signatures_.empty()) return;
  const std::string here = issuer(*target_.entry, request_.view.model);
  for (const auto& digest : signatures_) {
    tools_.shared.signatures.learn(digest, here, tools_.loop.now());
  }
}

AttemptSummary Attempt::close(Outcome outcome, std::string_view detail, const Failure* failure) {
  const TimePoint now = tools_.loop.now();
  transfer_.reset();
  timer_.cancel();
  summary_.outcome = outcome;
  summary_.detail = detail;
  summary_.total = now - started_;
  learn_signatures();
  settle(tools_, request_, target_, summary_, usage_, failure);
  return std::move(summary_);
}

}  // namespace ccrelay::relay
