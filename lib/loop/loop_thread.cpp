#include "loop/loop_thread.hpp"

#include <system_error>
#include <utility>

#include "base/all_signals_blocked.hpp"
#include "base/assert.hpp"

namespace ccrelay::loop {

Result<std::unique_ptr<LoopThread>> LoopThread::make(const Clock& clock) {
  std::unique_ptr<LoopThread> made(new LoopThread);
  if (auto done = init_loop(made->uv_); !done) return done.error();
  made->loop_.emplace(made->uv_, clock);
  made->stay_ = new uv_async_t;
  uv_async_init(&made->uv_, made->stay_, nullptr);  // no descriptor of its own: it can't fail
  return made;
}

LoopThread::~LoopThread() {
  if (!loop_) return;
  stop(nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(stay_),
           [](uv_handle_t* handle) noexcept { delete reinterpret_cast<uv_async_t*>(handle); });
  loop_.reset();
  uv_run(&uv_, UV_RUN_DEFAULT);  // the handles' close callbacks
  CCRELAY_ASSERT(uv_loop_close(&uv_) == 0, "every handle was closed");
}

Result<void> LoopThread::start() {
  const base::AllSignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { uv_run(&uv_, UV_RUN_DEFAULT); });
  } catch (const std::system_error& error) {
    return Error{ErrorCode::internal, "cannot start a thread: " + error.code().message()};
  }
  return {};
}

void LoopThread::stop(std::function<void()> last) {
  if (!thread_.joinable()) return;
  loop_->post([this, last = std::move(last)] {
    if (last) last();
    uv_stop(&uv_);
  });
  thread_.join();
}

}  // namespace ccrelay::loop
