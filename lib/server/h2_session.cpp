#include "server/h2_session.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace ccrelay::server {
namespace {

http::H2Limits limits_of(const ConnectionLimits& limits) {
  return {limits.header_bytes_max, limits.http2_streams_max, limits.http2_frame_budget,
          limits.header_count_max};
}

bool passed(const std::optional<TimePoint>& due, TimePoint now) {
  return due && *due <= now;
}

}  // namespace

std::optional<TimePoint> H2Session::Deadlines::next() const {
  std::optional<TimePoint> first;
  for (const auto& due : {idle, settings, header, write, shutdown, linger}) {
    if (due && (!first || *due < *first)) first = due;
  }
  return first;
}

H2Session::H2Session(Connection& connection)
    : connection_(connection),
      codec_(*this, limits_of(connection.limits())),
      draining_(connection.draining()) {
  ++connection.counters().http2_connections;
  // As with HTTP/1.1: the first request's head must come within its time, later ones may take the
  // idle time.
  due_.idle = due_.settings = connection.now() + timeouts().client_header;
  connection_.schedule();  // our SETTINGS
}

H2Session::~H2Session() {
  CCRELAY_ASSERT(requests_.empty() && answered_.empty(),
                 "a session is closed before it is destroyed");
}

// ---- bytes come

void H2Session::on_bytes(std::string_view bytes) {
  if (closed_ || finishing_) return;
  codec_.feed(bytes, connection_.now());
  connection_.schedule();
}

void H2Session::on_eof() {
  client_finished_ = true;
  // Answers that are complete may still be taken; the others wait for window that never comes.
  flush();
  connection_.schedule();
}

void H2Session::on_hang_up() {
  // Reading never stops.
}

H2Request* H2Session::find(http::StreamId id) {
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : found->second.get();
}

H2Request& H2Session::begin(http::StreamId id) {
  ++connection_.counters().http2_streams;
  due_.idle.reset();
  // Sooner, a client that waits for our SETTINGS would never come to ask.
  if (!std::exchange(begun_, true) && draining_) begin_shutdown();
  auto& request = requests_[id];
  request = std::make_unique<H2Request>(*this, id);
  return *request;
}

void H2Session::on_request_head(http::StreamId id, RequestHead head) {
  begin(id).begin(std::move(head));
}

void H2Session::on_request_body(http::StreamId id, std::string_view bytes) {
  if (H2Request* request = find(id)) request->on_body(bytes);
  codec_.take(id, bytes.size());
}

void H2Session::on_request_end(http::StreamId id) {
  if (H2Request* request = find(id)) request->on_end();
}

void H2Session::on_refusal(http::StreamId id, http::Refusal refusal) {
  ++connection_.counters().malformed;
  H2Request* request = find(id);
  (request ? *request : begin(id)).on_refused(refusal);
}

void H2Session::on_stream_closed(http::StreamId id, bool answered) {
  const auto found = requests_.find(id);
  if (found == requests_.end()) return;
  auto request = std::move(found->second);
  requests_.erase(found);
  request->detach();
  if (answered) {
    answered_.push_back({out_.size(), std::move(request)});
    ++answered_in_out_;
  } else {
    request->close(request->early_ending());
    connection_.loop().bury(std::move(request));
  }
}

void H2Session::on_incident(http::H2Incident incident) {
  Counters& counters = connection_.counters();
  switch (incident) {
    case http::H2Incident::stream_error:
      ++counters.http2_stream_errors;
      break;
    case http::H2Incident::connection_error:
      ++counters.http2_connection_errors;
      break;
    case http::H2Incident::flood:
      ++counters.http2_floods;
      break;
    case http::H2Incident::refused_stream:
      ++counters.http2_refused;
      break;
    case http::H2Incident::client_reset:
      ++counters.http2_resets;
      break;
  }
}

// ---- bytes go

void H2Session::on_written() {
  connection_.schedule();
}

void H2Session::on_turn_end() {
  if (closed_) return;
  flush();
  if (connection_.lost()) {
    connection_.remove(Ending::client_gone);
    return;
  }
  close_answered();
  const bool all_taken = connection_.stream().queued() == 0;
  if (client_finished_) {
    close_requests(Ending::client_gone);
    if (all_taken) {
      connection_.remove(finishing_ ? Ending::complete : Ending::client_gone);
      return;
    }
  } else if (codec_.finished()) {
    finish();
  } else if (all_taken && codec_.wants_write()) {
    connection_.schedule_next();
  }
  watch();
}

// As many frames as may wait for the client, in one write.
void H2Session::flush() {
  const std::size_t queued = connection_.stream().queued();
  const std::size_t limit = connection_.limits().write_buffer_bytes;
  if (!finishing_ && queued < limit) codec_.write_to(out_, limit - queued);
  const std::size_t written = out_.size();
  if (!out_.empty()) {
    connection_.write(out_.view());
    out_.clear();
  }
  // What stands behind an answer takes as many bytes on the wire, or more.
  for (; answered_in_out_ > 0; --answered_in_out_) {
    Answered& answered = answered_[answered_.size() - answered_in_out_];
    answered.end = connection_.due_on_wire() - (written - answered.end);
  }
  for (const http::StreamId id : codec_.take_progress()) {
    if (H2Request* request = find(id)) request->on_progress();
  }
}

