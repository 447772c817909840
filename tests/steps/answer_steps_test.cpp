#include <ccrelay/config.hpp>

#include <memory>
#include <string>

#include "exchange/answer_stage.hpp"
#include "identity/aws_answer.hpp"
#include "provider/error_about.hpp"
#include "steps/linear.hpp"
#include "wire/member_scan.hpp"
#include "wire/page_words.hpp"
#include "wire/said_wait.hpp"
#include "wire/usage_reader.hpp"

// What reads answers, of providers and of credential services: see linear.hpp.

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

constexpr std::size_t socket_bytes = 64 * 1024;

// An answer on its way to the client, of a provider that says this of it.
std::function<void(std::string_view)> stage(std::size_t piece, const std::string& type,
                                            bool wants_stream = true) {
  return [=](std::string_view text) {
    static wire::AnswerFacts facts;
    StreamConfig limits;
    limits.inspect_bytes = 1 << 20;
    const ResponseHead head{200, type.empty() ? Headers{} : Headers{{"content-type", type}}};
    exchange::AnswerStage::What what{Operation::messages, Dialect::anthropic, head,
                                     Outcome::success};
    what.wants_stream = wants_stream;
    exchange::AnswerStage stage(facts, limits, what, nullptr);
    bool failed = false;
    std::size_t shown = 0;
    in_pieces(text, piece, [&](std::string_view bytes) {
      if (failed) return;
      const auto step = stage.feed(bytes);
      failed = step.verdict == exchange::AnswerStage::Verdict::failed;
      shown += step.carried.size() + step.shown.size();
    });
    if (!failed) (void)stage.end(true);
    (void)stage.failure("");
  };
}

void scan_members(std::string_view text, std::size_t piece) {
  wire::MemberScan scan;
  in_pieces(text, piece, [&](std::string_view bytes) { scan.feed(bytes); });
  (void)scan.text(wire::MemberScan::Member::usage);
}

void read_usage(std::string_view text) {
  wire::UsageReader reader;
  reader.read(text);
  reader.read_metrics(text);
  (void)reader.report();
}

void mean(std::string_view text) {
  for (const int status : {200, 400, 403, 429, 500}) {
    provider::error_meaning({"anthropic", "claude-test", {}, WallTime{}}, status, {}, text);
    provider::error_meaning({"bedrock", "claude-test", {}, WallTime{}}, status, {}, text);
  }
}

}  // namespace

TEST_CASE("an answer goes through its stage in proportion to its size", "[steps]") {
  const std::string event =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n";
  const std::string ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n";
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    for (const std::string type : {"", "text/event-stream", "application/json"}) {
      CAPTURE(piece, type);
      const auto read = stage(piece, type);
      const Worst all[] = {
          {"blanks", [](auto n) { return times(n, " "); }, read},
          {"blanks behind a mark", [](auto n) { return "\xEF\xBB\xBF" + times(n, "\r\n"); }, read},
          {"zeros", [](auto n) { return times(n, std::string_view("\0", 1)) + "}"; }, read},
          {"colons", [](auto n) { return times(n, ":\n"); }, read},
          {"pings", [&](auto n) { return times(n / 16, ping); }, read},
          {"deltas", [&](auto n) { return times(n / 16, event); }, read},
          {"an event without end", [](auto n) { return "data:" + times(n, "a"); }, read},
          {"events after an error",
           [&](auto n) { return "event: error\ndata: {\"error\":{}}\n\n" + times(n / 16, event); },
           read},
          {"a message",
           [](auto n) {
             return R"({"type":"message","content":[)" + times(n, "0,") + "0],\"usage\":{}}";
           },
           read},
          {"an error", [](auto n) { return R"({"error":{"message":")" + times(n, "a ") + "\"}}"; },
           read},
      };
      for (const Worst& worst : all) {
        // What can be no answer is known by its first bytes.
        if (std::string_view(worst.name) == "zeros") continue;
        check_linear(worst, 4'096);
      }
    }
  }
}

TEST_CASE("the members of an answer are found in proportion to its size", "[steps]") {
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    const auto read = [=](std::string_view text) { scan_members(text, piece); };
    const Worst all[] = {
        {"members", [](auto n) { return "{" + times(n, "\"a\":0,") + "\"b\":1}"; }, read},
        {"usages", [](auto n) { return "{" + times(n, "\"usage\":{},") + "\"b\":1}"; }, read},
        {"messages",
         [](auto n) { return "{" + times(n, "\"message\":{\"id\":\"\"},") + "\"b\":1}"; }, read},
        {"a long usage", [](auto n) { return "{\"usage\":[" + times(n, "0,") + "0]}"; }, read},
        {"backslashes", [](auto n) { return "{\"a\":\"" + times(n, "\\\\") + "\"}"; }, read},
        {"quotes", [](auto n) { return "{\"a\":\"" + times(n, "\\\"") + "\"}"; }, read},
        {"a long name", [](auto n) { return "{\"" + times(n, "\\u0041") + "\":0}"; }, read},
        {"brackets", [](auto n) { return "{\"a\":" + times(n, "["); }, read},
        {"colons", [](auto n) { return "{\"usage\"" + times(n, ":"); }, read},
    };
    for (const Worst& worst : all) check_linear(worst, 8'192);
  }
}

