#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/byte_queue.hpp"
#include "http/h2_codec.hpp"
#include "http/h2_head.hpp"

namespace ccrelay::http {

/// What the codec keeps of an open stream.
struct H2Codec::Stream {
  explicit Stream(StreamId stream) : id(stream) {}

  const StreamId id;
  std::unique_ptr<H2Head> head;            // while a header block arrives
  base::ByteQueue out;                     // body of the answer
  std::optional<std::uint64_t> remaining;  // of what Content-Length announced for the answer
  bool told = false;                       // the sink knows of it
  bool refused = false;                    // no more of the request goes to the sink
  bool trailers = false;                   // the header block that arrives is not the first one
  bool request_ended = false;
  bool expects_continue = false;
  bool asks_for_head = false;
  bool head_written = false;
  bool no_body = false;
  bool ended = false;     // write_end() was called
  bool broken = false;    // break_off() or cancel() was called
  bool answered = false;  // END_STREAM has been written
};

}  // namespace ccrelay::http