void H2Session::close_answered() {
  while (answered_.size() > answered_in_out_ && answered_.front().end <= connection_.taken()) {
    auto request = std::move(answered_.front().request);
    answered_.pop_front();
    request->close(Ending::complete);
    connection_.loop().bury(std::move(request));
  }
}

// ---- the end

void H2Session::drain() {
  draining_ = true;
  if (begun_) begin_shutdown();
}

void H2Session::close_idle() {
  if (idle()) begin_shutdown();
}

void H2Session::end_now() {
  draining_ = true;
  if (closed_ || finishing_) return;
  std::vector<http::StreamId> ids;
  for (const auto& [id, request] : requests_) ids.push_back(id);
  for (const http::StreamId id : ids) {
    if (H2Request* request = find(id)) request->on_shutdown();
  }
  codec_.end_shutdown();
  connection_.schedule();
}

void H2Session::begin_shutdown() {
  if (closed_ || finishing_ || due_.shutdown) return;
  codec_.begin_shutdown();
  due_.shutdown = connection_.now() + timeouts().client_linger;
  connection_.schedule();
}

// The last frame is written. The client is given time to read it: closing at once could take it
// away from it (RFC 9112 section 9.6 tells why).
void H2Session::finish() {
  if (std::exchange(finishing_, true)) return;
  close_requests(Ending::client_gone);
  connection_.stream().shutdown();
}

void H2Session::close_requests(Ending ending) {
  auto requests = std::exchange(requests_, {});
  for (auto& [id, request] : requests) {
    request->close(ending);
    connection_.loop().bury(std::move(request));
  }
}

void H2Session::close(Ending ending) {
  closed_ = true;
  // Cut, not closed, when anything is missing of an answer.
  if (!idle()) connection_.stream().reset_on_close();
  close_requests(ending);
  for (auto& answered : std::exchange(answered_, {})) {
    answered.request->close(ending);
    connection_.loop().bury(std::move(answered.request));
  }
}

// ---- time

void H2Session::watch() {
  const TimePoint now = connection_.now();
  if (connection_.stream().queued() == 0) {
    due_.write.reset();
  } else if (!due_.write || taken_when_watched_ != connection_.taken()) {
    taken_when_watched_ = connection_.taken();
    due_.write = now + timeouts().client_write;
  }
  if (finishing_) {
    due_.idle.reset();
    due_.settings.reset();
    due_.header.reset();
    due_.shutdown.reset();
    if (!due_.write && !due_.linger) due_.linger = now + timeouts().client_linger;
  } else {
    if (!idle()) {
      due_.idle.reset();
    } else if (!due_.idle) {
      due_.idle = now + timeouts().client_idle;
    }
    if (codec_.settings_acknowledged()) due_.settings.reset();
    if (codec_.header_block() == 0) {
      due_.header.reset();
    } else if (!due_.header || header_block_ != codec_.header_block()) {
      due_.header = now + timeouts().client_header;
    }
    header_block_ = codec_.header_block();
  }
  if (const auto next = due_.next()) {
    connection_.deadline().arm(*next);
  } else {
    connection_.deadline().cancel();
  }
}

void H2Session::on_deadline() {
  const TimePoint now = connection_.now();
  if (passed(due_.write, now)) {
    if (taken_when_watched_ == connection_.taken()) {
      ++connection_.counters().http2_timeouts;
      connection_.stream().reset_on_close();
      connection_.remove(Ending::client_stalled);
      return;
    }
  } else if (passed(due_.linger, now)) {
    connection_.remove(Ending::complete);
    return;
  } else if (passed(due_.header, now)) {
    ++connection_.counters().http2_timeouts;
    due_.header.reset();
    codec_.fail(NGHTTP2_ENHANCE_YOUR_CALM,
                "a header block did not arrive in time (timeouts.client_header_ms)");
  } else if (passed(due_.settings, now) && !passed(due_.idle, now)) {
    // RFC 9113 section 6.5.3. Until then a client may begin more streams than it is allowed.
    ++connection_.counters().http2_timeouts;
    due_.settings.reset();
    codec_.fail(NGHTTP2_SETTINGS_TIMEOUT,
                "SETTINGS were not acknowledged in time (timeouts.client_header_ms)");
  } else if (passed(due_.idle, now) || passed(due_.shutdown, now)) {
    if (passed(due_.idle, now)) ++connection_.counters().idle;
    due_.idle.reset();
    due_.shutdown.reset();
    codec_.end_shutdown();
  }
  connection_.schedule();
}

}  // namespace ccrelay::server
