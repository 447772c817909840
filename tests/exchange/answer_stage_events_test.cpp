#include <algorithm>
#include <string>
#include <vector>

#include "answer_scene.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using namespace ccrelay::exchange::scenes;

TEST_CASE("only whole events go on, wherever the provider cuts them", "[exchange]") {
  for (const std::string end_of_line : {"\n", "\r\n", "\r"}) {
    std::string stream;
    std::vector<std::size_t> ends;
    for (const char* type :
         {"message_start", "content_block_start", "ping", "content_block_delta", "message_stop"}) {
      stream += "event: " + std::string(type) + end_of_line + "data: {\"type\":\"" + type + "\"}" +
                end_of_line + end_of_line;
      ends.push_back(stream.size());
    }
    const std::string begun = stream.substr(0, ends[1]);
    for (std::size_t cut = begun.size(); cut + 1 < stream.size(); ++cut) {
      INFO("cut at " << cut);
      Scene s;
      AnswerStage& stage = s.begin();
      Fed fed(stage, begun, 1000);
      CHECK(fed.got == begun);
      for (std::size_t at = begun.size(); at < cut; at += 5) {
        fed.take(stage, stage.feed(std::string_view(stream).substr(
                            at, std::min<std::size_t>(5, cut - at))));
      }
      std::size_t whole = 0;
      for (const std::size_t end : ends) whole = end <= cut ? end : whole;
      // The second half of a CRLF may be missing yet.
      const bool at_cr = end_of_line == "\r\n" && cut + 1 < stream.size() + 1 &&
                         std::find(ends.begin(), ends.end(), cut + 1) != ends.end();
      CHECK(fed.got == stream.substr(0, at_cr ? cut : whole));
      CHECK(stage.may_take_ping());
      CHECK(stage.before_error() == "");
      fed.end(stage, false);
      CHECK(fed.got == stream.substr(0, at_cr ? cut : whole));
      CHECK(stage.conclude(false, "reset").cut);
    }
  }
}

TEST_CASE("an event too long to wait for goes on as it comes", "[exchange]") {
  Scene s;
  s.limits.buffer_bytes = 40;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start.substr(0, 30), 1000);
  s.limits.buffer_bytes = 40;
  fed = Fed(stage, start.substr(30) + block, 1000);
  const std::string before = fed.got;
  CHECK(before == start + block);
  fed.got.clear();
  fed.take(stage, stage.feed("event: content_block_delta\n"));
  CHECK(fed.got.empty());
  fed.take(stage, stage.feed("data: {\"type\":\"conte"));
  CHECK(fed.got == "event: content_block_delta\ndata: {\"type\":\"conte");
  CHECK_FALSE(stage.may_take_ping());
  CHECK(stage.before_error() == "\n\n");
  fed.take(stage, stage.feed("nt_block_delta\"}\n"));
  CHECK(stage.before_error() == "\n");
  fed.got.clear();
  fed.take(stage, stage.feed("\nevent: ping\n"));
  CHECK(fed.got == "\n");
  CHECK(stage.may_take_ping());
  CHECK(stage.before_error() == "");
  fed.take(stage, stage.feed("data: {}\n\n" + stop));
  CHECK(fed.got == "\nevent: ping\ndata: {}\n\n" + stop);
  CHECK_FALSE(stage.may_take_ping());
  CHECK_FALSE(stage.before_error());
}

TEST_CASE("a comment between events waits for nothing", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + block, 1000);
  const auto step = stage.feed(": keep-alive\n");
  CHECK(step.carried + std::string(step.shown) == ": keep-alive\n");
  CHECK(stage.may_take_ping());
}

TEST_CASE("events that come whole are not copied", "[exchange]") {
  Scene s;
  AnswerStage& stage = s.begin();
  Fed fed(stage, start + block, 1000);
  const auto step = stage.feed(delta);
  CHECK(step.carried.empty());
  CHECK(step.shown.data() == delta.data());
  // Of a cut one only the beginning is.
  CHECK(stage.feed(stop.substr(0, 9)).shown.empty());
  const std::string rest = stop.substr(9);
  const auto last = stage.feed(rest);
  CHECK(last.carried == stop.substr(0, 9));
  CHECK(last.shown.data() == rest.data());
}

TEST_CASE("a last event without its blank line is whole all the same", "[exchange]") {
  for (const std::string missing : {"\n", "\n\n"}) {
    for (const std::size_t size : {3u, 1000u}) {
      Scene s;
      AnswerStage& stage = s.begin();
      Fed fed(stage, whole_stream.substr(0, whole_stream.size() - missing.size()), size);
      fed.end(stage, true);
      CHECK(fed.got == whole_stream);
      CHECK(stage.conclude(true, {}).outcome == Outcome::success);
    }
  }
}
