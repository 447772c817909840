#include "soak/client.hpp"

namespace ccrelay::soak {

using testing::Answer;
using testing::RawClient;

Client::Client(uv_loop_s& loop, std::uint16_t port, std::uint64_t index, std::uint64_t seed,
               const Weather& weather, Tally& tally)
    : loop_(loop), port_(port), index_(index), rng_(seed), weather_(weather), tally_(tally) {}

bool Client::go_on(std::uint64_t until) {
  if (asking_) {
    const std::size_t received = socket_->received().size();
    if (leave_at_ > 0 && received - begin_ >= leave_at_) {
      ++tally_.left;
      asking_ = false;
      socket_.reset();
    } else if (received != seen_ || socket_->gone()) {
      seen_ = received;
      if (ended()) check();
    }
  }
  if (asking_) return true;
  if (tally_.next_number >= until) {
    socket_.reset();
    return false;
  }
  ask();
  return true;
}

void Client::ask() {
  number_ = tally_.next_number++;
  stream_ = rng_.below(2) == 0;
  leave_at_ = rng_.below(25) == 0 ? 1 + rng_.below(600) : 0;
  if (!socket_ || socket_->gone() || rng_.below(4) == 0) {
    socket_ = std::make_unique<RawClient>(loop_, port_);
  }
  seen_ = begin_ = socket_->received().size();
  asking_ = true;
  const std::string body =
      R"({"model":"claude-test","max_tokens":8,"number":")" + std::to_string(number_) +
      R"(","messages":[{"role":"user","content":"hi"}],"stream":)" + (stream_ ? "true}" : "false}");
  socket_->send("POST /v1/messages HTTP/1.1\r\nHost: relay\r\nX-Claude-Code-Session-Id: " +
                std::to_string(index_) + "-" + std::to_string(number_ / 1000) +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

bool Client::ended() const {
  if (socket_->gone()) return true;
  const auto answers =
      testing::parse_answers(std::string_view(socket_->received()).substr(begin_), false);
  return !answers.empty() && answers.back().complete;
}

void Client::check() {
  asking_ = false;
  const auto answers =
      testing::parse_answers(std::string_view(socket_->received()).substr(begin_), socket_->gone());
  const Answer answer = answers.empty() ? Answer{} : answers.back();
  if (stream_ && weather_.breaks_late(number_)) {
    const bool told = answer.complete && (answer.status >= 500 ||
                                          answer.body.find("event: error") != std::string::npos);
    if (!told) return wrong("a stream that broke did not say so");
    ++tally_.told_of_break;
    return;
  }
  if (answer.status != 200) {
    return wrong("status " + std::to_string(answer.status) + ": " + answer.body);
  }
  if (!answer.complete) return wrong("the answer was cut");
  if (answer.body != Weather::answer(number_, stream_)) {
    return wrong("the answer differs:\n" + answer.body);
  }
  ++tally_.good;
}

void Client::wrong(const std::string& what) {
  if (!tally_.first_wrong.empty()) return;
  tally_.first_wrong =
      "request " + std::to_string(number_) + (stream_ ? ", a stream: " : ": ") + what;
}

}  // namespace ccrelay::soak
