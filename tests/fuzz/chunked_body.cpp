// A chunked body: the same body, verdict and end however the bytes are cut, nothing beyond its end
// is taken, and what RFC 9112 section 7.1 allows to stand around chunks changes nothing.
#include "http/chunked_body.hpp"

#include <cstdio>
#include <string>

#include "fuzz/input.hpp"

using namespace ccrelay;
using http::ChunkedBody;

namespace {

struct Outcome {
  std::string body;
  std::size_t taken = 0;
  bool complete = false;
  int status = 0;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::string_view cuts, bool request, std::size_t surplus_max) {
  ChunkedBody chunks(request ? ChunkedBody::Of::request : ChunkedBody::Of::answer, 8);
  chunks.begin(surplus_max);
  Outcome out;
  std::uint64_t due = 0;
  fuzz::in_pieces(bytes, cuts, [&](std::string_view piece) {
    const std::size_t size = piece.size();
    while (true) {
      const std::string_view run = chunks.next(piece);
      if (const auto announced = chunks.take_announced()) {
        FUZZ_CHECK(due == 0 && *announced > 0);
        due = *announced;
      }
      if (run.empty()) break;
      FUZZ_CHECK(run.size() <= due);
      due -= run.size();
      out.body += run;
    }
    FUZZ_CHECK(piece.empty() || chunks.complete() || chunks.objection().status != 0);
    out.taken += size - piece.size();
  });
  out.complete = chunks.complete();
  out.status = chunks.objection().status;
  FUZZ_CHECK(!out.complete || out.status == 0);
  FUZZ_CHECK(!out.complete || due == 0);
  return out;
}

// The bytes as chunks with extensions; something stands behind the end.
void read_framed(std::string_view body, std::string_view cuts, std::string_view sizes,
                 std::uint8_t steering) {
  static constexpr std::string_view extensions[] = {
      "", ";a", ";a=b;c", " ; a = b", "\t;\ta=\"b;\\\"\\\\c\"", ";a=\"\"", ";a;a;a", ";x=\"\t y\""};
  std::string bytes;
  std::size_t count = steering;
  fuzz::in_pieces(body, sizes, [&](std::string_view piece) {
    char size[20];
    std::snprintf(size, sizeof size, count % 2 ? "%zX" : "%04zx", piece.size());
    bytes.append(size).append(extensions[count++ % 8]).append("\r\n").append(piece).append("\r\n");
  });
  bytes.append("0").append(extensions[count % 8]).append("\r\n");
  if (steering & 1) bytes += "x-trailer: y\r\n";
  bytes += "\r\n";
  const std::size_t length = bytes.size();
  const Outcome out = read(bytes + "HTTP/1.1", cuts, steering & 2, 1 << 30);
  FUZZ_CHECK(out.complete && out.taken == length && out.body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(1 + (steering >> 2) % 4);
  const std::string_view sizes = input.bytes(4);
  if (steering & 0x80) {
    read_framed(input.rest(), cuts, sizes, steering);
    return 0;
  }
  const std::size_t surplus_max = steering & 0x40 ? 64 : 1 << 20;
  FUZZ_CHECK(read(input.rest(), {}, steering & 1, surplus_max) ==
             read(input.rest(), cuts, steering & 1, surplus_max));
  return 0;
}
