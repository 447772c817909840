#include "http/h2_callbacks.hpp"

#include <limits>

#include "http/h2_codec.hpp"
#include "http/h2_stream.hpp"

namespace ccrelay::http {

// nghttp2's way in. Each recovers the codec and calls one member of it.
struct H2Callbacks {
  static H2Codec& codec(void* user_data) { return *static_cast<H2Codec*>(user_data); }
  static std::string_view text(const std::uint8_t* bytes, std::size_t length) {
    return {reinterpret_cast<const char*>(bytes), length};
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* frame, void* self) noexcept {
    codec(self).on_begin_frame(*frame);
    return 0;
  }
  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    codec(self).on_begin_headers(*frame);
    return 0;
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                    std::uint8_t, void* self) noexcept {
    const bool more = codec(self).on_header(frame->hd.stream_id, text(name, name_length),
                                            text(value, value_length));
    return more ? 0 : NGHTTP2_ERR_PAUSE;
  }
  // A field that is not valid makes the request malformed (RFC 9113 section 8.2.1); nghttp2 would
  // only leave it out.
  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*,
                            std::size_t, const std::uint8_t*, std::size_t, std::uint8_t,
                            void*) noexcept {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int frame_recv(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    codec(self).on_frame(*frame);
    return 0;
  }
  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t length, void* self) noexcept {
    codec(self).on_data(id, text(bytes, length));
    return 0;
  }
  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept {
    codec(self).on_frame_sent(*frame);
    return 0;
  }
  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int,
                            void* self) noexcept {
    codec(self).on_frame_not_sent(*frame);
    return 0;
  }
  static int stream_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* self) noexcept {
    codec(self).on_stream_close(id);
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t length,
                           std::uint32_t* flags, nghttp2_data_source* source, void* self) noexcept {
    return codec(self).read_body(*static_cast<H2Codec::Stream*>(source->ptr),
                                 reinterpret_cast<char*>(to), length, *flags);
  }
};

const nghttp2_data_source_read_callback read_h2_body = H2Callbacks::read_body;

namespace {

nghttp2_session_callbacks* make_callbacks() {
  nghttp2_session_callbacks* table = nullptr;
  if (nghttp2_session_callbacks_new(&table) != 0) return nullptr;
  nghttp2_session_callbacks_set_on_begin_frame_callback(table, H2Callbacks::begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(table, H2Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(table, H2Callbacks::header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(table, H2Callbacks::invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(table, H2Callbacks::frame_recv);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, H2Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_send_callback(table, H2Callbacks::frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(table, H2Callbacks::frame_not_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(table, H2Callbacks::stream_close);
  return table;
}

nghttp2_option* make_options([[maybe_unused]] std::size_t header_bytes_max) {
  nghttp2_option* options = nullptr;
  if (nghttp2_option_new(&options) != 0) return nullptr;
  // The window is given back as handlers take bytes.
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  // A provider's head may be longer than nghttp2's 64 KiB.
  constexpr std::size_t answer_head_bytes_max = 1024 * 1024;
  nghttp2_option_set_max_send_header_block_length(options, answer_head_bytes_max);
#ifdef CCRELAY_NGHTTP2_RESET_RATE
  // The frame budget is the one limit for this, and the one that can be set.
  constexpr std::uint64_t unlimited = std::numeric_limits<std::int32_t>::max();
  nghttp2_option_set_stream_reset_rate_limit(options, unlimited, unlimited);
#endif
#ifdef CCRELAY_NGHTTP2_CONTINUATIONS
  // Enough for a list of that size in frames of a kilobyte; the budget counts them too.
  nghttp2_option_set_max_continuations(options, 8 + header_bytes_max / 1024);
#endif
  return options;
}

}  // namespace

nghttp2_session* make_h2_session(H2Codec& codec, std::size_t header_bytes_max) {
  nghttp2_session_callbacks* callbacks = make_callbacks();
  nghttp2_option* options = make_options(header_bytes_max);
  nghttp2_session* session = nullptr;
  if (callbacks && options) nghttp2_session_server_new2(&session, callbacks, &codec, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  return session;
}

}  // namespace ccrelay::http
