// A load generator for measurements, on one thread.
//   bench_load unary   PORT CONNECTIONS SECONDS    closed loop of 4 KB requests on each connection
//   bench_load streams PORT CONNECTIONS SECONDS MODE   a stream on each connection, events counted;
//                                                   MODE is `flood` or microseconds between events
//   bench_load hold    PORT CONNECTIONS            silent streams, until standard input ends
// Prints `running` once every connection has had its first answer, and then, when the time is over,
// one line of JSON about what came after that.

#include <poll.h>

#include <charconv>
#include <cstring>
#include <string>
#include <vector>

#include "socket.hpp"

namespace bench {
namespace {

enum class Work { unary, streams, hold };

std::string request(Work work, std::string_view mode) {
  constexpr std::size_t body_bytes = 4096;
  std::string body = R"({"model":"claude-bench","max_tokens":1024,)";
  if (work != Work::unary) body += R"("stream":true,)";
  body += R"("metadata":{"user_id":"bench=)" + std::string(mode) + R"( "},)";
  body += R"("messages":[{"role":"user","content":")";
  constexpr std::string_view tail = R"("}]})";
  for (int word = 0; body.size() + tail.size() < body_bytes; ++word) {
    body += word % 12 == 11 ? "\\n" : "words and ";
  }
  body.resize(body_bytes - tail.size());
  if (body.back() == '\\') body.back() = ' ';
  body += tail;
  return "POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
         "Content-Type: application/json\r\nUser-Agent: bench/1\r\n"
         "anthropic-version: 2023-06-01\r\nx-api-key: bench-relay-key\r\n"
         "Connection: keep-alive\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Connection {
  bool connected = false;
  bool answered = false;  // at least once
  Clock::time_point sent;
  std::string in;
};

class Load {
 public:
  Load(Work work, std::uint16_t port, std::size_t count, double seconds, std::string_view mode)
      : work_(work), port_(port), count_(count), seconds_(seconds), request_(request(work, mode)) {}

  int run() {
    if (work_ == Work::hold) watch(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, EPOLLIN | EPOLLHUP);
    epoll_event events[256];
    while (!over_) {
      open_more();
      const int ready = epoll_wait(epoll_, events, 256, 100);
      for (int i = 0; i < ready && !over_; ++i) {
        const int fd = events[i].data.fd;
        if (fd == STDIN_FILENO) {
          char byte;
          over_ = read(fd, &byte, 1) <= 0;
        } else if (!connections_[fd].connected) {
          connected(fd);
        } else {
          receive(fd);
        }
      }
      if (running_ && work_ != Work::hold && Clock::now() >= end_) over_ = true;
    }
    report();
    return errors_ == 0 ? 0 : 1;
  }

 private:
  // A few at a time: a proxy's listen queue is not what is measured.
  void open_more() {
    while (opened_ < count_ && opened_ - answered_ < 64) {
      ++opened_;
      open();
    }
  }

