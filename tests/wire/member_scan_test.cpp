#include "wire/member_scan.hpp"

#include <string>

#include "catch.hpp"

using namespace ccrelay::wire;
using Member = MemberScan::Member;

namespace {

MemberScan scanned(std::string_view json) {
  MemberScan scan;
  scan.feed(json);
  return scan;
}

std::string text(const MemberScan& scan, Member member) {
  return std::string(scan.text(member));
}

}  // namespace

TEST_CASE("the members of an answer are found wherever its bytes are cut", "[wire]") {
  const std::string json =
      R"( {"id" : "msg_1","content":[{"type":"text","text":"\"usage\":{\\"},{"usage":1}],)"
      R"("type":"message","model":"claude","stop_reason":null,)"
      R"("usage": {"input_tokens":1,"x":[{"usage":2}],"s":"}"} ,"more":{"id":"no"}} )";
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    MemberScan scan;
    scan.feed(std::string_view(json).substr(0, cut));
    scan.feed(std::string_view(json).substr(cut));
    CAPTURE(cut);
    CHECK(text(scan, Member::id) == R"("msg_1")");
    CHECK(text(scan, Member::type) == R"("message")");
    CHECK(text(scan, Member::model) == R"("claude")");
    CHECK(text(scan, Member::stop_reason) == "null");
    CHECK(text(scan, Member::usage) == R"({"input_tokens":1,"x":[{"usage":2}],"s":"}"})");
    CHECK(scan.text_in_message(Member::usage).empty());
    CHECK(scan.whole());
  }
  MemberScan bytewise;
  for (const char& c : json) bytewise.feed({&c, 1});
  CHECK(text(bytewise, Member::usage) == R"({"input_tokens":1,"x":[{"usage":2}],"s":"}"})");
}

TEST_CASE("the members of the message in a stream's first event are found apart", "[wire]") {
  const auto scan =
      scanned(R"({"type":"message_start","message":{"id":"m","usage":{"input_tokens":7},)"
              R"("content":[{"id":"no"}],"model":"c"},"usage":{"output_tokens":1}})");
  CHECK(text(scan, Member::type) == R"("message_start")");
  CHECK(text(scan, Member::usage) == R"({"output_tokens":1})");
  CHECK(scan.text_in_message(Member::usage) == R"({"input_tokens":7})");
  CHECK(scan.text_in_message(Member::id) == R"("m")");
  CHECK(scan.text_in_message(Member::model) == R"("c")");
  CHECK(scan.text(Member::id).empty());
}

TEST_CASE("a message that is no object has no members", "[wire]") {
  CHECK(scanned(R"({"message":[{"id":"m"}],"x":{"id":"n"}})").text_in_message(Member::id).empty());
  CHECK(scanned(R"({"message":"id","x":{"id":"n"}})").text_in_message(Member::id).empty());
  CHECK(scanned(R"({"x":{"message":{"id":"n"}}})").text_in_message(Member::id).empty());
}

TEST_CASE("of a member that comes twice the last counts", "[wire]") {
  const auto scan = scanned(R"({"id":1,"id":2,"message":{"id":3},"message":{"model":4}})");
  CHECK(text(scan, Member::id) == "2");
  CHECK(scan.text_in_message(Member::id).empty());
  CHECK(scan.text_in_message(Member::model) == "4");
}

TEST_CASE("a member that is not whole is not told", "[wire]") {
  CHECK(scanned(R"({"usage":{"input_tokens":1)").text(Member::usage).empty());
  CHECK(scanned(R"({"usage":{"input_tokens":1})").text(Member::usage).empty());
  CHECK(text(scanned(R"({"usage":{"input_tokens":1},)"), Member::usage) == R"({"input_tokens":1})");
  CHECK_FALSE(scanned(R"({"usage":{"input_tokens":1},)").whole());
}

TEST_CASE("a member of megabytes is passed over, and what follows is found", "[wire]") {
  const std::string json = R"({"usage":")" + std::string(3 << 20, 'x') +
                           R"(","id":"m","content":")" + std::string(1 << 20, '\\') +
                           R"(","type":1})";
  MemberScan scan;
  for (std::size_t at = 0; at < json.size(); at += 4096) {
    scan.feed(std::string_view(json).substr(at, 4096));
  }
  CHECK(scan.text(Member::usage).empty());
  CHECK(text(scan, Member::id) == R"("m")");
  CHECK(text(scan, Member::type) == "1");
  CHECK(scan.whole());
}

TEST_CASE("what is no object has no members", "[wire]") {
  for (const auto* json : {R"([{"id":1}])", R"("id")", "", "}}}{", "]:,\"", "<html>\"id\":1,"}) {
    CAPTURE(json);
    CHECK(scanned(json).text(Member::id).empty());
  }
  CHECK(scanned(R"({})").whole());
  CHECK_FALSE(scanned(R"([])").whole());
}

TEST_CASE("a key that only looks like one is another", "[wire]") {
  CHECK(scanned(R"({"ids":1,"i":2,"usage_and_much_more":3,"\"id":4,"id\"":5})")
            .text(Member::id)
            .empty());
  CHECK(scanned(R"({"x":"id","y":["id",":",1]})").text(Member::id).empty());
}
