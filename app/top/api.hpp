#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "place.hpp"

namespace ccrelay::app::top {

/// How a call ended.
struct Reply {
  int status = 0;  ///< 0 when nobody answered
  std::string body;
  std::string server;         ///< the header of that name
  std::string failure;        ///< why nobody answered, for a person
  bool refused_here = false;  ///< the kernel let this user not connect
  bool not_there = false;     ///< nobody listens

  bool ok() const { return status == 200; }
};

/// The JSON API of one relay, over libcurl. One thread; nothing blocks but wait(). Callbacks are
/// called from wait() alone, and may ask again.
class Api {
 public:
  using Done = std::function<void(const Reply&)>;
  using Taken = std::function<void(std::string_view message)>;
  using Call = std::uint64_t;

  /// `patience` is for each call that is no stream.
  explicit Api(Place place, std::chrono::milliseconds patience = std::chrono::seconds(10));
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  const Place& place() const { return place_; }
  /// For the calls that begin from now on.
  void set_patience(std::chrono::milliseconds patience);

  /// `path` is behind /api/v1, with its query.
  Call get(const std::string& path, Done done);
  Call post(const std::string& path, const std::string& body, Done done);
  /// A stream of events: each message to `taken`, its end to `over`.
  Call watch(const std::string& path, Taken taken, Done over);
  /// Ends it; its callbacks are not called any more.
  void stop(Call call);
  void stop_all();

  /// Goes on with what runs, for at most so long or until one of `descriptors` can be read.
  void wait(int ms, const std::vector<int>& descriptors);

 private:
  class Transfer;
  Call start(std::unique_ptr<Transfer> transfer);
  void finish();

  Place place_;
  long patience_ms_ = 0;
  std::unique_ptr<void, int (*)(void*)> multi_;
  std::map<Call, std::unique_ptr<Transfer>> running_;
  Call last_ = 0;
};

/// One call of a program that has nothing else to do meanwhile.
Reply ask(Api& api, const std::string& path);
/// The same, of an action.
Reply order(Api& api, const std::string& path, const std::string& body = "{}");

/// Events of text/event-stream as they come: each message's data, whole.
class EventLines {
 public:
  /// False when one is longer than any message may be.
  bool take(std::string_view bytes, const std::function<void(std::string_view)>& message);

 private:
  std::string line_;
  std::string data_;
};

}  // namespace ccrelay::app::top
