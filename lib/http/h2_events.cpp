#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "http/h2_codec.hpp"
#include "http/h2_stream.hpp"

// What nghttp2 tells the codec.
namespace ccrelay::http {
namespace {

constexpr std::array<std::uint8_t, 8> shutdown_ping{'s', 'h', 'u', 't', 'd', 'o', 'w', 'n'};

}  // namespace

// ---- frames come

// Frames that cost their sender nothing and us a little (RFC 9113 section 10.5).
void H2Codec::on_begin_frame(const nghttp2_frame_hd& frame) {
  switch (frame.type) {
    case NGHTTP2_WINDOW_UPDATE:
      // Each frame of body may be answered by one for its stream and one for the connection.
      if (window_updates_earned_ > 0) {
        --window_updates_earned_;
      } else {
        spend();
      }
      break;
    case NGHTTP2_DATA:  // see feed(); an empty one is known when it is whole
      break;
    case NGHTTP2_HEADERS:
      if (!check_open(frame.stream_id)) spend();
      // It will be refused. The client that does not read would never pay for what piles up for it
      // if that were paid for when it is sent.
      if (frame.stream_id > last_id_ && streams_.size() >= limits_.streams_max) {
        remember_reset(frame.stream_id);
        spend();
      }
      last_id_ = std::max(last_id_, frame.stream_id);
      break;
    case NGHTTP2_PRIORITY:
      // RFC 9113 section 6.3; nghttp2 does not look, as priorities are not heeded.
      if (frame.stream_id == 0) broken(NGHTTP2_PROTOCOL_ERROR, "PRIORITY on stream 0");
      spend();
      break;
    default:
      spend();
      break;
  }
}

// nghttp2 ignores HEADERS and DATA on streams that it has forgotten. But only those that we have
// reset may still get something, which was on its way (RFC 9113 section 5.1, "closed").
bool H2Codec::check_open(StreamId id) {
  if (id > last_id_ || id % 2 == 0 || shutting_down_ || streams_.count(id) > 0) return true;
  if (std::find(reset_.begin(), reset_.end(), id) == reset_.end()) {
    broken(NGHTTP2_STREAM_CLOSED, "a frame on a stream that is closed");
  }
  return false;
}

void H2Codec::on_begin_headers(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS || failed_) return;
  const StreamId id = frame.hd.stream_id;
  header_block_ = id;
  auto& stream = streams_[id];
  if (!stream) stream = std::make_unique<Stream>(id);
  stream->trailers = frame.headers.cat != NGHTTP2_HCAT_REQUEST;
  stream->head = std::make_unique<H2Head>(limits_.header_bytes_max, limits_.header_count_max);
}

// A block that is refused is decoded to its end all the same, so that the table of HPACK stays what
// the client takes it for. But a byte of it can stand for kilobytes (RFC 9113 section 10.5.1,
// RFC 7541 section 7.3). False: not one more field.
bool H2Codec::on_header(StreamId id, std::string_view name, std::string_view value) {
  if (failed_) return false;
  ++fields_decoded_;
  Stream* stream = find(id);
  if (!stream || !stream->head) return true;
  stream->head->add(name, value);
  if (!stream->head->absurd()) return true;
  absurd_block();
  return false;
}

// Of blocks that nghttp2 decodes without a word, such as those on streams that are no more, the
// size on the wire is all that is known.
bool H2Codec::is_absurd_block(std::uint8_t frame_type, std::uint32_t bytes) {
  if (frame_type != NGHTTP2_HEADERS && frame_type != NGHTTP2_CONTINUATION) return false;
  if (frame_type == NGHTTP2_HEADERS) block_bytes_ = 0;
  block_bytes_ += bytes;
  return block_bytes_ > H2Head::absurd_times * limits_.header_bytes_max;
}

void H2Codec::on_frame(const nghttp2_frame& frame) {
  if (failed_) return;
  const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  Stream* stream = find(frame.hd.stream_id);
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      if (!stream) return;
      on_headers_end(*stream);
      if (ends) on_request_end(*stream);
      break;
    case NGHTTP2_DATA:
      if (frame.hd.length == frame.data.padlen && !ends) spend();
      if (stream && ends) on_request_end(*stream);
      break;
    case NGHTTP2_SETTINGS:
      if (frame.hd.flags & NGHTTP2_FLAG_ACK) settings_acknowledged_ = true;
      break;
    case NGHTTP2_RST_STREAM:
      sink_.on_incident(H2Incident::client_reset);
      break;
    case NGHTTP2_PING:
      if (shutting_down_ && (frame.hd.flags & NGHTTP2_FLAG_ACK) &&
          std::equal(shutdown_ping.begin(), shutdown_ping.end(), frame.ping.opaque_data)) {
        end_shutdown();
      }
      break;
    default:
      break;
  }
}

void H2Codec::on_headers_end(Stream& stream) {
  header_block_ = 0;
  const auto block = std::exchange(stream.head, nullptr);
  if (!block) return;
  if (block->too_large()) spend();  // decoded for nothing
  if (stream.trailers) {
    // They are dropped, as those of HTTP/1.1 are.
    if (block->too_large()) refuse(stream, block->too_large_refusal());
    return;
  }
  RequestHead head;
  if (auto refusal = block->finish(head)) {
    refuse(stream, std::move(*refusal));
    return;
  }
  stream.told = true;
  stream.asks_for_head = head.method == "HEAD";
  stream.expects_continue =
      base::iequals(head.headers.get(base::HeaderName::expect).value_or(""), "100-continue");
  sink_.on_request_head(stream.id, std::move(head));
}

