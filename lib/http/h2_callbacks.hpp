#pragma once

#include <nghttp2/nghttp2.h>

namespace ccrelay::http {

class H2Codec;

/// A session of nghttp2 for the server's side, which tells `codec` what happens. Null when there is
/// no memory for it.
nghttp2_session* make_h2_session(H2Codec& codec, std::size_t header_bytes_max);

/// What gives an answer's body to nghttp2; source.ptr is an H2Codec::Stream.
extern const nghttp2_data_source_read_callback read_h2_body;

}  // namespace ccrelay::http
