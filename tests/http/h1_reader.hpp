#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_queue.hpp"
#include "http/h1_codec.hpp"

namespace ccrelay::testing {

/// Writes down the calls; pieces of one body become one, since cuts decide about them.
struct H1Recorder final : http::H1Sink {
  void on_request_head(RequestHead head) override {
    calls += "head " + head.method + " " + head.target + " 1." +
             std::to_string(head.version_minor) + "\n";
    for (const Header field : head.headers) {
      calls.append("  ").append(field.name).append("=").append(field.value).append("\n");
    }
    in_body = false;
  }
  void on_request_body(std::string_view bytes) override {
    if (!in_body) calls += "body ";
    in_body = true;
    calls += bytes;
  }
  void on_request_end() override {
    if (in_body) calls += "\n";
    in_body = false;
    calls += "end\n";
  }
  void on_refusal(http::Refusal refusal) override {
    if (in_body) calls += "\n";
    in_body = false;
    calls += "refused " + std::to_string(refusal.status) + " " + refusal.message + "\n";
  }
  std::string calls;
  bool in_body = false;
};

inline constexpr std::size_t plenty = 64 * 1024;

/// A codec and what it said.
struct H1Reader {
  explicit H1Reader(std::size_t header_bytes_max = plenty)
      : codec(recorder, header_bytes_max, 200) {}

  /// Like a connection whose answers are out at once.
  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(codec.feed(bytes));
      codec.next_request();
    }
  }

  H1Recorder recorder;
  http::H1Codec codec;
};

inline std::string read(std::string_view bytes, std::size_t header_bytes_max = plenty) {
  H1Reader reader(header_bytes_max);
  reader.feed(bytes);
  return reader.recorder.calls;
}

inline bool starts(const std::string& text, std::string_view prefix) {
  return std::string_view(text).substr(0, prefix.size()) == prefix;
}

inline std::string request(const std::string& line, const std::string& headers,
                           const std::string& body = {}) {
  return line + "\r\n" + headers + "\r\n" + body;
}

/// The bytes of an answer to `request_text`, body in two pieces, and how it went.
struct H1Written {
  std::string bytes;
  bool keeps_alive = false;
  bool incomplete = false;
};

inline H1Written answer(const std::string& request_text, const ResponseHead& head,
                        const std::vector<std::string>& body, bool close = false) {
  H1Reader reader;
  reader.codec.feed(request_text);
  base::ByteQueue out;
  reader.codec.write_head(out, head, close);
  for (const std::string& piece : body) reader.codec.write_body(out, piece);
  reader.codec.write_end(out);
  return {std::string(out.view()), reader.codec.keeps_alive(), reader.codec.answer_incomplete()};
}

inline const std::string get_1_1 = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
inline const std::string get_1_0 = "GET / HTTP/1.0\r\n\r\n";

}  // namespace ccrelay::testing