void H2Codec::refuse(Stream& stream, Refusal refusal) {
  if (stream.refused || stream.request_ended) return;
  stream.refused = stream.told = true;
  sink_.on_refusal(stream.id, std::move(refusal));
}

void H2Codec::on_request_end(Stream& stream) {
  stream.request_ended = true;
  stream.expects_continue = false;
  if (!stream.refused) sink_.on_request_end(stream.id);
}

void H2Codec::on_data(StreamId id, std::string_view bytes) {
  Stream* stream = find(id);
  if (!stream || stream->refused || failed_) {
    // No window for this stream any more, but the others need theirs.
    nghttp2_session_consume_connection(session_, bytes.size());
    return;
  }
  stream->expects_continue = false;
  sink_.on_request_body(id, bytes);
}

// ---- frames go

void H2Codec::on_frame_sent(const nghttp2_frame& frame) {
  switch (frame.hd.type) {
    case NGHTTP2_DATA:
    case NGHTTP2_HEADERS:
      if (frame.hd.type == NGHTTP2_DATA) {
        constexpr std::uint32_t earned_max = 10'000;
        window_updates_earned_ = std::min(window_updates_earned_ + 2, earned_max);
      }
      if (Stream* stream = find(frame.hd.stream_id);
          stream && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM)) {
        stream->answered = true;
        // RFC 9113 section 8.1: nobody needs the rest of the request.
        if (!stream->request_ended) {
          nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
        }
      }
      break;
    case NGHTTP2_RST_STREAM:
      on_reset_sent(frame.hd.stream_id, frame.rst_stream.error_code);
      break;
    case NGHTTP2_GOAWAY:
      on_goaway_sent(frame.goaway);
      break;
    default:
      break;
  }
}

// A head too large for nghttp2. The client must not wait for an answer that can't come.
void H2Codec::on_frame_not_sent(const nghttp2_frame& frame) {
  Stream* stream = find(frame.hd.stream_id);
  if (frame.hd.type != NGHTTP2_HEADERS || !stream || !stream->head_written) return;
  stream->broken = true;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_INTERNAL_ERROR);
}

void H2Codec::on_goaway_sent(const nghttp2_goaway& goaway) {
  if (goaway.last_stream_id != std::numeric_limits<StreamId>::max()) goaway_queued_ = false;
  if (goaway.error_code != NGHTTP2_NO_ERROR) {
    if (std::exchange(failed_, true)) return;  // fail() has told, or will
    sink_.on_incident(H2Incident::connection_error);
  } else if (shutting_down_ && goaway.last_stream_id == std::numeric_limits<StreamId>::max()) {
    // Whatever the client sent before it saw the notice has come when this is answered.
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, shutdown_ping.data());
  }
}

void H2Codec::remember_reset(StreamId id) {
  const std::size_t remembered_max = std::max<std::size_t>(100, limits_.streams_max);
  if (std::find(reset_.begin(), reset_.end(), id) != reset_.end()) return;
  reset_.push_back(id);
  if (reset_.size() > remembered_max) reset_.pop_front();
}

void H2Codec::on_reset_sent(StreamId id, std::uint32_t code) {
  remember_reset(id);
  if (code == NGHTTP2_FLOW_CONTROL_ERROR) {
    // nghttp2 resets the stream also where RFC 9113 section 6.9.2 asks for more.
    broken(code, "a window above 2^31-1, or more than it lets through");
    return;
  }
  const Stream* stream = find(id);
  if (code == NGHTTP2_NO_ERROR || (stream && stream->broken)) return;
  if (code == NGHTTP2_REFUSED_STREAM) {
    sink_.on_incident(H2Incident::refused_stream);  // paid for when it began
    return;
  }
  sink_.on_incident(H2Incident::stream_error);
  // A client that makes us reset streams is as costly as one that resets them itself.
  spend();
}

void H2Codec::on_stream_close(StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const auto stream = std::move(found->second);
  streams_.erase(found);
  if (header_block_ == id) header_block_ = 0;
  if (stream->told) sink_.on_stream_closed(id, stream->answered);
}

ssize_t H2Codec::read_body(Stream& stream, char* to, std::size_t length, std::uint32_t& flags) {
  const std::string_view waiting = stream.out.view();
  if (waiting.empty() && stream.broken) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  if (waiting.empty() && !stream.ended) return NGHTTP2_ERR_DEFERRED;
  const std::size_t count = std::min(length, waiting.size());
  std::copy_n(waiting.data(), count, to);
  stream.out.consume(count);
  body_bytes_written_ += count;
  if (count > 0 && (progress_.empty() || progress_.back() != stream.id)) {
    progress_.push_back(stream.id);
  }
  if (stream.ended && stream.out.empty()) flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(count);
}

// ---- what breaks the protocol

void H2Codec::broken(std::uint32_t code, std::string_view reason) {
  if (failed_) return;
  fail(code, reason);
  sink_.on_incident(H2Incident::connection_error);
}

void H2Codec::flooded() {
  if (failed_) return;
  fail(NGHTTP2_ENHANCE_YOUR_CALM, "too many frames that mean nothing (server.http2_frame_budget)");
  sink_.on_incident(H2Incident::flood);
}

void H2Codec::absurd_block() {
  if (failed_) return;
  fail(NGHTTP2_ENHANCE_YOUR_CALM,
       "a header block of more than four times what it may be (server.max_header_bytes)");
  sink_.on_incident(H2Incident::flood);
}

void H2Codec::spend() {
  if (!budget_.spend(now_)) flooded();
}

}  // namespace ccrelay::http