TEST_CASE("what an answer tells of its use is read in proportion to its size", "[steps]") {
  const Worst all[] = {
      {"numbers", [](auto n) { return "{" + times(n, "\"input_tokens\":1,") + "\"b\":1}"; },
       read_usage},
      {"iterations",
       [](auto n) {
         return R"({"iterations":[)" + times(n, R"({"type":"message","output_tokens":1},)") +
                "{}]}";
       },
       read_usage},
      {"iterations of nothing",
       [](auto n) { return R"({"iterations":[)" + times(n, "0,") + "0]}"; }, read_usage},
      {"a long word", [](auto n) { return R"({"service_tier":")" + times(n, "a") + "\"}"; },
       read_usage},
      {"brackets", [](auto n) { return times(n, "["); }, read_usage},
  };
  for (const Worst& worst : all) check_linear(worst, 4'096);
}

TEST_CASE("an error's body is judged in proportion to its size", "[steps]") {
  const auto said = [](const std::string& words) {
    return [=](std::size_t n) {
      return R"({"type":"error","error":{"type":"a","message":")" + times(n, words) + "\"}}";
    };
  };
  const Worst all[] = {
      {"members", [](auto n) { return "{" + times(n, "\"code\":0,") + "\"b\":1}"; }, mean},
      {"errors", [](auto n) { return "[" + times(n, R"({"error":"a"},)") + "{}]"; }, mean},
      {"details",
       [](auto n) {
         return R"({"error":{"details":[)" + times(n, R"({"reason":"a","retryDelay":"1s"},)") +
                "{}]}}";
       },
       mean},
      {"a long message", said("a"), mean},
      {"words that begin", said("credit balance "), mean},
      {"waits", said("retry in 1 s, "), mean},
      {"ends", said("resets at 2026-01-01 "), mean},
      {"quotes", said("'"), mean},
      {"braces", said("{ "), mean},
      {"escaped braces", said("{\\\"a\\\":{}}"), mean},
      {"brackets", [](auto n) { return times(n, "["); }, mean},
      {"a page", [](auto n) { return "<html>" + times(n, "<p>"); },
       [](std::string_view text) {
         mean(text);
         wire::page_words(text, "text/html", 300);
       }},
  };
  for (const Worst& worst : all) check_linear(worst, 2'048);
}

TEST_CASE("how long to wait is read in proportion to the sentence", "[steps]") {
  const auto read = [](std::string_view text) {
    wire::wait_in_words(text, WallTime{}, std::chrono::minutes(0));
    wire::parse_duration(text);
    wire::parse_moment(text);
  };
  for (const char* words : {"retry in 1s ", "wait", "resets at 2026-01-01", "1s", "1h ", "9", "请",
                            "reset", "~ ", "and ", "about "}) {
    check_linear({words, [=](auto n) { return times(n, words); }, read}, 2'048);
  }
}

TEST_CASE("the words of a page are found, and cleaned, in proportion to its size", "[steps]") {
  // No more than 64 KiB are looked at.
  const auto page = [](std::string_view text) { wire::page_words(text, "text/html", 300); };
  for (const char* words : {"<script>", "</script>", "<script></", "<title>", "</", "<!--", "<",
                            "<a ", "&amp;", "&", "<p>", "<svg><svg>", " ", "\xff"}) {
    check_linear({words, [=](auto n) { return "<" + times(n, words); }, page}, 1'500);
  }
  const auto clean = [](std::string_view text) {
    wire::quotable(std::string(text), {"abcabc", "secret-of-ours"});
  };
  for (const char* words : {"sk-", "sk-0123456789 ", "=sk-", "bearer ", "bearer 0123456789ab ",
                            "x-api-key", "abcabc", "abc", "eyJ=", "a"}) {
    check_linear({words, [=](auto n) { return times(n, words); }, clean}, 4'096);
  }
  const auto json = [](std::string_view text) { wire::is_json_document(text); };
  check_linear({"an array", [](auto n) { return "[" + times(n, "0,") + "0]"; }, json}, 4'096);
}

TEST_CASE("what a credential service says is read in proportion to its size", "[steps]") {
  const auto json = [](std::string_view text) { (void)identity::read_aws_json(text, "Token"); };
  const auto xml = [](std::string_view text) { (void)identity::read_aws_xml(text); };
  const std::string keys = R"("AccessKeyId":"a","SecretAccessKey":"b","Token":"c",)";
  const Worst all[] = {
      {"json: keys", [&](auto n) { return "{" + times(n / 16, keys) + "\"b\":1}"; }, json},
      {"json: a long key",
       [](auto n) { return R"({"AccessKeyId":")" + times(n, "\\u0041") + "\"}"; }, json},
      {"json: brackets", [](auto n) { return "{\"a\":[" + times(n, "0,") + "0]}"; }, json},
      {"xml: almost", [](auto n) { return times(n, "<AccessKeyI"); }, xml},
      {"xml: escapes",
       [](auto n) { return "<AccessKeyId>" + times(n, "&amp;") + "</AccessKeyId>"; }, xml},
      {"xml: openings", [](auto n) { return times(n, "<AccessKeyId>"); }, xml},
  };
  for (const Worst& worst : all) check_linear(worst, 2'048);
}
