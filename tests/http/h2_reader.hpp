#pragma once

#include <map>
#include <string>
#include <vector>

#include "http/h2_codec.hpp"
#include "support/h2_frames.hpp"

namespace ccrelay::testing {

/// A codec whose events are written down, and the frames it answers with.
class H2Reader final : public http::H2Sink {
 public:
  explicit H2Reader(const http::H2Limits& limits = {}) : codec(*this, limits) {}

  void on_request_head(http::StreamId id, RequestHead head) override {
    heads[id] = head;
    log += std::to_string(id) + " head " + head.method + ' ' + head.target + '\n';
    for (const Header header : head.headers) {
      log += "  " + std::string(header.name) + ": " + std::string(header.value) + '\n';
    }
    if (answers) answer(id);
  }
  void on_request_body(http::StreamId id, std::string_view bytes) override {
    if (!bodies.count(id)) log += std::to_string(id) + " body\n";
    bodies[id] += bytes;
    if (takes) codec.take(id, bytes.size());
  }
  void on_request_end(http::StreamId id) override { log += std::to_string(id) + " end\n"; }
  void on_refusal(http::StreamId id, http::Refusal refusal) override {
    log += std::to_string(id) + " refused " + std::to_string(refusal.status) + ' ' +
           refusal.message + '\n';
  }
  void on_stream_closed(http::StreamId id, bool answered) override {
    log += std::to_string(id) + (answered ? " answered\n" : " closed\n");
  }
  void on_incident(http::H2Incident incident) override { incidents.push_back(incident); }

  void answer(http::StreamId id) {
    codec.write_head(id, {200, {{"X-Mixed-Case", "1"}}});
    codec.write_body(id, "hello");
    codec.write_end(id);
  }

  /// Bytes in; the frames that come out.
  std::vector<h2::Frame> feed(std::string_view bytes) {
    codec.feed(bytes, now);
    return written();
  }
  std::vector<h2::Frame> written(std::size_t bytes_max = 1 << 24) {
    base::ByteQueue out;
    codec.write_to(out, bytes_max);
    std::string_view wire = out.view();
    auto frames = h2::take_frames(wire);
    all.insert(all.end(), frames.begin(), frames.end());
    return frames;
  }
  /// `goaway 1`, or `rst 3 8`, or empty: how the last bytes were taken.
  std::string verdict() const {
    for (const h2::Frame& frame : all) {
      if (frame.type == h2::goaway) return "goaway " + std::to_string(frame.code());
    }
    for (const h2::Frame& frame : all) {
      if (frame.type == h2::rst_stream) {
        return "rst " + std::to_string(frame.stream) + ' ' + std::to_string(frame.code());
      }
    }
    return "";
  }
  std::size_t count(std::uint8_t type) const {
    std::size_t found = 0;
    for (const h2::Frame& frame : all) found += frame.type == type ? 1 : 0;
    return found;
  }

  std::string log;
  std::map<http::StreamId, RequestHead> heads;
  std::map<http::StreamId, std::string> bodies;
  std::vector<http::H2Incident> incidents;
  std::vector<h2::Frame> all;
  TimePoint now{};
  bool answers = false;
  bool takes = true;
  http::H2Codec codec;
};

}  // namespace ccrelay::testing
