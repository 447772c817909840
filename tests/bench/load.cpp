// A load generator for measurements, on one thread. How it is called: load_options.cpp. Prints
// `running` once every connection has had its first answer, and then, when the time is over, one
// line of JSON about what came after that.

#include <sys/timerfd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "agent_body.hpp"
#include "client.hpp"
#include "expected.hpp"
#include "load_options.hpp"
#include "stamp.hpp"
#include "tally.hpp"

namespace bench {
namespace {

Request request_of(const LoadOptions& options) {
  if (options.dialect == Dialect::chat) {
    return {"/v1/chat/completions", "authorization", "Bearer bench-relay-key",
            chat_body(options.body_bytes, options.mode)};
  }
  return {"/v1/messages", "x-api-key", "bench-relay-key",
          agent_body(options.body_bytes, options.mode)};
}

class Load final : private ClientSink {
 public:
  explicit Load(const LoadOptions& options) : options_(options), request_(request_of(options)) {}

  int run() {
    if (options_.work == Work::hold) watch(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN);
    watch(epoll_, EPOLL_CTL_ADD, timer_, EPOLLIN);
    epoll_event events[256];
    while (!over_) {
      open_more();
      const int ready = epoll_wait(epoll_, events, 256, 100);
      for (int i = 0; i < ready && !over_; ++i) on_ready_descriptor(events[i]);
      if (running_ && options_.work != Work::hold && Clock::now() >= end_) over_ = true;
    }
    tally_.print(begin_);
    return tally_.errors == 0 ? 0 : 1;
  }

 private:
  /// One answer.
  struct Answer {
    Clock::time_point sent;  // its request
    std::string bytes;       // of a stream that goes on, those up to its first delta
    bool begun = false;      // a stream that has had a delta
  };

  /// A connection and what runs on it.
  struct Slot {
    std::unique_ptr<Client> client;
    std::vector<Answer> answers;  // by id
    std::size_t answered = 0;     // of the first requests
  };

  void on_ready_descriptor(const epoll_event& event) {
    const int fd = event.data.fd;
    if (fd == STDIN_FILENO) {
      char byte;
      over_ = read(fd, &byte, 1) <= 0;
    } else if (fd == timer_) {
      on_tick();
    } else if (const auto& client = slots_[static_cast<std::size_t>(fd)].client) {
      client->on_event(event.events);
    }
  }

  // Few at a time, so that a proxy's listen queue is not what is measured; or all at once.
  void open_more() {
    if (opened_ == 0) first_opened_ = Clock::now();
    while (opened_ < options_.connections &&
           (options_.at_once || opened_ * options_.streams < answered_ + 64)) {
      ++opened_;
      open();
    }
  }

  void open() {
    const int fd = stream_socket();
    const sockaddr_in address = loopback(options_.port);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      die("connect");
    }
    auto channel = options_.tls ? std::make_unique<Channel>(fd, client_context(), false)
                                : std::make_unique<Channel>(fd);
    const auto make = options_.h2 ? h2_client : h1_client;
    const auto slot = static_cast<std::size_t>(fd);
    if (slots_.size() <= slot) slots_.resize(slot + 64);
    slots_[slot].client = make(std::move(channel), epoll_, *this, request_);
    slots_[slot].client->slot = slot;
  }

  void ask(Client& client, Clock::time_point now = Clock::now()) {
    Slot& slot = slots_[client.slot];
    const auto id = static_cast<std::size_t>(client.ask());
    if (slot.answers.size() <= id) slot.answers.resize(id + 1);
    slot.answers[id].sent = now;
    slot.answers[id].bytes.clear();
  }

  // ---- ClientSink

  void on_ready(Client& client) override {
    for (std::size_t i = 0; i < options_.streams; ++i) ask(client);
  }

  void on_bytes(Client& client, int id, std::string_view bytes) override {
    Answer& answer = slots_[client.slot].answers[static_cast<std::size_t>(id)];
    if (ends()) {
      answer.bytes += bytes;
      return;
    }
    const auto now = Clock::now();
    for_each_stamp(bytes, [&](Clock::time_point sent) {
      if (!running_) return;
      ++tally_.done;
      if (sent != Clock::time_point{}) tally_.note(now - sent);
    });
    if (answer.begun) return;
    answer.bytes += bytes;
    if (bytes.find('!') == bytes.npos) return;
    answer.begun = true;
    if (!is_right(client, missing_in_beginning(options_.dialect, answer.bytes), answer)) return;
    std::string().swap(answer.bytes);  // thousands of streams may be held
    first_answer();
  }

  void on_end(Client& client, int id) override {
    if (!ends()) return client.fail("a stream has ended");
    Slot& slot = slots_[client.slot];
    const Answer& answer = slot.answers[static_cast<std::size_t>(id)];
    const auto missing = options_.mode.empty()
                             ? missing_in_answer(options_.dialect, answer.bytes)
                             : missing_in_whole_stream(options_.dialect, answer.bytes);
    if (!is_right(client, missing, answer)) return;
    if (running_) {
      ++tally_.done;
      tally_.note(Clock::now() - answer.sent);
      if (tally_.done == options_.requests) over_ = true;
    }
    if (slot.answered < options_.streams) {
      ++slot.answered;
      first_answer();
    }
    if (options_.work == Work::unary) {
      if (!over_) ask(client);
    } else {
      free_.push_back(&client);
    }
  }

  void on_failed(Client&, const std::string& why) override {
    if (++tally_.errors <= 3) std::fprintf(stderr, "bench_load: %s\n", why.c_str());
    if (tally_.errors > 100 || !running_) over_ = true;
  }

  /// Whether answers end, so that they can be asked for again.
  bool ends() const { return options_.mode.empty() || options_.streams_end(); }

  static bool is_right(Client& client, std::string_view missing, const Answer& answer) {
    if (missing.empty()) return true;
    client.fail("there is no " + std::string(missing) + " in\n" + answer.bytes);
    return false;
  }

  void first_answer() {
    if (++answered_ < options_.connections * options_.streams) return;
    running_ = true;
    begin_ = Clock::now();
    tally_.taken_seconds = std::chrono::duration<double>(begin_ - first_opened_).count();
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(options_.seconds));
    std::puts("running");
    std::fflush(stdout);
    if (options_.work == Work::paced) pace();
  }

  // ---- requests at a rate

  void pace() {
    const long interval = std::max(1L, static_cast<long>(1e9 / options_.rate));
    itimerspec when{};
    when.it_value = when.it_interval = {interval / 1'000'000'000, interval % 1'000'000'000};
    timerfd_settime(timer_, 0, &when, nullptr);
  }

  // A tick that finds no connection free is left out: at a rate that is to be measured none is.
  void on_tick() {
    std::uint64_t ticks = 0;
    if (read(timer_, &ticks, sizeof ticks) <= 0) return;
    for (; ticks > 0 && !free_.empty(); --ticks) {
      Client& client = *free_.back();
      free_.pop_back();
      ask(client);
    }
  }

  const LoadOptions options_;
  const Request request_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  const int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  std::vector<Slot> slots_;  // by descriptor
  std::vector<Client*> free_;
  std::size_t opened_ = 0;
  std::size_t answered_ = 0;  // first answers
  bool running_ = false;
  bool over_ = false;
  Clock::time_point first_opened_;
  Clock::time_point begin_;
  Clock::time_point end_;
  Tally tally_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  return bench::Load(bench::load_options(argc, argv)).run();
}
