#include "http/h2_codec.hpp"

#include <iterator>
#include <utility>

#include "base/ascii.hpp"
#include "base/assert.hpp"
#include "base/header_name.hpp"
#include "http/h2_callbacks.hpp"
#include "http/h2_fields.hpp"
#include "http/h2_stream.hpp"

namespace ccrelay::http {
namespace {

// What a client may send ahead of what a handler has taken: on one stream, and on all together.
// With a round trip of 50 ms the first lets through some 5 MB/s.
constexpr std::uint32_t stream_window_bytes = 256 * 1024;
constexpr std::int32_t connection_window_bytes = 1024 * 1024;

}  // namespace

H2Codec::H2Codec(H2Sink& sink, const H2Limits& limits)
    : sink_(sink),
      limits_(limits),
      budget_(limits.frame_budget),
      session_(make_h2_session(*this, limits.header_bytes_max)) {
  CCRELAY_ASSERT(session_ != nullptr, "a session of nghttp2 only fails for want of memory");
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes_max)},
#ifdef CCRELAY_NGHTTP2_EXTPRI
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
#endif
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, connection_window_bytes);
}

H2Codec::~H2Codec() {
  nghttp2_session_del(session_);
}

void H2Codec::feed(std::string_view bytes, TimePoint now) {
  now_ = now;
  std::size_t done = 0;
  walk_.walk(bytes, [&](std::size_t at, std::uint8_t type, StreamId stream, std::uint32_t length) {
    const bool absurd = is_absurd_block(type, length);
    if (!absurd && type != NGHTTP2_DATA) return;
    // All that stands before it, so that it is known which streams are open.
    receive(bytes.substr(done, at - done));
    done = at;
    if (absurd) {
      absurd_block();
      return;
    }
    // A client that has not seen our SETTINGS may have more streams refused than are remembered.
    const bool dropped = settings_acknowledged_ ? !check_open(stream) : find(stream) == nullptr;
    if (dropped && length == 0) spend();
  });
  receive(bytes.substr(done));
}

void H2Codec::receive(std::string_view bytes) {
  if (failed_ || bytes.empty()) return;
  const auto taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken >= 0) {
    // A client that reads slowly enough outlives its budget's windows.
    if (nghttp2_session_get_outbound_queue_size(session_) > outbound_frames_max()) flooded();
    return;
  }
  switch (taken) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      broken(NGHTTP2_PROTOCOL_ERROR, "the connection preface is wrong");
      break;
    case NGHTTP2_ERR_FLOODED:  // of acknowledgements that the client does not take
#ifdef CCRELAY_NGHTTP2_CONTINUATIONS
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
#endif
      flooded();
      break;
    default:
      fail(NGHTTP2_INTERNAL_ERROR, nghttp2_strerror(static_cast<int>(taken)));
      break;
  }
}

// Heads, resets and windows of all streams that may be open, and nghttp2's own bound for
// acknowledgements. DATA is counted with its stream.
std::size_t H2Codec::outbound_frames_max() const {
  return 1000 + 8 * static_cast<std::size_t>(limits_.streams_max);
}

void H2Codec::write_to(base::ByteQueue& out, std::size_t out_bytes_max) {
  if (std::exchange(goaway_due_, false)) {
    goaway_queued_ = true;
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                          nullptr, 0);
  }
  while (out.size() < out_bytes_max || goaway_queued_) {
    const std::uint8_t* bytes = nullptr;
    const auto count = nghttp2_session_mem_send(session_, &bytes);
    if (count <= 0) return;
    out.append({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)});
  }
}

// ---- one stream

H2Codec::Stream* H2Codec::find(StreamId id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

bool H2Codec::expects_continue(StreamId id) const {
  const Stream* stream = find(id);
  return stream && stream->expects_continue;
}

void H2Codec::write_continue(StreamId id) {
  Stream* stream = find(id);
  if (!stream) return;
  stream->expects_continue = false;
  const ResponseHead interim{100, {}};
  const H2Fields fields(interim);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, fields.data(), fields.size(),
                         nullptr);
}

