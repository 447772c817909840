#include <string>
#include <vector>

#include "http/answer_reader.hpp"
#include "http/h1_codec.hpp"
#include "http/h2_codec.hpp"
#include "http/header_rules.hpp"
#include "steps/linear.hpp"
#include "support/h2_frames.hpp"

// Each reader of HTTP and what is worst for it: see linear.hpp.

using namespace ccrelay;
using namespace ccrelay::testing;

namespace {

constexpr std::size_t no_limit = std::size_t{1} << 40;
constexpr std::size_t socket_bytes = 64 * 1024;

struct NoRequests final : http::H1Sink {
  void on_request_head(RequestHead) override {}
  void on_request_body(std::string_view) override {}
  void on_request_end() override {}
  void on_refusal(http::Refusal) override { refused = true; }
  bool refused = false;
};

std::function<void(std::string_view)> h1_reader(std::size_t piece, bool good = true) {
  return [=](std::string_view text) {
    NoRequests sink;
    http::H1Codec codec(sink, no_limit, no_limit);
    in_pieces(text, piece, [&](std::string_view bytes) {
      while (!bytes.empty()) {
        bytes.remove_prefix(codec.feed(bytes));
        codec.next_request();
      }
    });
    CHECK(sink.refused != good);
  };
}

struct NoAnswer final : http::AnswerReader::Sink {
  bool on_answer_head(ResponseHead head) override {
    passed = http::forwardable_response_headers(head.headers, true);
    return true;
  }
  http::AnswerReader::Take on_answer_body(std::string_view) override {
    return http::AnswerReader::Take::taken;
  }
  Headers passed;
};

std::function<void(std::string_view)> answer_reader(std::size_t piece) {
  return [=](std::string_view text) {
    NoAnswer sink;
    http::AnswerReader reader(sink);
    in_pieces(text, piece, [&](std::string_view bytes) {
      std::size_t taken = 0;
      reader.feed(bytes, taken);
    });
  };
}

struct NoStreams final : http::H2Sink {
  void on_request_head(http::StreamId id, RequestHead) override {
    codec->write_head(id, {200, {}});
    codec->write_end(id);
  }
  void on_request_body(http::StreamId id, std::string_view bytes) override {
    codec->take(id, bytes.size());
  }
  void on_request_end(http::StreamId) override {}
  void on_refusal(http::StreamId id, http::Refusal) override { codec->cancel(id); }
  void on_stream_closed(http::StreamId, bool) override {}
  void on_incident(http::H2Incident) override {}
  http::H2Codec* codec = nullptr;
};

std::function<void(std::string_view)> h2_reader(std::size_t piece) {
  return [=](std::string_view text) {
    http::H2Limits limits;
    limits.header_bytes_max = std::size_t{1} << 30;
    limits.header_count_max = no_limit;
    limits.frame_budget = 1'000'000'000;
    NoStreams sink;
    http::H2Codec codec(sink, limits);
    sink.codec = &codec;
    in_pieces(text, piece, [&](std::string_view bytes) {
      codec.feed(bytes, TimePoint{});
      base::ByteQueue out;
      codec.write_to(out, no_limit);
    });
  };
}

std::string long_block(const std::string& fields) {
  std::string block = h2::block(h2::fields("GET", "/")) + fields;
  std::string out = h2::opening();
  constexpr std::size_t frame_max = 16'384;
  for (std::size_t at = 0; at < block.size(); at += frame_max) {
    const bool last = at + frame_max >= block.size();
    out += h2::frame(at == 0 ? h2::headers : h2::continuation, last ? h2::end_headers : 0, 1,
                     block.substr(at, frame_max));
  }
  return out;
}

const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string ok_chunked = ok + "transfer-encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("a client's HTTP/1.1 is read in proportion to its size", "[steps]") {
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    const Worst all[] = {
        {"fields", [](auto n) { return post + times(n, "a:\r\n") + "\r\n"; }, h1_reader(piece)},
        {"a long value", [](auto n) { return post + "a:" + times(n, "b") + "\r\n\r\n"; },
         h1_reader(piece)},
        {"blanks", [](auto n) { return post + "a:" + times(n, " ") + "\r\n\r\n"; },
         h1_reader(piece)},
        {"a long target",
         [](auto n) { return "GET /" + times(n, "%41") + " HTTP/1.1\r\nHost: a\r\n\r\n"; },
         h1_reader(piece)},
        {"Connection", [](auto n) { return post + times(n, "connection: a,\r\n") + "\r\n"; },
         h1_reader(piece)},
        {"one Connection",
         [](auto n) { return post + "connection: " + times(n, "a,") + "\r\n\r\n"; },
         h1_reader(piece)},
        {"empty lines", [](auto n) { return times(n, "\r\n"); }, h1_reader(piece)},
        {"requests", [](auto n) { return times(n, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); },
         h1_reader(piece)},
        {"chunks", [](auto n) { return chunked + times(n, "1\r\nx\r\n"); }, h1_reader(piece)},
        {"extensions", [](auto n) { return chunked + "1" + times(n, ";a=\"\\b\"") + "\r\n"; },
         h1_reader(piece)},
        {"trailers", [](auto n) { return chunked + "0\r\n" + times(n, "a:\r\n"); },
         h1_reader(piece)},
        {"codings", [](auto n) { return post + times(n, "transfer-encoding: a\r\n") + "\r\n"; },
         h1_reader(piece, false)},
        {"one coding",
         [](auto n) { return post + "transfer-encoding: " + times(n, "a,") + "\r\n\r\n"; },
         h1_reader(piece, false)},
    };
    for (const Worst& worst : all) check_linear(worst, 2'048);
  }
}

