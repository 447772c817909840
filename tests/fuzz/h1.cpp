// A client's connection: the same requests however the bytes are cut, every head one that nobody
// can read in two ways (RFC 9110 section 5, RFC 9112 section 3), every answer whole.
#include "base/ascii.hpp"
#include "fuzz/http_text.hpp"
#include "http/h1_codec.hpp"

using namespace ccrelay;

namespace {

struct Calls final : http::H1Sink {
  void on_request_head(RequestHead head) override {
    FUZZ_CHECK(!in_request && !refused);
    in_request = true;
    text += "head " + head.method + " " + head.target + "\n";
    FUZZ_CHECK(!head.target.empty() && head.target.find_first_of(" \r\n") == std::string::npos);
    text += fuzz::checked_fields(head.headers);
    const auto length = head.headers.get("content-length");
    if (length) FUZZ_CHECK(base::parse_number(*length));
    announced = length ? base::parse_number(*length) : std::nullopt;
    body = 0;
  }
  void on_request_body(std::string_view bytes) override {
    FUZZ_CHECK(in_request && !refused && !bytes.empty());
    text += bytes;
    body += bytes.size();
  }
  void on_request_end() override {
    FUZZ_CHECK(in_request && !refused);
    FUZZ_CHECK(!announced || *announced == body);
    in_request = false;
    text += "\nend\n";
  }
  void on_refusal(http::Refusal refusal) override {
    FUZZ_CHECK(!refused && refusal.status >= 400 && !refusal.message.empty());
    refused = true;
    text += "refused " + std::to_string(refusal.status) + "\n";
  }

  std::string text;
  std::optional<std::uint64_t> announced;
  std::uint64_t body = 0;
  bool in_request = false;
  bool refused = false;
};

// One connection. Each request is answered as soon as it has ended.
std::string run(std::string_view bytes, std::string_view cuts, bool sized) {
  Calls calls;
  http::H1Codec codec(calls, 1024, 16);
  base::ByteQueue out;
  const auto answer = [&] {
    ResponseHead head;
    if (sized) head.headers.add("content-length", "2");
    codec.write_head(out, head, calls.refused);
    codec.write_body(out, "ok");
    codec.write_end(out);
    FUZZ_CHECK(!codec.answer_incomplete());
    const std::string answer = out.take();
    FUZZ_CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    calls.text += answer;
  };
  bool open = true;
  fuzz::in_pieces(bytes, cuts, [&](std::string_view piece) {
    while (open && !piece.empty()) {
      if (codec.expects_continue()) {
        codec.write_continue(out);
        out.clear();
      }
      const bool was_refused = calls.refused;
      const std::size_t taken = codec.feed(piece);
      FUZZ_CHECK(taken <= piece.size());
      piece.remove_prefix(taken);
      if (calls.refused && !was_refused) answer();
      const bool complete =
          !calls.refused && !codec.in_head() && !codec.in_body() && calls.text.ends_with("\nend\n");
      if (complete) answer();
      open = !calls.refused && (!complete || codec.keeps_alive());
      FUZZ_CHECK(!open || complete || piece.empty());
      codec.next_request();
    }
  });
  return calls.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(1 + steering % 8);
  const bool sized = steering & 0x80;
  FUZZ_CHECK(run(input.rest(), {}, sized) == run(input.rest(), cuts, sized));
  return 0;
}
