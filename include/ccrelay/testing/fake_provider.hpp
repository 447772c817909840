#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct uv_loop_s;

namespace ccrelay::testing {

/// What a fake provider does with one request, step by step. A value type.
class [[gnu::visibility("default")]] Script {
 public:
  struct Step {
    enum class Kind : std::uint8_t { send, hold, pause, close, reset };
    Kind kind;
    std::string bytes;  ///< send
    Duration wait{};    ///< pause
  };

  /// Puts these bytes on the wire as they are.
  Script& send(std::string bytes);
  /// Waits for FakeProvider::release().
  Script& hold();
  /// Waits for this much of the clock's time; a manual clock is looked at once a turn.
  Script& pause(Duration wait);
  /// Closes the connection in an orderly way (FIN), whatever was announced. Like reset(), it waits
  /// until the kernel has taken what was sent before.
  Script& close();
  /// Cuts the connection (RST).
  Script& reset();
  /// A response head; `headers` as given, nothing added.
  Script& head(int status, const Headers& headers);
  /// One chunk of a chunked body.
  Script& chunk(std::string_view bytes);
  /// The end of a chunked body.
  Script& last_chunk();

  const std::vector<Step>& steps() const {
    return steps_;
  }

  /// A sized answer.
  static Script reply(int status, std::string_view content_type, std::string_view body,
                      const Headers& more = {});
  /// An error in Anthropic's envelope.
  static Script error(int status, std::string_view type, std::string_view message,
                      const Headers& more = {});
  /// A complete JSON message that says `text`.
  static Script message(std::string_view text);
  /// The head of a chunked event stream; chunk() and last_chunk() go on from here.
  static Script stream_head(const Headers& more = {});
  /// A complete event stream that says `text`, a chunk an event.
  static Script stream(std::string_view text);

  /// The events of stream(), one a string, blank line included.
  static std::vector<std::string> events(std::string_view text);

 private:
  std::vector<Step> steps_;
};

/// A request as the fake provider received it.
struct [[gnu::visibility("default")]] RecordedRequest {
  RequestHead head;
  std::string body;
  std::size_t connection = 0;  ///< number of the connection it came on, from 0
};

/// A provider that does what it is told, on a libuv loop of the caller's and on a loopback port of
/// its own: HTTP/1.1 with keep-alive, one request at a time per connection. For tests of the relay,
/// of programs that embed it, and for `cc-relay serve --demo`. Belongs to the loop's thread; turn
/// the loop once more after destroying it.
class [[gnu::visibility("default")]] FakeProvider {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;        ///< 0 = a free one
    std::string certificate_file;  ///< PEM; serve TLS when set
    std::string key_file;          ///< PEM
    const Clock* clock = nullptr;  ///< for Script::pause; the system's by default
  };
  /// Throws std::runtime_error when it cannot listen: a test cannot go on then.
  explicit FakeProvider(uv_loop_s & loop);
  FakeProvider(uv_loop_s & loop, Options options);
  ~FakeProvider();
  FakeProvider(const FakeProvider&) = delete;
  FakeProvider& operator=(const FakeProvider&) = delete;

  std::uint16_t port() const;
  /// `http://127.0.0.1:PORT`, or https.
  std::string url() const;

  /// Answers the next request this way, from when it is complete; calls queue up. With none left
  /// the answer is what respond_with() set, else Script::message or Script::stream as the request
  /// asks.
  void enqueue(Script script);
  /// The responder may call this object's functions, but not destroy it, and must not throw.
  void respond_with(std::function<Script(const RecordedRequest&)> responder);
  /// Lets every script that is at a hold() now go on.
  void release();

  const std::vector<RecordedRequest>& requests() const;
  /// Stop keeping what was received (a long-running demo).
  void record(bool on);
  std::size_t connections_accepted() const;
  std::size_t connections_open() const;
  /// Requests whose script was cut short because the relay closed the connection.
  std::size_t cancelled() const;
  /// Closes every open connection in an orderly way, so that pooled ones go stale.
  void close_connections();
  /// Stops or resumes reading what the relay sends, so that its writes pile up.
  void pause_reading(bool paused);

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::testing
