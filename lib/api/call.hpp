#pragma once

#include <ccrelay/manage.hpp>
#include <ccrelay/manage_access.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace ccrelay::api {

/// One call of the JSON API, whoever brought it: what is left of an HTTP request once it is known
/// that its sender may ask at all. Plain data.
struct Call {
  std::string method;        ///< "GET", "POST"; whatever else is 405
  std::string path;          ///< what follows "/api/v1", as it was sent: "/providers/a%2Fb:disable"
  std::string query;         ///< what follows `?`, as it was sent
  std::string content_type;  ///< of the body; empty when there is none
  std::string accept;        ///< "text/csv" has some answers as CSV
  std::string body;
  management::Caller caller;  ///< a viewer that acts is answered 403 here
};

/// What a call came to.
struct Answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string allow = {};  ///< of a 405: the header `Allow`
};

/// `{"error":{"code":"NOT_FOUND","message":"…"}}` with the status that belongs to the code:
/// INVALID_ARGUMENT 400, UNAUTHENTICATED 401, PERMISSION_DENIED 403, NOT_FOUND 404, ABORTED and
/// FAILED_PRECONDITION 409, RESOURCE_EXHAUSTED 429, UNAVAILABLE 503, DEADLINE_EXCEEDED 504; any
/// other 500.
Answer error_answer(std::string_view code, std::string_view message);

/// Answers a call that is no stream. `done` is called once: before this returns, or later on
/// another thread, which it must not keep; not at all when the relay is destroyed before.
/// Thread: any.
void answer(management::Manager& manager, Call call, std::function<void(Answer)> done);

/// A stream that a `:watch` path has opened: `text/event-stream`. Destroying it ends it; it
/// outlives the relay harmlessly. One thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Appends what has happened since, as whole events of SSE, nothing when nothing has; never
  /// waits. False when the stream is over: what was appended then is its end. Ask only when what
  /// was taken before has been written: until then the queue in the relay is what bounds it.
  virtual bool take(std::string& sse) = 0;
  /// Called when there is something again after take() has appended nothing, and when the stream
  /// ends; on any thread, which it must not keep: it posts. Null: nobody.
  virtual void on_ready(std::function<void()> wake) = 0;
};

/// Whether the path, behind "/api/v1", is one of a stream: then open_stream(), else answer().
bool is_stream(std::string_view path);
/// Opens a stream, or says why not.
std::variant<Answer, std::unique_ptr<Stream>> open_stream(management::Manager& manager,
                                                          const Call& call);

/// Whoever writes a stream also writes this each time it has written nothing for so long, so that
/// both ends find out when the other has gone. (gRPC has messages `heartbeat` for it.)
inline constexpr std::string_view silence = ": \n\n";
inline constexpr std::chrono::seconds silence_after{15};

}  // namespace ccrelay::api
