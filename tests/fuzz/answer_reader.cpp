// A provider's answer: the same head, body and verdict however the bytes are cut and however often
// its reader pauses, and never a byte of body beyond the framing (RFC 9112 section 6). An answer
// that is framed as it should be is read to its last byte and no further.
#include "http/answer_reader.hpp"

#include "fuzz/http_text.hpp"

using namespace ccrelay;
using Step = http::AnswerReader::Step;
using Take = http::AnswerReader::Take;

namespace {

struct Reading final : http::AnswerReader::Sink {
  explicit Reading(std::string_view pause_script) : pauses(pause_script) {}

  bool on_answer_head(ResponseHead answer) override {
    FUZZ_CHECK(!head && !over);
    FUZZ_CHECK(answer.status >= 200 && answer.status <= 999);
    head = "head " + std::to_string(answer.status) + "\n" + fuzz::checked_fields(answer.headers);
    if (!answer.headers.contains("transfer-encoding")) {
      announced = base::parse_number(answer.headers.get("content-length").value_or(""));
    }
    bodiless = answer.status == 204 || answer.status == 304;
    return !stops_at_head;
  }
  Take on_answer_body(std::string_view bytes) override {
    FUZZ_CHECK(head && !over && !bodiless && !bytes.empty());
    const bool pause = !pauses.empty() && pauses[body_calls++ % pauses.size()] & 1;
    if (pause) return Take::pause;
    take(bytes);
    return Take::taken;
  }
  void take(std::string_view bytes) {
    body += bytes;
    FUZZ_CHECK(!announced || body.size() <= *announced);
  }

  std::string_view pauses;
  std::size_t body_calls = 0;
  std::optional<std::string> head;
  std::optional<std::uint64_t> announced;
  std::string body;
  bool bodiless = false;
  bool over = false;
  bool stops_at_head = false;
};

struct Outcome {
  std::string text;
  std::string body;
  std::size_t taken = 0;
  bool complete = false;
  bool refused = false;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::string_view cuts, std::string_view pauses,
             std::uint8_t steering) {
  Reading reading(pauses);
  reading.stops_at_head = (steering & 0x30) == 0x30;
  http::AnswerReader reader(reading);
  const bool answers_head = steering & 0x40;
  reader.begin(answers_head);
  reading.bodiless = answers_head;
  Outcome out;
  Step step = Step::more;
  fuzz::in_pieces(bytes, cuts, [&](std::string_view piece) {
    while (!reading.over && (!piece.empty() || step == Step::paused)) {
      std::size_t taken = 0;
      step = reader.feed(piece, taken);
      FUZZ_CHECK(taken <= piece.size());
      FUZZ_CHECK(step != Step::more || taken == piece.size());
      out.taken += taken;
      piece.remove_prefix(taken);
      if (step == Step::paused) {
        FUZZ_CHECK(!reader.untaken().empty());
        reading.take(reader.untaken());
      } else if (step != Step::more) {
        reading.over = true;
      }
    }
  });
  if (step == Step::more && reader.finish() == Step::complete) {
    FUZZ_CHECK(!reader.keeps_alive() || answers_head);
    step = Step::complete;
  }
  out.complete = step == Step::complete;
  out.refused = step == Step::refused;
  FUZZ_CHECK(out.refused != reader.problem().empty());
  FUZZ_CHECK((step == Step::stopped) == (reading.stops_at_head && reading.head));
  FUZZ_CHECK(reading.head.has_value() == reader.head_complete() || out.refused);
  FUZZ_CHECK(reading.body.size() <= out.taken);
  if (out.complete) {
    FUZZ_CHECK(reading.head);
    const bool has_body = !answers_head && !reading.bodiless;
    if (has_body && reading.announced) FUZZ_CHECK(reading.body.size() == *reading.announced);
    if (!has_body) FUZZ_CHECK(reading.body.empty());
  }
  out.text = reading.head.value_or("no head") + reader.problem();
  if (out.complete && reader.keeps_alive()) out.text += " keeps alive";
  out.body = std::move(reading.body);
  return out;
}

// A body in the framing of one or the other, with something behind it that is none of it.
void read_framed(std::string_view body, std::string_view cuts, std::string_view pauses,
                 std::uint8_t steering) {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  if (steering & 2) {
    bytes += "Transfer-Encoding: chunked\r\n\r\n";
    fuzz::in_pieces(body, pauses, [&](std::string_view piece) {
      static constexpr char digits[] = "0123456789abcdef";
      bytes += digits[piece.size() >> 8 & 15];
      bytes += digits[piece.size() >> 4 & 15];
      bytes += digits[piece.size() & 15];
      bytes.append("\r\n").append(piece).append("\r\n");
    });
    bytes += "0\r\n\r\n";
  } else {
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    bytes += body;
  }
  const std::size_t length = bytes.size();
  bytes += "HTTP/1.1 200 OK\r\n\r\nmore";
  const Outcome out = read(bytes, cuts, pauses, 0);
  FUZZ_CHECK(out.complete && out.taken == length && out.body == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(1 + (steering >> 2) % 4);
  const std::string_view pauses = input.bytes(4);
  if (steering & 1) {
    read_framed(input.rest(), cuts, pauses, steering);
  } else {
    FUZZ_CHECK(read(input.rest(), {}, {}, steering) == read(input.rest(), cuts, pauses, steering));
  }
  return 0;
}
