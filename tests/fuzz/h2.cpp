// A client's HTTP/2 connection as a whole, with a handler that answers in every way there is:
// frames that RFC 9113 allows come out whatever goes in, each stream's story is told in order, a
// connection that has failed tells nothing more, and what a client can have us do for nothing is
// bounded. The same requests however the bytes are cut.
#include "http/h2_codec.hpp"

#include <array>
#include <optional>
#include <utility>

#include "fuzz/h2_frames_seen.hpp"
#include "fuzz/http_text.hpp"

using namespace ccrelay;
namespace h2 = testing::h2;

namespace {

// What a handler does, over and over.
class Script {
 public:
  explicit Script(std::string_view bytes) : bytes_(bytes) {}
  std::uint8_t next() {
    return bytes_.empty() ? 0 : static_cast<std::uint8_t>(bytes_[at_++ % bytes_.size()]);
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

struct Stream {
  std::string request;  // of the body
  std::optional<std::uint64_t> announced;
  std::size_t untaken = 0;
  std::optional<std::uint64_t> answer_announced;
  std::uint64_t written = 0;
  bool is_head = false;
  bool refused = false, request_ended = false;
  bool answered = false, ended = false, given_up = false;
  bool closed = false, closed_answered = false;
};

class Connection final : public http::H2Sink {
 public:
  Connection(const http::H2Limits& limits, std::string_view script)
      : limits_(limits), script_(script), codec_(*this, limits) {}

  void on_request_head(http::StreamId id, RequestHead head) override {
    FUZZ_CHECK(!dead_ && id > 0 && id % 2 == 1 && streams_.count(id) == 0);
    FUZZ_CHECK(!head.target.empty() && (head.target == "*" || head.target.front() == '/'));
    FUZZ_CHECK(head.target.find_first_of(" \r\n") == std::string::npos);
    FUZZ_CHECK(fuzz::is_token(head.method) && head.headers.contains("host"));
    std::size_t bytes = head.method.size() + head.target.size();
    for (const Header field : head.headers) {
      bytes += field.name.size() + field.value.size();
      FUZZ_CHECK(field.name != "connection" && field.name != "transfer-encoding");
    }
    FUZZ_CHECK(bytes <= limits_.header_bytes_max);
    log_ += std::to_string(id) + " head " + head.method + " " + head.target + "\n" +
            fuzz::checked_fields(head.headers);
    Stream& stream = streams_[id];
    FUZZ_CHECK(open() <= limits_.streams_max);
    if (const auto length = head.headers.get("content-length")) {
      stream.announced = base::parse_number(*length);
      FUZZ_CHECK(stream.announced);
    }
    stream.is_head = head.method == "HEAD";
    if (codec_.expects_continue(id) && script_.next() % 2 == 0) codec_.write_continue(id);
    answer(id);
  }
  void on_request_body(http::StreamId id, std::string_view bytes) override {
    Stream& stream = streams_.at(id);
    FUZZ_CHECK(!dead_ && !stream.refused && !stream.request_ended && !stream.closed);
    FUZZ_CHECK(!codec_.expects_continue(id));
    stream.request += bytes;
    if (takes_) {
      codec_.take(id, bytes.size());
    } else {
      stream.untaken += bytes.size();
    }
  }
  void on_request_end(http::StreamId id) override {
    Stream& stream = streams_.at(id);
    FUZZ_CHECK(!dead_ && !stream.refused && !stream.request_ended && !stream.closed);
    FUZZ_CHECK(!stream.announced || *stream.announced == stream.request.size());
    stream.request_ended = true;
    log_ += std::to_string(id) + " end " + stream.request + "\n";
    answer(id);
  }
  void on_refusal(http::StreamId id, http::Refusal refusal) override {
    Stream& stream = streams_[id];
    FUZZ_CHECK(!dead_ && !stream.refused && !stream.request_ended && !stream.closed);
    FUZZ_CHECK(refusal.status >= 400 && !refusal.message.empty());
    FUZZ_CHECK(open() <= limits_.streams_max);
    stream.refused = true;
    log_ += std::to_string(id) + " refused " + std::to_string(refusal.status) + "\n";
    answer(id);
  }
  void on_stream_closed(http::StreamId id, bool answered) override {
    Stream& stream = streams_.at(id);
    FUZZ_CHECK(!stream.closed);
    stream.closed = true;
    stream.closed_answered = answered;
    log_ += std::to_string(id) + (answered ? " answered\n" : " closed\n");
  }
  void on_incident(http::H2Incident incident) override {
    ++incidents_[incident];
    if (incident == http::H2Incident::connection_error || incident == http::H2Incident::flood) {
      FUZZ_CHECK(!dead_);
      dead_ = true;
      log_ += "dead\n";
    }
  }

  void feed(std::string_view bytes) {
    if (codec_.finished()) return;
    given_.append(bytes);
    codec_.feed(bytes, now_);
    check();
  }
  void write(std::size_t bytes_max) {
    base::ByteQueue out;
    codec_.write_to(out, bytes_max);
    seen_.read(out.view());
    for (const http::StreamId id : codec_.take_progress()) FUZZ_CHECK(streams_.count(id) == 1);
    check();
  }
  // Something that happens beside what the client sends.
  void turn() {
    const std::uint8_t what = script_.next();
    const http::StreamId id = 1 + 2 * (script_.next() % 8);
    switch (what % 16) {
      case 0:
      case 1:
      case 2:
        answer(id);
        break;
      case 3:
        now_ += std::chrono::milliseconds(what * 10);
        break;
      case 4:
        give_up(id, false);
        break;
      case 5:
        give_up(id, true);
        break;
      case 6:
        takes_ = !takes_;
        break;
      case 7:
        if (const auto found = streams_.find(id); found != streams_.end()) {
          codec_.take(id, std::exchange(found->second.untaken, 0));
        }
        break;
      case 8:
        if (what == 8) codec_.begin_shutdown();
        break;
      case 9:
        if (what == 9) codec_.end_shutdown();
        break;
      case 10:
        if (what == 10) {
          codec_.fail(h2::enhance_your_calm, "enough");
          dead_ = true;
        }
        break;
      case 11:
        write(1);
        break;
      case 12:
        write(std::size_t{what} * 64);
        break;
      default:
        write(1 << 20);
        break;
    }
  }
  // To the end of what there is to write.
  std::string finish() {
    write(std::size_t{1} << 30);
    FUZZ_CHECK(!codec_.wants_write());
    FUZZ_CHECK(seen_.body_bytes() <= 65'535 + connection_window());
    if (dead_) FUZZ_CHECK(seen_.goaway() && codec_.finished());
    return log_;
  }

 private:
  std::size_t open() const {
    return static_cast<std::size_t>(std::count_if(
        streams_.begin(), streams_.end(), [](const auto& one) { return !one.second.closed; }));
  }
  // Cheap frames that may have been taken so far.
  std::size_t budget() const {
    const double windows = std::chrono::duration<double>(now_ - TimePoint{}) /
                           std::chrono::duration<double>(http::FrameBudget::window);
    return static_cast<std::size_t>((1 + windows) * limits_.frame_budget) + 1;
  }

  void answer(http::StreamId id) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    Stream& stream = found->second;
    if (stream.given_up) return;
    const std::uint8_t how = script_.next();
    const bool all = how & 0x40;
    if (!stream.answered && (how & 3) != 0) {
      ResponseHead head;
      constexpr std::array statuses{200, 204, 304, 404, 500, 529, 200, 200};
      head.status = statuses[how >> 2 & 7];
      head.headers = {{"Content-Type", "text/event-stream"},
                      {"connection", "close"},
                      {"transfer-encoding", "chunked"}};
      if (how & 0x20) {
        stream.answer_announced = script_.next();
        head.headers.add("Content-Length", std::to_string(*stream.answer_announced));
      }
      if (how == 0xFF) head.headers.add("x-long", std::string(40'000, 'a'));
      codec_.write_head(id, head);
      stream.answered = true;
      if (!all) return;
    }
    if (stream.answered && !stream.ended) {
      static const std::string text(256 * 300, 'b');
      const std::size_t bytes = how >= 0x80 ? (how & 0x3F) * std::size_t{1000} : how & 0x3F;
      codec_.write_body(id, std::string_view(text).substr(0, bytes));
      stream.written += bytes;
      FUZZ_CHECK(codec_.waiting(id) <= stream.written);
      if (all) {
        codec_.write_end(id);
        stream.ended = true;
      }
    }
    if ((how & 0x0F) == 0x0F) give_up(id, how & 0x10);
  }
  void give_up(http::StreamId id, bool now) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    found->second.given_up = true;
    now ? codec_.cancel(id) : codec_.break_off(id);
  }

  void check() {
    FUZZ_CHECK(seen_.acknowledgements() <= budget());
    FUZZ_CHECK(incidents_[http::H2Incident::client_reset] <= budget());
    FUZZ_CHECK(incidents_[http::H2Incident::stream_error] <= budget());
    FUZZ_CHECK(incidents_[http::H2Incident::flood] <= 1);
    FUZZ_CHECK(codec_.body_bytes_written() >= seen_.body_bytes());
    for (const auto& [number, out] : seen_.streams()) {
      const auto found = streams_.find(static_cast<http::StreamId>(number));
      if (out.status == 0) continue;
      FUZZ_CHECK(found != streams_.end() && found->second.answered);
      const Stream& stream = found->second;
      const bool no_body = stream.is_head || out.status == 204 || out.status == 304;
      FUZZ_CHECK(out.body <= (no_body ? 0 : stream.written));
      if (stream.answer_announced && !no_body) FUZZ_CHECK(out.body <= *stream.answer_announced);
      if (out.ended && !no_body) {
        FUZZ_CHECK(stream.ended);
        FUZZ_CHECK(out.body == stream.answer_announced.value_or(stream.written));
      }
      if (stream.closed_answered) FUZZ_CHECK(out.ended);
    }
  }
  // What the client's WINDOW_UPDATE frames would give, were all of them valid.
  std::uint64_t connection_window() const {
    std::string_view wire = given_;
    wire.remove_prefix(std::min(wire.size(), h2::preface.size()));
    std::uint64_t sum = 0;
    for (const h2::Frame& frame : h2::take_frames(wire)) {
      if (frame.type != h2::window_update || frame.stream != 0 || frame.payload.size() != 4) {
        continue;
      }
      std::uint32_t value = 0;
      for (const char c : frame.payload) value = value << 8 | static_cast<std::uint8_t>(c);
      sum += value & 0x7FFFFFFF;
    }
    return sum;
  }

  const http::H2Limits limits_;
  Script script_;
  std::map<http::StreamId, Stream> streams_;
  std::map<http::H2Incident, std::size_t> incidents_;
  fuzz::FramesSeen seen_;
  std::string given_;
  std::string log_;
  TimePoint now_{};
  bool takes_ = true;
  bool dead_ = false;
  http::H2Codec codec_;
};

// Frames whose lengths fit: type, flags, stream, length, payload.
std::string as_frames(fuzz::Input input) {
  std::string out;
  while (!input.empty()) {
    const std::uint8_t type = input.byte() % 11;
    const std::uint8_t flags = input.byte();
    const std::uint8_t stream = input.byte();
    const std::uint8_t length = input.byte();
    out += h2::frame(type, flags, stream, input.bytes(length));
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t steering = input.byte();
  const std::string_view cuts = input.bytes(1 + input.byte() % 8);
  const std::string_view script = input.bytes(input.byte() % 64);
  http::H2Limits limits;
  if (steering & 1) limits = {1024, 4, 20};
  std::string bytes;
  if (steering & 2) bytes = h2::opening();
  bytes += steering & 4 ? as_frames(input) : std::string(input.rest());

  if (steering & 8) {
    const auto run = [&](std::string_view how) {
      Connection connection(limits, script);
      fuzz::in_pieces(bytes, how, [&](std::string_view piece) { connection.feed(piece); });
      return connection.finish();
    };
    FUZZ_CHECK(run({}) == run(cuts));
  } else {
    Connection connection(limits, script);
    fuzz::in_pieces(bytes, cuts, [&](std::string_view piece) {
      connection.feed(piece);
      connection.turn();
    });
    connection.finish();
  }
  return 0;
}
