#include "loop/child_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <uv.h>

#include <cerrno>
#include <utility>

namespace ccrelay::loop {

// libuv's half: freed by the last close callback.
struct ChildProcess::Block {
  uv_process_t process{};
  uv_pipe_t output{};
  Loop* loop = nullptr;
  ChildProcess* owner = nullptr;
  int open = 0;
  char buffer[4096];

  void close(uv_handle_t* handle) {
    uv_close(handle, [](uv_handle_t* closed) noexcept {
      auto* block = static_cast<Block*>(closed->data);
      if (--block->open == 0) delete block;
    });
  }
};

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(
    Loop& loop, const std::string& command, std::size_t output_bytes_max,
    std::function<void(ChildOutcome)> on_done) {
  std::unique_ptr<ChildProcess> child(new ChildProcess(output_bytes_max, std::move(on_done)));
  if (const int code = child->spawn(loop, command); code < 0) {
    const bool is_want = code == UV_EMFILE || code == UV_ENFILE;
    return Error{is_want ? ErrorCode::limit : ErrorCode::internal,
                 std::string("cannot start a command: ") + uv_strerror(code)};
  }
  return child;
}

ChildProcess::ChildProcess(std::size_t output_bytes_max, std::function<void(ChildOutcome)> on_done)
    : output_bytes_max_(output_bytes_max), on_done_(std::move(on_done)), block_(new Block) {
  block_->owner = this;
}

ChildProcess::~ChildProcess() {
  kill_group();
  block_->owner = nullptr;
  if (block_->open == 0) {
    delete block_;
    return;
  }
  block_->close(reinterpret_cast<uv_handle_t*>(&block_->process));
  block_->close(reinterpret_cast<uv_handle_t*>(&block_->output));
}

int ChildProcess::spawn(Loop& loop, const std::string& command) {
  // Cannot fail without IPC: it makes no descriptor yet.
  uv_pipe_init(&loop.uv(), &block_->output, 0);
  block_->process.data = block_->output.data = block_;
  block_->loop = &loop;
  block_->open = 2;

  std::string text = command;
  char shell[] = "/bin/sh";
  char option[] = "-c";
  char* arguments[] = {shell, option, text.data(), nullptr};
  uv_stdio_container_t streams[3]{};
  streams[0].flags = UV_IGNORE;
  streams[1].flags = static_cast<uv_stdio_flags>(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
  streams[1].data.stream = reinterpret_cast<uv_stream_t*>(&block_->output);
  streams[2].flags = UV_IGNORE;
  uv_process_options_t options{};
  options.file = shell;
  options.args = arguments;
  options.stdio = streams;
  options.stdio_count = 3;
  // A session of its own: what the shell started can then be killed with it.
  options.flags = UV_PROCESS_DETACHED;
  options.exit_cb = [](uv_process_t* process, std::int64_t status, int signal) noexcept {
    auto* block = static_cast<Block*>(process->data);
    if (!block->owner) return;
    const Callback here(*block->loop);
    block->owner->on_exit(static_cast<int>(status), signal);
  };
  const int code = uv_spawn(&loop.uv(), &block_->process, &options);
  if (code < 0) return code;
  pid_ = group_ = block_->process.pid;
  output_open_ = true;
  return uv_read_start(
      reinterpret_cast<uv_stream_t*>(&block_->output),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) noexcept {
        auto* block = static_cast<Block*>(handle->data);
        *buffer = uv_buf_init(block->buffer, sizeof block->buffer);
      },
      [](uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) noexcept {
        auto* block = static_cast<Block*>(stream->data);
        if (!block->owner) return;
        const Callback here(*block->loop);
        block->owner->on_output(buffer->base, size);
      });
}

void ChildProcess::on_output(const char* bytes, std::ptrdiff_t size) {
  if (size == 0) return;  // libuv's EAGAIN
  if (size > 0) {
    const auto more = static_cast<std::size_t>(size);
    if (outcome_.output.size() + more <= output_bytes_max_) {
      outcome_.output.append(bytes, more);
      return;
    }
    outcome_.too_long = true;
    kill_group();
  }
  output_open_ = false;
  uv_read_stop(reinterpret_cast<uv_stream_t*>(&block_->output));
  finish_if_ended();
}

void ChildProcess::on_exit(int status, int signal) {
  outcome_.exit_status = status;
  outcome_.signal = signal;
  pid_ = 0;
  finish_if_ended();
}

void ChildProcess::finish_if_ended() {
  if (pid_ != 0 || output_open_) return;
  group_ = 0;
  // Moved out first: the call may destroy this.
  const auto on_done = std::exchange(on_done_, nullptr);
  if (on_done) on_done(std::move(outcome_));
}

// The shell may have ended and something that it started not: that still holds the output.
void ChildProcess::kill_group() {
  if (const int group = std::exchange(group_, 0); group != 0) ::kill(-group, SIGKILL);
  // Reaped here and not by libuv, whose handle may be closed next.
  const int pid = std::exchange(pid_, 0);
  if (pid == 0) return;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace ccrelay::loop