TEST_CASE("a provider's HTTP/1.1 is read in proportion to its size", "[steps]") {
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    const Worst all[] = {
        {"fields", [](auto n) { return ok + times(n, "a:\r\n") + "\r\n"; }, answer_reader(piece)},
        {"fields that go on", [](auto n) { return ok + times(n, "age:\r\n") + "\r\n"; },
         answer_reader(piece)},
        {"Connection", [](auto n) { return ok + times(n, "connection:a\r\n") + "\r\n"; },
         answer_reader(piece)},
        {"one Connection",
         [](auto n) { return ok + "connection: " + times(n, "a,") + "\r\nage:1\r\n\r\n"; },
         answer_reader(piece)},
        {"lengths",
         [](auto n) { return ok + times(n, "vary: a\r\n") + "content-length: 0\r\n\r\n"; },
         answer_reader(piece)},
        {"a folded value", [](auto n) { return ok + "a: b" + times(n, "\r\n c") + "\r\n\r\n"; },
         answer_reader(piece)},
        {"interim answers", [](auto n) { return times(n, "HTTP/1.1 103\r\n\r\n"); },
         answer_reader(piece)},
        {"chunks", [](auto n) { return ok_chunked + times(n, "1\r\nx\r\n"); },
         answer_reader(piece)},
        {"extensions", [](auto n) { return ok_chunked + "1" + times(n, ";a=\"\\b\"") + "\r\n"; },
         answer_reader(piece)},
        {"trailers", [](auto n) { return ok_chunked + "0\r\n" + times(n, "a:\r\n"); },
         answer_reader(piece)},
        {"body", [](auto n) { return ok + "\r\n" + times(n, "\r"); }, answer_reader(piece)},
    };
    for (const Worst& worst : all) check_linear(worst, 4'096);
  }
}

