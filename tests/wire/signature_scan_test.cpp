#include "wire/signature_scan.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "wire/answer_view.hpp"
#include "wire/json_text.hpp"
#include "wire/sse.hpp"
#include "wire/usage_reader.hpp"

using namespace ccrelay::wire;

namespace {

using Digests = std::vector<SignatureDigest>;

Digests of(const std::vector<std::string>& signatures) {
  Digests digests;
  for (const std::string& signature : signatures) digests.push_back(signature_digest(signature));
  return digests;
}

std::string start(int index, const std::string& block) {
  return R"({"type":"content_block_start","index":)" + std::to_string(index) +
         R"(,"content_block":)" + block + "}";
}

std::string delta(int index, const std::string& delta) {
  return R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" +
         delta + "}";
}

std::string signed_with(int index, const std::string& piece) {
  return delta(index, R"({"type":"signature_delta","signature":)" + json_string(piece) + "}");
}

std::string stop(int index) {
  return R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}";
}

const std::string begun = R"({"type":"thinking","thinking":"","signature":""})";

// The events in order; the type is what the data says.
Digests scan(SignatureScan& scan, const std::vector<std::string>& events) {
  Digests all;
  for (const std::string& data : events) {
    const std::string type = data.substr(9, data.find('"', 9) - 9);
    for (const auto& digest : scan.on_event(type, data)) all.push_back(digest);
  }
  return all;
}

Digests scan(const std::vector<std::string>& events) {
  SignatureScan fresh;
  return scan(fresh, events);
}

// Scans a whole stream.
class Stream final : public SseSink {
 public:
  void feed(std::string_view bytes) { sse_.feed(bytes); }
  Digests digests;

 private:
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override {
    for (const auto& digest : scan_.on_event(name, data)) digests.push_back(digest);
  }
  SseScanner sse_{*this, 4096};
  SignatureScan scan_;
};

Digests of_message(const std::string& json) {
  AnswerFacts facts;
  UsageReader usage;
  ProviderError error;
  Digests digests;
  facts.read_answer(json, {usage, digests, error});
  return digests;
}

}  // namespace

TEST_CASE("a thinking block's signature is known when the block ends", "[wire]") {
  SignatureScan one;
  CHECK(scan(one, {start(0, begun), delta(0, R"({"type":"thinking_delta","thinking":"hm"})"),
                   signed_with(0, "sig")})
            .empty());
  CHECK(scan(one, {stop(0)}) == of({"sig"}));
  CHECK(scan(one, {stop(0)}).empty());
}

TEST_CASE("each block has its own signature, however they are interleaved", "[wire]") {
  CHECK(scan({start(0, begun), signed_with(0, "a"), stop(0), start(1, begun), signed_with(1, "b"),
              stop(1)}) == of({"a", "b"}));
  CHECK(scan({start(0, begun), start(1, begun), signed_with(1, "b"), signed_with(0, "a"), stop(0),
              stop(1)}) == of({"a", "b"}));
}

TEST_CASE("of a signature in pieces the whole is known, and the last piece", "[wire]") {
  // Some clients put pieces together, the vendor's own libraries keep the last one.
  CHECK(scan({start(0, begun), signed_with(0, "one"), signed_with(0, "two"), signed_with(0, "6"),
              stop(0)}) == of({"onetwo6", "6"}));
}

TEST_CASE("a signature may stand in the block's beginning", "[wire]") {
  CHECK(scan({start(0, R"({"type":"thinking","thinking":"","signature":"early"})"), stop(0)}) ==
        of({"early"}));
}

TEST_CASE("the data of redacted thinking is its signature", "[wire]") {
  CHECK(scan({start(2, R"({"type":"redacted_thinking","data":"opaque"})"), stop(2)}) ==
        of({"opaque"}));
}

TEST_CASE("a signature is its text, however JSON writes it", "[wire]") {
  CHECK(scan({start(0, begun),
              delta(0, R"({"type":"signature_delta","signature":"a\/b\u002b\u003d"})"), stop(0)}) ==
        of({"a/b+="}));
  CHECK(of_message(R"({"content":[{"type":"thinking","signature":"a\/b\u002b="}]})") ==
        of({"a/b+="}));
}

TEST_CASE("an empty signature is none", "[wire]") {
  CHECK(scan({start(0, begun), signed_with(0, ""), stop(0)}).empty());
  CHECK(scan({start(0, R"({"type":"redacted_thinking","data":""})"), stop(0)}).empty());
  CHECK(of_message(R"({"content":[{"type":"thinking","signature":""}]})").empty());
}

