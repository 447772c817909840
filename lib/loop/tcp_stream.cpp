#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "loop/tcp.hpp"

namespace ccrelay::loop {
namespace {

// One buffer a thread, not one a stream: bytes are handed on before the next read. A large body
// comes in few reads, and what is never read into costs no memory. Not in the thread's own storage,
// which every thread of the program would have to find room for on its stack.
constexpr std::size_t read_buffer_bytes = 256 * 1024;
char* read_buffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[read_buffer_bytes]);
  return buffer.get();
}

std::string peer_text(const uv_tcp_t& tcp) {
  ListenAddress address;
  int length = sizeof(address.storage);
  if (uv_tcp_getpeername(&tcp, reinterpret_cast<sockaddr*>(&address.storage), &length) != 0) {
    return "unknown";
  }
  return address.text();
}

}  // namespace

struct SocketStream::Block {
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  uv_shutdown_t shutdown;
  Loop* loop = nullptr;
  SocketStream* owner = nullptr;
  StreamSink* sink = nullptr;
  std::size_t queued = 0;  // in write requests
  std::uint64_t handed_over = 0;
  bool writing = false;
  bool shutting_down = false;
  bool shutdown_wanted = false;
  bool reset = false;
  bool reading = false;
  HangUpWatch* watch = nullptr;
  base::ByteQueue pending;  // behind the write request in flight
};

// Waits for the peer's FIN or RST while nobody reads. libuv has no such event for a stream, and of
// a stream's own descriptor there may be no second handle: this one has a copy.
struct SocketStream::HangUpWatch {
  uv_poll_t poll;
  Block* block;
  int descriptor;
};

// A write request owns its bytes: libuv reads them after write() has returned.
struct SocketStream::Write {
  uv_write_t request;
  std::string bytes;
};

std::unique_ptr<Stream> SocketStream::open(Loop& loop, int descriptor, bool local) {
  auto* block = new Block{};
  if (local) {
    uv_pipe_init(&loop.uv(), &block->pipe, 0);
  } else {
    uv_tcp_init(&loop.uv(), &block->tcp);
  }
  block->stream.data = block;
  block->loop = &loop;
  std::unique_ptr<SocketStream> stream(new SocketStream(block));
  block->owner = stream.get();
  const int code =
      local ? uv_pipe_open(&block->pipe, descriptor) : uv_tcp_open(&block->tcp, descriptor);
  if (code != 0) {
    ::close(descriptor);
    return nullptr;
  }
  if (local) {
    stream->peer_ = "unix";
  } else {
    uv_tcp_nodelay(&block->tcp, 1);
    stream->peer_ = peer_text(block->tcp);
  }
  return stream;
}

SocketStream::~SocketStream() {
  // First: while there is a copy of the descriptor, closing the other one sends nothing.
  stop_watching();
  block_->owner = nullptr;
  block_->sink = nullptr;
  auto* handle = reinterpret_cast<uv_handle_t*>(&block_->stream);
  const auto on_closed = [](uv_handle_t* h) noexcept { delete static_cast<Block*>(h->data); };
  // uv_tcp_close_reset refuses a handle that is shutting down; a Unix socket has no RST.
  if (block_->reset && !block_->shutting_down && block_->stream.type == UV_TCP &&
      uv_tcp_close_reset(&block_->tcp, on_closed) == 0) {
    return;
  }
  uv_close(handle, on_closed);
}

void SocketStream::set_sink(StreamSink& sink) {
  block_->sink = &sink;
}

void SocketStream::start_reading() {
  if (block_->reading) return;
  stop_watching();
  block_->reading = true;
  uv_read_start(
      &block_->stream,
      [](uv_handle_t*, std::size_t, uv_buf_t* buffer) noexcept {
        *buffer = uv_buf_init(read_buffer(), read_buffer_bytes);
      },
      [](uv_stream_t* handle, ssize_t count, const uv_buf_t* buffer) noexcept {
        auto* block = static_cast<Block*>(handle->data);
        if (!block->sink || count == 0) return;
        const Callback here(*block->loop);
        if (count > 0) {
          block->sink->on_read({buffer->base, static_cast<std::size_t>(count)});
          return;
        }
        block->reading = false;
        uv_read_stop(handle);
        if (count == UV_EOF) {
          block->sink->on_eof();
        } else {
          block->sink->on_lost();
        }
      });
}

