#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/observer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/refusal.hpp"

namespace ccrelay::loop {
class Stream;
}

namespace ccrelay::server {

/// Where a handler puts its answer. Valid until RequestHandler::on_closed.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;
  /// Once. Content-Length, if the length is known, stands among the headers.
  virtual void head(const ResponseHead& head) = 0;
  virtual void write(std::string_view bytes) = 0;
  /// What was written need not wait for the turn's end: nothing follows at once. Where many answers
  /// share a connection it does wait, for theirs.
  virtual void flush() {}
  virtual void end() = 0;
  /// Cuts the connection, so that the client sees a broken answer and never a short but complete
  /// one.
  virtual void reset() = 0;
  /// As many bytes wait for the client as may; on_drained() follows. Writing more is not refused.
  virtual bool full() const = 0;
  /// The connection that the answer goes over, for who wants to know whose it is; null where there
  /// is none, as in a test.
  virtual const loop::Stream* stream() const { return nullptr; }
};

/// The other half of one client request. Owned by its connection. Calls come from the loop; it may
/// write to its writer in each of them but the last.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  /// So many bytes of body are announced to come next, and none of them is here.
  virtual void on_body_due(std::uint64_t) {}
  virtual void on_body(std::string_view bytes) = 0;
  /// The whole request is here.
  virtual void on_end() = 0;
  /// The rest of the request can't be read (bad framing, too slow): answer this if nothing is
  /// answered yet.
  virtual void on_refused(const http::Refusal& refusal) = 0;
  /// The writer is no longer full.
  virtual void on_drained() = 0;
  /// The relay ends: answer with an error, or end the answer with one, within this call. What can
  /// not be told any more is reset.
  virtual void on_shutdown() = 0;
  /// The last call, exactly once: all work must stop within it. The object is destroyed when the
  /// turn ends, since it may be on the stack itself.
  virtual void on_closed(Ending ending) = 0;
};

/// Makes handlers. One per worker; outlives the server.
class HandlerFactory {
 public:
  virtual ~HandlerFactory() = default;
  virtual std::unique_ptr<RequestHandler> make(RequestHead head, ResponseWriter& writer,
                                               const std::string& peer) = 0;
  /// A handler for what is no request at all; its answer is given through on_refused().
  virtual std::unique_ptr<RequestHandler> make_for_refusal(ResponseWriter& writer,
                                                           const std::string& peer) = 0;
  /// Where TLS is spoken somebody began without, and has been told so.
  virtual void on_plain_http(const std::string& /*peer*/) {}
};

}  // namespace ccrelay::server
