#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <iterator>

#include "base/timer_queue.hpp"
#include "loop/bound_socket.hpp"
#include "loop/port_holder.hpp"
#include "loop/tcp.hpp"

namespace ccrelay::loop {
namespace {

// After so many the turn goes on with what else there is: those that run are not kept waiting by a
// crowd that comes, and not all of a crowd is at the same stage, which takes the most memory.
constexpr int accepted_in_a_row = 64;

// So long a socket rests whose accept() fails for want of something: whoever waits there goes on
// waiting, and the loop serves the others.
constexpr std::chrono::milliseconds rest{100};

Error listen_error(const ListenAddress& address, int code, const ListenOptions& options) {
  std::string message = "cannot listen on " + address.text() + ": " + std::strerror(code);
  if (code == EADDRINUSE) {
    const std::string holder = port_holder(address.port());
    message = "cannot listen on " + address.text() + ": the port is in use" +
              (holder.empty() ? std::string() : " by " + holder) +
              "; stop that program or choose another port with " + std::string(options.setting);
    if (options.reuse)
      message += ". To share it both need server.reuse_port = true and the same user";
  } else if (code == EACCES) {
    message += "; ports below 1024 need privileges";
  }
  return {ErrorCode::network, message};
}

// The fault of the one connection that was next (accept(2), "Error handling"): there may be others.
bool is_of_connection(int code) {
  switch (code) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EOPNOTSUPP:
    case EPERM:
      return true;
    default:
      return false;
  }
}

// From here on a TCP socket takes part in no new handshake: SYN without ACK is dropped, and comes
// again after a second. By then this socket is closed and another one at the port, of a relay that
// has just started, gets it; without one the client is refused as it would be anyway. What is in
// the middle of its handshake finishes it. The filter sees a segment from its TCP header on.
void ignore_new_handshakes(int descriptor) {
  constexpr std::uint32_t flags_offset = 13;
  constexpr std::uint32_t syn = 0x02;
  constexpr std::uint32_t ack = 0x10;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_offset),
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
  };
  const sock_fprog program{static_cast<unsigned short>(std::size(code)), code};
  // Where that is not to be had, a few who come at this very moment are reset.
  ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// A socket that listens at the address.
struct Listening {
  int descriptor = -1;
  std::optional<UnixSocketFile> file = {};
};

Result<Listening> open_socket(const ListenAddress& address, const ListenOptions& options) {
  Listening out;
  if (address.listening >= 0) {
    out.descriptor = ::fcntl(address.listening, F_DUPFD_CLOEXEC, 0);
    if (out.descriptor < 0) return listen_error(address, errno, {});
    return out;
  }
  if (address.is_unix()) {
    auto bound = bind_unix_socket(address.path, address.access, options.reuse || options.take_over,
                                  options.setting);
    if (!bound) return bound.error();
    out.descriptor = bound->descriptor;
    out.file.emplace(std::move(bound->file));
    return out;
  }
  out.descriptor = bound_socket(address, options.shared || options.reuse);
  if (out.descriptor < 0) return listen_error(address, -out.descriptor, options);
  if (::listen(out.descriptor, listen_backlog) != 0) {
    const int code = errno;
    ::close(out.descriptor);
    return listen_error(address, code, options);
  }
  return out;
}

}  // namespace

// libuv's own listening handle accepts in a loop that an error does not end, such as one for want
// of descriptors: here the socket is only watched.
struct Acceptor::Block {
  uv_poll_t poll;
  Loop* loop;
  AcceptSink* sink;
  int descriptor;
  bool local;
  bool failing;
  base::Timer* timer;

  void watch() {
    uv_poll_start(&poll, UV_READABLE, [](uv_poll_t* handle, int, int) noexcept {
      auto* self = static_cast<Block*>(handle->data);
      if (!self->sink) return;
      const Callback here(*self->loop);
      self->accept(accepted_in_a_row);
    });
  }

  // The sink may destroy the acceptor in any call.
  void accept(int count_max) {
    for (int count = 0; count < count_max && sink; ++count) {
      const int taken = ::accept4(descriptor, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (taken < 0) {
        const int code = errno;
        if (is_of_connection(code)) continue;
        if (code != EAGAIN && code != EWOULDBLOCK) pause(code);
        return;
      }
      failing = false;
      loop->pass_time();
      if (auto stream = SocketStream::open(*loop, taken, local)) {
        sink->on_connection(std::move(stream));
      }
    }
  }

  void pause(int code) {
    // Not stopped: a loop that watches nothing would end.
    uv_poll_start(&poll, UV_DISCONNECT,
                  [](uv_poll_t* handle, int, int) noexcept { uv_poll_stop(handle); });
    timer->arm(loop->now() + rest);
    if (!std::exchange(failing, true)) sink->on_accept_failed(code);
  }
};

Acceptor::Acceptor(Block* block, ListenAddress address)
    : block_(block),
      timer_(block->loop->timers(), [this] { block_->watch(); }),
      address_(std::move(address)) {
  block->timer = &timer_;
}

Result<std::unique_ptr<Acceptor>> Acceptor::listen(Loop& loop, const ListenAddress& address,
                                                   const ListenOptions& options, AcceptSink& sink) {
  auto opened = open_socket(address, options);
  if (!opened) return opened.error();
  auto* block = new Block{};
  block->loop = &loop;
  block->sink = &sink;
  block->descriptor = opened->descriptor;
  block->local = address.is_unix();
  // It makes the socket one that does not block, too.
  if (const int code = uv_poll_init(&loop.uv(), &block->poll, opened->descriptor); code != 0) {
    ::close(opened->descriptor);
    delete block;
    return listen_error(address, -code, {});
  }
  block->poll.data = block;
  std::unique_ptr<Acceptor> acceptor(new Acceptor(block, address));
  if (opened->file) acceptor->file_.emplace(std::move(*opened->file));
  if (address.is_unix()) {
    acceptor->address_.listening = opened->descriptor;
  } else {
    socklen_t length = sizeof(acceptor->address_.storage);
    ::getsockname(opened->descriptor, reinterpret_cast<sockaddr*>(&acceptor->address_.storage),
                  &length);
  }
  block->watch();
  return acceptor;
}

void Acceptor::turn_away() {
  file_.reset();
  // What others have too, and go on with, is left as it is.
  if (!block_->local && !address_.inherited) ignore_new_handshakes(block_->descriptor);
}

void Acceptor::take_waiting() {
  // As many as may have come meanwhile, but not for ever where another process has the socket too.
  block_->accept(4 * listen_backlog);
}

Acceptor::~Acceptor() {
  block_->sink = nullptr;
  timer_.cancel();
  file_.reset();  // while it is listened on it is nobody else's
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->poll),
           [](uv_handle_t* handle) noexcept { delete static_cast<Block*>(handle->data); });
  ::close(block_->descriptor);
}

}  // namespace ccrelay::loop