void H2Codec::write_head(StreamId id, const ResponseHead& head) {
  Stream* stream = find(id);
  if (!stream) return;
  stream->head_written = true;
  stream->no_body = stream->asks_for_head || head.status == 204 || head.status == 304;
  stream->remaining =
      base::parse_number(head.headers.get(base::HeaderName::content_length).value_or(""));
#ifdef CCRELAY_NGHTTP2_EXTPRI
  // Turns for all (RFC 9218 section 4.2): what a client thinks of its own streams is not heeded, so
  // that none waits for the end of another.
  const nghttp2_extpri turns{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
  nghttp2_session_change_extpri_stream_priority(session_, id, &turns, 1);
#endif
  const H2Fields fields(head);
  nghttp2_data_provider body{};
  body.source.ptr = stream;
  body.read_callback = read_h2_body;
  nghttp2_submit_response(session_, id, fields.data(), fields.size(),
                          stream->no_body ? nullptr : &body);
}

void H2Codec::write_body(StreamId id, std::string_view bytes) {
  Stream* stream = find(id);
  if (!stream || stream->no_body) return;
  if (stream->remaining) {
    // A provider that sends more than it announced would make the answer malformed.
    bytes = bytes.substr(0, *stream->remaining);
    *stream->remaining -= bytes.size();
  }
  if (bytes.empty()) return;
  stream->out.append(bytes);
  nghttp2_session_resume_data(session_, id);
}

void H2Codec::write_end(StreamId id) {
  Stream* stream = find(id);
  if (!stream || stream->no_body) return;
  if (stream->remaining.value_or(0) > 0) {
    break_off(id);
    return;
  }
  stream->ended = true;
  nghttp2_session_resume_data(session_, id);
}

void H2Codec::break_off(StreamId id) {
  Stream* stream = find(id);
  if (!stream) return;
  if (!stream->head_written) {
    cancel(id);
    return;
  }
  stream->broken = true;
  nghttp2_session_resume_data(session_, id);
}

void H2Codec::cancel(StreamId id) {
  Stream* stream = find(id);
  if (!stream) return;
  stream->broken = true;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
}

void H2Codec::take(StreamId id, std::size_t bytes) {
  nghttp2_session_consume(session_, id, bytes);
}

std::size_t H2Codec::waiting(StreamId id) const {
  const Stream* stream = find(id);
  return stream ? stream->out.size() : 0;
}

bool H2Codec::blocked(StreamId id) const {
  return nghttp2_session_get_stream_remote_window_size(session_, id) <= 0;
}

std::vector<StreamId> H2Codec::take_progress() {
  return std::exchange(progress_, {});
}

// ---- the connection

void H2Codec::begin_shutdown() {
  if (shutting_down_) return;
  shutting_down_ = true;
  nghttp2_submit_shutdown_notice(session_);  // a PING follows when it is written
}

void H2Codec::end_shutdown() {
  if (std::exchange(shut_down_, true)) return;
  shutting_down_ = true;
  // It names the last stream when it is written, and is written before anything else comes: a
  // stream that began meanwhile would be dropped unanswered, and a later GOAWAY for an error might
  // name more streams than this one, which RFC 9113 section 6.8 forbids.
  goaway_due_ = true;
}

void H2Codec::fail(std::uint32_t code, std::string_view reason) {
  header_block_ = 0;  // whatever comes of it means nothing any more
  if (std::exchange(failed_, true)) return;
  // The first tells the client why; the second ends the session of nghttp2 but carries no words.
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), code,
                        reinterpret_cast<const std::uint8_t*>(reason.data()), reason.size());
  nghttp2_session_terminate_session(session_, code);
}

}  // namespace ccrelay::http
