#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"

/// What the tests of the two Responses stream translators have in common.
namespace streams {

using Make = std::function<std::unique_ptr<ccrelay::dialect::StreamTranslator>()>;

/// Translates the stream, whole and cut after every byte: it comes out the same.
inline std::string translated(const Make& make, std::string_view in) {
  const auto whole = make();
  std::string out;
  whole->feed(in, out);
  whole->end(out);
  const auto cut = make();
  std::string pieces;
  for (const char& c : in) cut->feed(std::string_view(&c, 1), pieces);
  cut->end(pieces);
  CHECK(pieces == out);
  CHECK(cut->failed() == whole->failed());
  CHECK(cut->finished() == whole->finished());
  return out;
}

struct Event {
  std::string name;
  std::string data;
};

inline std::vector<Event> events(std::string_view stream) {
  struct Sink final : ccrelay::dialect::EventSink {
    void on_event(std::string_view name, std::string_view data) override {
      events.push_back({std::string(name), std::string(data)});
    }
    std::vector<Event> events;
  } sink;
  ccrelay::dialect::SseEvents reader(sink, std::size_t{1} << 20);
  reader.feed(stream);
  reader.end();
  return sink.events;
}

/// The stream of these data, each event named by its `type`.
inline std::string stream_of(const std::vector<std::string>& data) {
  std::string stream;
  for (const std::string& each : data) {
    const std::string name = ccrelay::dialect::Json(each)["type"].text();
    ccrelay::dialect::append_event(stream, name, each);
  }
  return stream;
}

}  // namespace streams