TEST_CASE("talk of signatures is no signature", "[wire]") {
  CHECK(scan({start(0, R"({"type":"text","text":"","signature":"x"})"),
              delta(0, R"({"type":"text_delta","text":"\"signature\" of redacted_thinking"})"),
              delta(0, R"({"type":"text_delta","text":"signature_delta","signature":"x"})"),
              stop(0), start(1, R"({"type":"tool_use","signature":"x","data":"x"})"), stop(1)})
            .empty());
}

TEST_CASE("odd shapes have no signatures", "[wire]") {
  for (const std::string& event :
       {start(0, "[]"), start(0, R"({"signature":7,"type":"thinking"})"), start(0, "null"),
        delta(0, R"(["signature_delta"])"),
        delta(0, R"({"type":"signature_delta","signature":{"a":1}})"),
        std::string(
            R"({"type":"content_block_start","content_block":{"type":"redacted_thinking"}})"),
        std::string(R"({"type":"content_block_delta","signature_delta)"),
        std::string(R"({"type":"content_block_delta","index":"0","delta":{"type":)"
                    R"("signature_delta","signature":"x"}})")}) {
    INFO(event);
    SignatureScan one;
    CHECK(scan(one, {event, stop(0), stop(-1)}).empty());
    CHECK(scan(one, {start(0, begun), signed_with(0, "good"), stop(0)}) == of({"good"}));
  }
  CHECK(SignatureScan().on_event("content_block_stop", "").empty());
  CHECK(SignatureScan().on_event("content_block_delta", "").empty());
  // As the data of an event that was too long used to come: no text, and no place either.
  SignatureScan open;
  CHECK(scan(open, {start(0, begun), signed_with(0, "good")}).empty());
  CHECK(open.on_event("content_block_stop", {}).empty());
  CHECK(of_message({}).empty());
}

TEST_CASE("a block that begins anew has lost what it had", "[wire]") {
  CHECK(scan({start(0, begun), signed_with(0, "old"), start(0, begun), signed_with(0, "new"),
              stop(0)}) == of({"new"}));
}

TEST_CASE("what never ends does not grow without bound", "[wire]") {
  SignatureScan one;
  const std::string piece(300'000, 'x');
  for (int i = 0; i < 10; ++i) scan(one, {signed_with(0, piece)});
  CHECK(scan(one, {stop(0)}).empty());
  for (int i = 0; i < 100; ++i) scan(one, {signed_with(i, "x")});
  std::vector<std::string> stops;
  for (int i = 0; i < 100; ++i) stops.push_back(stop(i));
  CHECK(scan(one, stops).size() == 16);
  CHECK(scan(one, {signed_with(0, "x"), stop(0)}) == of({"x"}));
}

TEST_CASE("a stream has the same signatures wherever it is cut", "[wire]") {
  std::string bytes;
  for (const std::string& data :
       {std::string(R"({"type":"message_start","message":{}})"), start(0, begun),
        delta(0, R"({"type":"thinking_delta","thinking":"h\u00fcm"})"), signed_with(0, "made/=+"),
        stop(0), start(1, R"({"type":"redacted_thinking","data":"hidden"})"), stop(1),
        start(2, R"({"type":"text","text":""})"), delta(2, R"({"type":"text_delta","text":"so"})"),
        stop(2), std::string(R"({"type":"message_stop"})")}) {
    bytes += "event: " + data.substr(9, data.find('"', 9) - 9) + "\r\ndata: " + data + "\n\n";
  }
  const Digests expected = of({"made/=+", "hidden"});
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Stream stream;
    stream.feed(bytes.substr(0, cut));
    stream.feed(bytes.substr(cut));
    REQUIRE(stream.digests == expected);
  }
  Stream slow;
  for (const char byte : bytes) slow.feed({&byte, 1});
  CHECK(slow.digests == expected);
}

TEST_CASE("a complete message tells its signatures in order", "[wire]") {
  CHECK(of_message(R"({"type":"message","role":"assistant","content":[)"
                   R"({"type":"thinking","thinking":"a \"signature\":\"no\"","signature":"one"},)"
                   R"({"type":"redacted_thinking","data":"two","signature":"no"},)"
                   R"({"type":"text","text":"redacted_thinking","signature":"no"},7,"signature",)"
                   R"({"signature":"three","type":"thinking"}],"usage":{}})") ==
        of({"one", "two", "three"}));
}

TEST_CASE("what is no message has no signatures", "[wire]") {
  for (const char* json :
       {"", "{", "[]", "7", R"("signature")", R"({"content":"\"signature\""})",
        R"({"content":{"type":"thinking","signature":"x"}})", R"([{"type":"redacted_thinking"}])",
        R"({"content":[{"type":"thinking","signature":"x"}])",
        R"({"message":{"content":[{"type":"thinking","signature":"x"}]}})"}) {
    INFO(json);
    CHECK(of_message(json).empty());
  }
}
