// A provider for measurements: bench_provider [CERTIFICATE KEY]. Prints where it listens, with a
// certificate in TLS too, and serves until it is killed. The path says in which dialect it answers
// (Anthropic's messages, chat completions, responses, Gemini), and the model's name what, so that
// it passes through any proxy and translation:
//   claude-bench        a message of 1.5 KB as JSON
//   claude-bench-whole  a stream of five deltas, in one write
//   claude-bench-flood  events as fast as they are taken, one per write
//   claude-bench-N      one event every N microseconds, one per write; streams are out of step,
//                       however they began, so that each proxy has to do with the same
//   claude-bench-N-in-step   the events of all streams at once
//   claude-bench-held   the beginning of a stream, then silence
// What is no request of its dialect, or asks for a stream in one place and not in the other, gets
// 400. A stream but a whole one lasts until the other side closes. Each delta event says when it
// was sent (stamp.hpp).

#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstring>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "answers.hpp"
#include "channel.hpp"
#include "stamp.hpp"

namespace bench {
namespace {

/// `claude-bench`, in body or path; a stream's mode stands behind it.
constexpr std::string_view model = "claude-bench";

/// What a request asks for; nothing that a provider of its dialect would take: no `dialect`.
struct Asked {
  std::optional<Dialect> dialect;
  std::string_view mode;  // empty: no stream
};

bool has(std::string_view text, std::string_view part) {
  return memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

Asked asked_of(std::string_view path, std::string_view body) {
  struct Kind {
    Dialect dialect;
    std::string_view path, conversation;
  };
  constexpr Kind kinds[] = {{Dialect::anthropic, "/v1/messages", "\"messages\":["},
                            {Dialect::chat, "/v1/chat/completions", "\"messages\":["},
                            {Dialect::responses, "/v1/responses", "\"input\":["},
                            {Dialect::gemini, "/v1beta/models/", "\"contents\":["}};
  const auto* const kind = std::find_if(std::begin(kinds), std::end(kinds), [&](const Kind& each) {
    return path.starts_with(each.path);
  });
  if (kind == std::end(kinds) || !has(body, kind->conversation)) return {};
  const bool in_path = kind->dialect == Dialect::gemini;
  // The model stands at the beginning of each, `stream` anywhere.
  const std::string_view named = in_path ? path : body.substr(0, 512);
  const std::size_t at = named.find(model);
  if (at == named.npos) return {};
  std::string_view rest = named.substr(at + model.size());
  rest = rest.substr(0, rest.find_first_of("\":?"));
  if (!rest.empty()) rest.remove_prefix(1);
  const std::string_view verb = ":streamGenerateContent?alt=sse";
  const bool streams = !rest.empty() && (in_path ? has(path, verb) : has(body, "\"stream\":true"));
  if (streams == rest.empty()) return {};
  return {kind->dialect, rest};
}

enum class Mode { idle, flood, paced, held };

struct Connection {
  std::unique_ptr<Channel> channel;
  std::string in;
  std::string out;  // what a full socket did not take
  Mode mode = Mode::idle;
  Dialect dialect{};
  std::chrono::microseconds interval{};
  std::uint64_t generation = 0;  // tells a due event of an earlier connection with this number
};

struct Due {
  Clock::time_point time;
  int fd;
  std::uint64_t generation;
  bool operator>(const Due& other) const { return time > other.time; }
};

class Provider {
 public:
  /// With `context` it speaks TLS at a second port.
  explicit Provider(SSL_CTX* context) : context_(context) {
    watch(epoll_, EPOLL_CTL_ADD, timer_, EPOLLIN);
    plain_ = listen_on("http");
    if (context) secure_ = listen_on("https");
  }

  [[noreturn]] void run() {
    epoll_event events[256];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 256, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == plain_ || fd == secure_) {
          accept_all(fd);
        } else if (fd == timer_) {
          std::uint64_t ticks;
          if (read(timer_, &ticks, sizeof ticks) > 0) write_due();
        } else {
          if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            if (!receive(fd)) continue;
          }
          if (events[i].events & EPOLLOUT) writable(fd);
        }
      }
      set_timer();
    }
  }

 private:
  int listen_on(const char* scheme) {
    const int listener = stream_socket();
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) die("bind");
    if (listen(listener, 4096) != 0) die("listen");
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("listening on %s://127.0.0.1:%d\n", scheme, ntohs(address.sin_port));
    std::fflush(stdout);
    watch(epoll_, EPOLL_CTL_ADD, listener, EPOLLIN);
    return listener;
  }

  void accept_all(int listener) {
    for (;;) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const auto slot = static_cast<std::size_t>(fd);
      if (connections_.size() <= slot) connections_.resize(slot + 64);
      connections_[slot] = {};
      connections_[slot].channel = listener == secure_
                                       ? std::make_unique<Channel>(fd, context_, true)
                                       : std::make_unique<Channel>(fd);
      connections_[slot].generation = ++generations_;
      watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  /// Whether the connection is still there.
  bool receive(int fd) {
    static char buffer[1 << 18];
    for (;;) {
      Connection& connection = connections_[static_cast<std::size_t>(fd)];
      const auto [state, bytes] = connection.channel->read(buffer, sizeof buffer);
      if (state == Channel::State::later) return true;
      if (state == Channel::State::closed) {
        connection = {};
        return false;
      }
      connection.in.append(buffer, bytes);
      take_request(fd, connection);
      // The socket does not show what TLS holds.
      if (!connection.channel->secure()) return true;
    }
  }

  void take_request(int fd, Connection& connection) {
    const std::size_t end = connection.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string_view all = connection.in;
    const std::string_view length = field(all.substr(0, end + 2), "content-length");
    std::size_t body_size = 0;
    std::from_chars(length.data(), length.data() + length.size(), body_size);
    if (all.size() < end + 4 + body_size) return;
    std::string_view path = all.substr(0, all.find("\r\n"));
    path.remove_prefix(std::min(path.size(), path.find(' ') + 1));
    path = path.substr(0, path.find(' '));
    answer(fd, asked_of(path, all.substr(end + 4, body_size)));
    if (connection.mode == Mode::idle) {
      connection.in.clear();
    } else {
      std::string().swap(connection.in);  // thousands of streams may be held
    }
  }

  void answer(int fd, const Asked& asked) {
    if (!asked.dialect) {
      send(fd, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const Answers& answers = answers_of(*asked.dialect);
    const std::string_view mode = asked.mode;
    if (mode.empty()) {
      send(fd, answers.unary);
      return;
    }
    if (mode == "whole") {
      std::string stream = answers.beginning;
      for (int i = 0; i < 4; ++i) stream += answers.delta;
      send(fd, stream + answers.end);
      return;
    }
    send(fd, answers.beginning);
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    connection.dialect = *asked.dialect;
    if (mode.starts_with("held")) {
      connection.mode = Mode::held;
    } else if (mode.starts_with("flood")) {
      connection.mode = Mode::flood;
      watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    } else {
      long microseconds = 1000;
      std::from_chars(mode.data(), mode.data() + mode.size(), microseconds);
      connection.mode = Mode::paced;
      connection.interval = std::chrono::microseconds(std::max(1L, microseconds));
      const auto first = mode.ends_with("-in-step") ? next_step(connection.interval)
                                                    : next_phase(connection.interval);
      due_.push({first, fd, connection.generation});
    }
  }

  static Clock::time_point next_step(Clock::duration interval) {
    const auto now = Clock::now().time_since_epoch();
    return Clock::time_point((now / interval + 2) * interval);
  }

  // Multiples of the golden ratio: as many as there are lie evenly in the interval.
  Clock::time_point next_phase(Clock::duration interval) {
    phase_ = std::fmod(phase_ + 0.6180339887498949, 1.0);
    return next_step(interval) + std::chrono::duration_cast<Clock::duration>(phase_ * interval);
  }

  /// Whether all of it went out; the rest is kept for when the socket takes it.
  bool send(int fd, std::string_view data) {
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    const auto [state, sent] = connection.channel->write(data);
    const std::size_t taken = state == Channel::State::some ? sent : 0;
    if (taken == data.size()) return true;
    connection.out.assign(data.substr(taken));
    if (connection.mode != Mode::flood) watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    return false;
  }

  void writable(int fd) {
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    if (!connection.out.empty()) {
      const std::string rest = std::move(connection.out);
      connection.out.clear();
      if (!send(fd, rest)) return;
      if (connection.mode != Mode::flood) watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
    }
    // A share for each stream, so that none starves the others.
    for (int i = 0; connection.mode == Mode::flood && i < 32; ++i) {
      if (!send(fd, delta(connection.dialect))) return;
    }
  }

  /// The event as of now.
  std::string_view delta(Dialect dialect) {
    std::string& event = deltas_[static_cast<std::size_t>(dialect)];
    set_stamp(event.data() + event.find('@') + 1);
    return event;
  }

  void write_due() {
    const auto now = Clock::now();
    while (!due_.empty() && due_.top().time <= now) {
      Due next = due_.top();
      due_.pop();
      Connection& connection = connections_[static_cast<std::size_t>(next.fd)];
      if (connection.generation != next.generation || connection.mode != Mode::paced) continue;
      if (connection.out.empty()) send(next.fd, delta(connection.dialect));
      next.time += connection.interval;
      due_.push(next);
    }
  }

  void set_timer() {
    if (due_.empty()) return;
    const auto wait = std::max<std::chrono::nanoseconds>(due_.top().time - Clock::now(),
                                                         std::chrono::nanoseconds(1));
    itimerspec when{};
    when.it_value.tv_sec = wait.count() / 1'000'000'000;
    when.it_value.tv_nsec = wait.count() % 1'000'000'000;
    timerfd_settime(timer_, 0, &when, nullptr);
  }

  SSL_CTX* const context_;
  int plain_ = -1;
  int secure_ = -1;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  std::vector<Connection> connections_;  // by descriptor
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t generations_ = 0;
  double phase_ = 0;
  std::array<std::string, 4> deltas_ = {
      answers_of(Dialect::anthropic).delta, answers_of(Dialect::chat).delta,
      answers_of(Dialect::responses).delta, answers_of(Dialect::gemini).delta};
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  bench::Provider(argc > 2 ? bench::server_context(argv[1], argv[2]) : nullptr).run();
}