TEST_CASE("a client's HTTP/2 is read in proportion to its size", "[steps]") {
  const auto streams = [](std::size_t n, auto make) {
    std::string out = h2::opening();
    for (std::size_t i = 0; i < n; ++i) out += make(static_cast<std::uint32_t>(2 * i + 1));
    return out;
  };
  const std::string open = h2::opening() + h2::head(1, h2::fields("POST", "/"), false);
  for (const std::size_t piece : {socket_bytes, std::size_t{1}}) {
    CAPTURE(piece);
    const Worst all[] = {
        {"requests", [&](auto n) { return streams(n, [](auto id) { return h2::get(id, "/"); }); },
         h2_reader(piece)},
        {"requests that are taken back",
         [&](auto n) {
           return streams(n, [](auto id) { return h2::get(id, "/") + h2::rst(id, h2::cancel); });
         },
         h2_reader(piece)},
        {"DATA of a byte", [&](auto n) { return open + times(n, h2::frame(h2::data, 0, 1, "x")); },
         h2_reader(piece)},
        {"empty DATA", [&](auto n) { return open + times(n, h2::frame(h2::data, 0, 1, "")); },
         h2_reader(piece)},
        {"PING", [&](auto n) { return open + times(n, h2::frame(h2::ping, 0, 0, "12345678")); },
         h2_reader(piece)},
        {"SETTINGS", [&](auto n) { return open + times(n, h2::frame(h2::settings, 0, 0)); },
         h2_reader(piece)},
        {"windows", [&](auto n) { return open + times(n, h2::window(1, 1)); }, h2_reader(piece)},
        {"CONTINUATION",
         [&](auto n) {
           return h2::opening() + h2::frame(h2::headers, 0, 1, h2::block(h2::fields("GET", "/"))) +
                  times(n, h2::frame(h2::continuation, 0, 1, ""));
         },
         h2_reader(piece)},
        {"fields",
         [&](auto n) {
           return long_block(times(n, h2::block({{"a", "b"}})));
         },
         h2_reader(piece)},
        {"cookies",
         [&](auto n) {
           return long_block(times(n, h2::block({{"cookie", "b"}})));
         },
         h2_reader(piece)},
    };
    for (const Worst& worst : all) check_linear(worst, 512);
  }
}

// What it may decode to is the limit, however many references a block has.
TEST_CASE("references of HPACK cost no more than their limit", "[steps]") {
  const auto references = [](std::size_t n) {
    return long_block("\x40\x01x\x7f\xa1\x1e" + std::string(4'000, 'v') + std::string(n, '\xbe'));
  };
  const auto read = [](std::string_view text) {
    NoStreams sink;
    http::H2Codec codec(sink, http::H2Limits{});
    sink.codec = &codec;
    in_pieces(text, socket_bytes, [&](std::string_view bytes) { codec.feed(bytes, TimePoint{}); });
    CHECK(codec.fields_decoded() < 100);
  };
  steps_of(read, references(1'000));
  const auto few = steps_of(read, references(1'000));
  const auto many = steps_of(read, references(200'000));
  INFO(few << " steps, then " << many);
  // A step or two a byte for looking at frames.
  CHECK(many < few + 200'000 * 4);
}

TEST_CASE("fields are filtered in proportion to their number", "[steps]") {
  const auto filter = [](std::string_view text) {
    Headers headers;
    while (!text.empty()) {
      const auto end = text.find('\n');
      headers.add(text.substr(0, end), "a,b");
      text.remove_prefix(end + 1);
    }
    http::forwardable_request_headers(headers);
    http::forwardable_response_headers(headers, true);
  };
  const auto numbered = [](std::string_view prefix) {
    return [=](std::size_t n) {
      std::string out;
      for (std::size_t i = 0; i < n; ++i) {
        out += std::string(prefix) + std::to_string(100'000 + i) + "\n";
        out += "connection\n";
      }
      return out;
    };
  };
  check_linear({"unknown names", numbered("x-"), filter}, 2'048);
  check_linear({"limits", numbered("x-ratelimit-"), filter}, 2'048);
  check_linear({"lengths", [](auto n) { return times(n, "content-length\n"); }, filter}, 2'048);
}