  void open() {
    const int fd = stream_socket();
    const sockaddr_in address = loopback(port_);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      die("connect");
    }
    if (connections_.size() <= static_cast<std::size_t>(fd)) connections_.resize(fd + 1);
    connections_[fd] = {};
    watch(epoll_, EPOLL_CTL_ADD, fd, EPOLLOUT);
  }

  void connected(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      errno = error;
      die("connect");
    }
    connections_[fd].connected = true;
    watch(epoll_, EPOLL_CTL_MOD, fd, EPOLLIN);
    send_request(fd);
  }

  void send_request(int fd) {
    connections_[fd].sent = Clock::now();
    // 4 KB fit into the socket's empty buffer.
    if (send(fd, request_.data(), request_.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request_.size())) {
      die("send");
    }
  }

  void receive(int fd) {
    static char buffer[1 << 16];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      failed(fd, got < 0 ? std::strerror(errno) : "closed");
      return;
    }
    const std::string_view data(buffer, static_cast<std::size_t>(got));
    work_ == Work::unary ? take_answer(fd, data) : take_events(fd, data);
  }

  void take_events(int fd, std::string_view data) {
    Connection& connection = connections_[fd];
    const auto count = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), '!'));
    if (running_) done_ += count;
    if (connection.answered) return;
    connection.in += data;
    if (connection.in.find("\r\n") != std::string::npos &&
        !connection.in.starts_with("HTTP/1.1 200")) {
      failed(fd, connection.in.c_str());
    } else if (count > 0) {
      connection.in = {};
      first_answer(connection);
    }
  }

  void take_answer(int fd, std::string_view data) {
    Connection& connection = connections_[fd];
    connection.in += data;
    const std::string_view all = connection.in;
    const std::size_t end = all.find("\r\n\r\n");
    if (end == all.npos) return;
    const std::string_view head = all.substr(0, end + 2);
    const std::string_view length = field(head, "content-length");
    std::size_t body_size = 0;
    if (length.empty()) {  // chunked
      if (!all.ends_with("\r\n0\r\n\r\n")) return;
    } else {
      std::from_chars(length.data(), length.data() + length.size(), body_size);
      if (all.size() < end + 4 + body_size) return;
    }
    if (!all.starts_with("HTTP/1.1 200")) {
      failed(fd, connection.in.c_str());
      return;
    }
    if (running_) {
      ++done_;
      latencies_.push_back(
          std::chrono::duration<float, std::micro>(Clock::now() - connection.sent).count());
    }
    connection.in.clear();
    if (!connection.answered) first_answer(connection);
    send_request(fd);
  }

  void first_answer(Connection& connection) {
    connection.answered = true;
    if (++answered_ < count_) return;
    running_ = true;
    begin_ = Clock::now();
    end_ = begin_ +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds_));
    std::puts("running");
    std::fflush(stdout);
  }

  void failed(int fd, const char* why) {
    if (errors_++ == 0) std::fprintf(stderr, "bench_load: %.500s\n", why);
    if (errors_ > 100) std::exit(1);
    Connection& connection = connections_[fd];
    if (connection.answered) --answered_;
    --opened_;
    close(fd);
    connection = {};
  }

  void report() {
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double part) {
      if (latencies_.empty()) return 0.0F;
      return latencies_[static_cast<std::size_t>(part *
                                                 static_cast<double>(latencies_.size() - 1))];
    };
    std::printf(
        "{\"done\":%llu,\"seconds\":%.3f,\"errors\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
        static_cast<unsigned long long>(done_), elapsed, static_cast<unsigned long long>(errors_),
        static_cast<double>(at(0.5)), static_cast<double>(at(0.99)));
  }

  const Work work_;
  const std::uint16_t port_;
  const std::size_t count_;
  const double seconds_;
  const std::string request_;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;  // by descriptor
  std::size_t opened_ = 0;
  std::size_t answered_ = 0;
  bool running_ = false;
  bool over_ = false;
  Clock::time_point begin_;
  Clock::time_point end_;
  std::uint64_t done_ = 0;  // requests or events while running
  std::uint64_t errors_ = 0;
  std::vector<float> latencies_;
};

int usage() {
  std::fputs(
      "usage: bench_load unary PORT CONNECTIONS SECONDS\n"
      "       bench_load streams PORT CONNECTIONS SECONDS flood|MICROSECONDS\n"
      "       bench_load hold PORT CONNECTIONS\n",
      stderr);
  return 2;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using bench::Work;
  if (argc < 4) return bench::usage();
  const std::string_view name = argv[1];
  const Work work = name == "unary" ? Work::unary : name == "streams" ? Work::streams : Work::hold;
  if (argc != (work == Work::unary ? 5 : work == Work::streams ? 6 : 4)) return bench::usage();
  const std::string_view mode = work == Work::streams ? argv[5] : "held";
  bench::Load load(work, static_cast<std::uint16_t>(std::atoi(argv[2])),
                   static_cast<std::size_t>(std::atoi(argv[3])), argc > 4 ? std::atof(argv[4]) : 0,
                   mode);
  return load.run();
}
