#include <memory>
#include <string>
#include <utility>

#include "answer_scene.hpp"
#include "catch.hpp"

using namespace ccrelay;
using namespace ccrelay::exchange;
using namespace ccrelay::exchange::scenes;

TEST_CASE("a decoded stream is shown in the client's form and watched in Anthropic's",
          "[exchange]") {
  for (const Dialect dialect : {Dialect::anthropic, Dialect::bedrock}) {
    for (const std::size_t size : {1u, 2u, 3u, 50u, 5000u}) {
      Scene s;
      s.dialect = dialect;
      s.decoder = std::make_unique<Halving>();
      if (dialect == Dialect::bedrock) {
        s.head.headers.set("content-type", "application/vnd.amazon.eventstream");
      }
      AnswerStage& stage = s.begin();
      Fed fed(stage, doubled(whole_stream), size);
      fed.end(stage, true);
      CHECK(fed.got == (dialect == Dialect::bedrock ? doubled(whole_stream) : whole_stream));
      CHECK(stage.conclude(true, {}).outcome == Outcome::success);
      CHECK(told(stage, TokenClass::output) == 7u);
    }
  }
}

TEST_CASE("an answer that stops making sense is broken where it does", "[exchange]") {
  Scene s;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  const Fed fed(stage, doubled(start + block) + "!", 1000);
  CHECK(fed.verdict == Verdict::pass);
  CHECK(fed.got == start + block);
  CHECK(fed.broken == "a bang");
}

TEST_CASE("an answer whose last bytes are half a message is not whole", "[exchange]") {
  Scene s;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  stage.feed(doubled(start + block) + "e");
  CHECK(stage.end(true).broken == "half a byte is missing");
}

TEST_CASE("only whole messages of a cloud's go to its client", "[exchange]") {
  Scene s;
  s.dialect = Dialect::bedrock;
  s.decoder = std::make_unique<Halving>();
  AnswerStage& stage = s.begin();
  stage.feed(doubled(start + block));
  CHECK(stage.before_error() == "");
  // What has come of the next one waits for its end.
  stage.feed("e");
  CHECK(stage.before_error() == "");
}

TEST_CASE("inside a message of a cloud's that is too long to wait for nothing can be said",
          "[exchange]") {
  Scene s;
  s.dialect = Dialect::bedrock;
  s.decoder = std::make_unique<Halving>();
  s.limits.buffer_bytes = 0;
  AnswerStage& stage = s.begin();
  CHECK(stage.feed(doubled(start + block)).verdict == Verdict::pass);
  CHECK(stage.take_held() == doubled(start + block));
  CHECK(stage.feed("e").shown == "e");
  CHECK_FALSE(stage.before_error());
}

TEST_CASE("a decoded answer that makes sense only whole is held to its end, however long it takes",
          "[exchange]") {
  const std::string json = R"({"input_tokens":7})";
  Scene s;
  s.limits.inspect_bytes = 0;  // a limit on what is read for usage, and on nothing else
  s.operation = Operation::count_tokens;
  auto decoder = std::make_unique<Halving>();
  decoder->tail = "}";
  s.decoder = std::move(decoder);
  AnswerStage& stage = s.begin_json();
  CHECK(stage.holds());
  CHECK_FALSE(stage.may_be_shown_early());
  Fed fed(stage, doubled(json.substr(0, json.size() - 1)), 2);
  CHECK(fed.verdict == Verdict::undecided);
  fed.end(stage, true);
  CHECK(fed.verdict == Verdict::pass);
  CHECK(fed.got == json);
}
