// A provider for measurements: bench_provider [PORT]. Prints where it listens and serves until it
// is killed. What it answers is told by the request's body, so it passes through any proxy:
//   no "stream":true               a message of 1.5 KB as JSON
//   "stream":true and bench=flood  events as fast as they are taken, one per write
//   "stream":true and bench=N      one event every N microseconds, one per write
//   "stream":true and bench=held   the beginning of a stream, then silence
// A stream lasts until the other side closes. Each delta event has exactly one '!' in it.

#include <sys/timerfd.h>

#include <charconv>
#include <queue>
#include <string>
#include <vector>

#include "socket.hpp"

namespace bench {
namespace {

constexpr std::string_view stream_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-cache\r\nrequest-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n";

constexpr std::string_view first_events =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_bench\","
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\"content\":[],"
    "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,"
    "\"output_tokens\":1}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";

constexpr std::string_view delta_event =
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
    "\"delta\":{\"type\":\"text_delta\",\"text\":\" a few words!\"}}\n\n";

std::string chunk(std::string_view data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + std::string(data) + "\r\n";
}

std::string unary_answer() {
  std::string body =
      R"({"id":"msg_bench","type":"message","role":"assistant","model":"claude-bench",)"
      R"("content":[{"type":"text","text":")";
  body.append(1300, 'x');
  body += R"("}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":25,)"
          R"("cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":12}})";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: req_bench\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

enum class Mode { idle, flood, paced, held };

struct Connection {
  std::string in;
  std::string out;  // what a full socket did not take
  Mode mode = Mode::idle;
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
  explicit Provider(std::uint16_t port) {
    sockaddr_in address = loopback(port);
    socklen_t size = sizeof address;
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) die("bind");
    if (listen(listener_, 4096) != 0) die("listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    watch(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN);
    watch(epoll_, EPOLL_CTL_ADD, timer_, EPOLLIN);
  }

  [[noreturn]] void run() {
    epoll_event events[256];
    for (;;) {
      const int count = epoll_wait(epoll_, events, 256, -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[i].data.fd;
        if (fd == listener_) {
          accept_all();
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
  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(fd + 1);
      connections_[fd] = {};
      connections_[fd].generation = ++generations_;
      watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void drop(int fd) {
    connections_[fd] = {};
    close(fd);
  }

  bool receive(int fd) {
    static char buffer[1 << 16];
    Connection& connection = connections_[fd];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) {
      drop(fd);
      return false;
    }
    connection.in.append(buffer, static_cast<std::size_t>(got));
    const std::size_t end = connection.in.find("\r\n\r\n");
    if (end == std::string::npos) return true;
    const std::string_view all = connection.in;
    const std::string_view length = field(all.substr(0, end + 2), "content-length");
    std::size_t body_size = 0;
    std::from_chars(length.data(), length.data() + length.size(), body_size);
    if (all.size() < end + 4 + body_size) return true;
    answer(fd, all.substr(end + 4, body_size));
    connection.in.clear();
    return true;
  }

  void answer(int fd, std::string_view body) {
    static const std::string unary = unary_answer();
    static const std::string beginning =
        std::string(stream_head) + chunk(first_events) + chunk(delta_event);
    if (body.find("\"stream\":true") == body.npos) {
      send(fd, unary);
      return;
    }
    send(fd, beginning);
    Connection& connection = connections_[fd];
    const std::size_t at = body.find("bench=");
    const std::string_view mode = at == body.npos ? "held" : body.substr(at + 6);
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
      due_.push({Clock::now() + connection.interval, fd, connection.generation});
    }
  }

  /// Whether all of it went out; the rest is kept for when the socket takes it.
  bool send(int fd, std::string_view data) {
    Connection& connection = connections_[fd];
    const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    const std::size_t taken = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    if (taken == data.size()) return true;
    connection.out.assign(data.substr(taken));
    if (connection.mode != Mode::flood) watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN | EPOLLOUT);
    return false;
  }

  void writable(int fd) {
    Connection& connection = connections_[fd];
    if (!connection.out.empty()) {
      const std::string rest = std::move(connection.out);
      connection.out.clear();
      if (!send(fd, rest)) return;
      if (connection.mode != Mode::flood) watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
    }
    // A share for each stream, so that none starves the others.
    for (int i = 0; connection.mode == Mode::flood && i < 32; ++i) {
      if (!send(fd, delta_)) return;
    }
  }

  void write_due() {
    const auto now = Clock::now();
    while (!due_.empty() && due_.top().time <= now) {
      Due next = due_.top();
      due_.pop();
      Connection& connection = connections_[next.fd];
      if (connection.generation != next.generation || connection.mode != Mode::paced) continue;
      if (connection.out.empty()) send(next.fd, delta_);
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

  int listener_ = stream_socket();
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  std::vector<Connection> connections_;  // by descriptor
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::uint64_t generations_ = 0;
  const std::string delta_ = chunk(delta_event);
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Provider(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0)).run();
}