void SocketStream::stop_reading() {
  if (!block_->reading) return;
  block_->reading = false;
  uv_read_stop(&block_->stream);
  watch_for_hang_up();
}

void SocketStream::watch_for_hang_up() {
  uv_os_fd_t descriptor = -1;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&block_->stream), &descriptor) != 0) return;
  // Out of descriptors: the next write that fails tells, as it would without any watch.
  const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return;
  auto* watch = new HangUpWatch{{}, block_, copy};
  if (uv_poll_init(block_->stream.loop, &watch->poll, copy) != 0) {
    ::close(copy);
    delete watch;
    return;
  }
  watch->poll.data = watch;
  block_->watch = watch;
  uv_poll_start(&watch->poll, UV_DISCONNECT, [](uv_poll_t* handle, int, int) noexcept {
    uv_poll_stop(handle);  // it would be ready again at once
    Block* block = static_cast<HangUpWatch*>(handle->data)->block;
    if (!block->sink) return;
    const Callback here(*block->loop);
    block->sink->on_hang_up();
  });
}

void SocketStream::stop_watching() {
  HangUpWatch* watch = std::exchange(block_->watch, nullptr);
  if (!watch) return;
  // Takes the copy out of the poller at once; only the memory is needed for another turn.
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll),
           [](uv_handle_t* handle) noexcept { delete static_cast<HangUpWatch*>(handle->data); });
  ::close(watch->descriptor);
}

bool SocketStream::write(std::string_view bytes) {
  if (bytes.empty() || block_->shutting_down) return true;
  block_->handed_over += bytes.size();
  if (block_->writing) {
    block_->pending.append(bytes);
    return true;
  }
  uv_buf_t buffer = uv_buf_init(const_cast<char*>(bytes.data()), bytes.size());
  const int written = uv_try_write(&block_->stream, &buffer, 1);
  if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  // An error shows again in the request.
  return bytes.empty() || send_rest(std::string(bytes));
}

bool SocketStream::send_rest(std::string bytes) {
  auto* write = new Write{{}, std::move(bytes)};
  write->request.data = write;
  uv_buf_t buffer = uv_buf_init(write->bytes.data(), write->bytes.size());
  block_->writing = true;
  block_->queued = write->bytes.size();
  const int error = uv_write(&write->request, &block_->stream, &buffer, 1,
                             [](uv_write_t* request, int status) noexcept {
                               auto* block = static_cast<Block*>(request->handle->data);
                               delete static_cast<Write*>(request->data);
                               block->writing = false;
                               block->queued = 0;
                               if (!block->owner) return;
                               const Callback here(*block->loop);
                               if (status != 0) {
                                 if (block->sink) block->sink->on_lost();
                                 return;
                               }
                               if (!block->pending.empty()) {
                                 if (!block->owner->send_rest(block->pending.take())) {
                                   if (block->sink) block->sink->on_lost();
                                   return;
                                 }
                               } else if (block->shutdown_wanted) {
                                 block->owner->shutdown();
                               }
                               if (block->sink) block->sink->on_written();
                             });
  if (error != 0) {
    delete write;
    block_->writing = false;
    block_->queued = 0;
  }
  return error == 0;
}

std::size_t SocketStream::queued() const {
  const std::size_t unsent = block_->writing ? uv_stream_get_write_queue_size(&block_->stream) : 0;
  return unsent + block_->pending.size();
}

std::uint64_t SocketStream::taken() const {
  return block_->handed_over - queued();
}

std::optional<std::uint32_t> SocketStream::user() const {
  uv_os_fd_t descriptor = -1;
  const auto* handle = reinterpret_cast<const uv_handle_t*>(&block_->stream);
  if (block_->stream.type != UV_NAMED_PIPE || uv_fileno(handle, &descriptor) != 0) return {};
  ucred who{};
  socklen_t length = sizeof who;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &length) != 0) return {};
  return who.uid;
}

void SocketStream::shutdown() {
  if (block_->writing) {
    block_->shutdown_wanted = true;
    return;
  }
  if (block_->shutting_down) return;
  block_->shutting_down = true;
  uv_shutdown(&block_->shutdown, &block_->stream, [](uv_shutdown_t*, int) noexcept {});
}

void SocketStream::reset_on_close() {
  block_->reset = true;
}

}  // namespace ccrelay::loop
