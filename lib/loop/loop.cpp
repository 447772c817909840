#include "loop/loop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include "base/assert.hpp"

namespace ccrelay::loop {

namespace {

Error init_error(int code) {
  return {ErrorCode::internal, std::string("cannot make an event loop: ") + std::strerror(code)};
}

// Whether uv_loop_init() will find the descriptors it needs: an epoll, an eventfd and a pipe, and
// the first time in a process one more pipe. 0, or the error.
int descriptors_missing() {
  int pipes[3][2];
  int code = 0;
  std::size_t made = 0;
  while (code == 0 && made < std::size(pipes)) {
    if (::pipe2(pipes[made], O_CLOEXEC) == 0) {
      ++made;
    } else {
      code = errno;
    }
  }
  while (made > 0) {
    --made;
    ::close(pipes[made][0]);
    ::close(pipes[made][1]);
  }
  return code;
}

}  // namespace

Result<void> init_loop(uv_loop_t& uv) {
  // When one is missing libuv 1.44 leaks the epoll, and without the first pipe it ends the program.
  if (const int code = descriptors_missing(); code != 0) return init_error(code);
  if (const int code = uv_loop_init(&uv); code != 0) return init_error(-code);
  return {};
}

TurnTask::~TurnTask() {
  if (scheduled_) std::replace(loop_.tasks_.begin(), loop_.tasks_.end(), this, (TurnTask*)nullptr);
  if (scheduled_next_) std::erase(loop_.next_tasks_, this);
}

void TurnTask::schedule_next() {
  if (scheduled_next_) return;
  scheduled_next_ = true;
  loop_.next_tasks_.push_back(this);
  uv_ref(reinterpret_cast<uv_handle_t*>(&loop_.block_->prepare));
  loop_.wake();
}

void TurnTask::schedule() {
  if (scheduled_) return;
  scheduled_ = true;
  loop_.tasks_.push_back(this);
  // The loop may not end before the turn does. A connection that has just seen its end and is not
  // read any more is nothing that libuv would turn for, and yet its task has to remove it.
  uv_ref(reinterpret_cast<uv_handle_t*>(&loop_.block_->prepare));
}

Loop::Loop(uv_loop_t& uv, const Clock& clock) : uv_(uv), clock_(clock), block_(new Block) {
  block_->owner = this;
  uv_prepare_init(&uv_, &block_->prepare);
  uv_check_init(&uv_, &block_->check);
  uv_timer_init(&uv_, &block_->timer);
  uv_idle_init(&uv_, &block_->idle);
  const int code = uv_async_init(&uv_, &block_->async, [](uv_async_t* handle) noexcept {
    if (auto* owner = static_cast<Block*>(handle->data)->owner) owner->run_posted();
  });
  CCRELAY_ASSERT(code == 0, "a loop has its one descriptor for waking up since uv_loop_init()");
  uv_handle_t* handles[] = {reinterpret_cast<uv_handle_t*>(&block_->prepare),
                            reinterpret_cast<uv_handle_t*>(&block_->check),
                            reinterpret_cast<uv_handle_t*>(&block_->timer),
                            reinterpret_cast<uv_handle_t*>(&block_->idle),
                            reinterpret_cast<uv_handle_t*>(&block_->async)};
  for (uv_handle_t* handle : handles) {
    handle->data = block_;
    // The loop must be able to end when only these are left.
    uv_unref(handle);
    ++block_->open;
  }
  uv_prepare_start(&block_->prepare, [](uv_prepare_t* handle) noexcept {
    if (auto* owner = static_cast<Block*>(handle->data)->owner) owner->end_turn();
  });
  uv_check_start(&block_->check, [](uv_check_t* handle) noexcept {
    if (auto* owner = static_cast<Block*>(handle->data)->owner) owner->begin_turn();
  });
}

Loop::~Loop() {
  // Whatever is buried may refer to timers and tasks: it goes while they still stand.
  empty_graveyard();
  block_->owner = nullptr;
  const auto on_closed = [](uv_handle_t* handle) noexcept {
    auto* block = static_cast<Block*>(handle->data);
    if (--block->open == 0) delete block;
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->prepare), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->check), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->timer), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->idle), on_closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->async), on_closed);
}

void Loop::empty_graveyard() {
  std::vector<Buried> buried;
  while (!graveyard_.empty()) {
    buried.swap(graveyard_);
    // Destructors may bury more.
    buried.clear();
  }
  graveyard_.swap(buried);
}

void Loop::post(std::function<void()> call) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(call));
  }
  uv_async_send(&block_->async);
}

void Loop::run_posted() {
  const Callback here(*this);
  std::deque<std::function<void()>> calls;
  {
    const std::lock_guard lock(posted_mutex_);
    calls.swap(posted_);
  }
  for (auto& call : calls) {
    pass_time();
    call();
  }
}

void Loop::begin_turn() {
  for (TurnTask* task : next_tasks_) {
    task->scheduled_next_ = false;
    task->schedule();
  }
  next_tasks_.clear();
  // For a host that waits by itself, with uv_backend_timeout(): there is an end of a turn to come.
  // uv_run() does not wait before that anyway.
  if (!tasks_.empty() || !graveyard_.empty()) wake();
}

void Loop::end_turn() {
  const Callback here(*this);
  // Far more than any honest turn takes. What is due beyond them, such as a timer that arms itself
  // for the past again and again, waits for the next turn: the clients are served in between.
  constexpr int rounds_max = 100;
  bool more = true;
  for (int round = 0; more; ++round) {
    if (round == rounds_max) {
      wake();
      break;
    }
    more = timers_.run_due(now());
    // Index loop: tasks add tasks, and destroyed ones leave a null behind.
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      TurnTask* task = tasks_[i];
      if (!task) continue;
      task->scheduled_ = false;
      tasks_[i] = nullptr;
      more = true;
      pass_time();
      task->run_at_turn_end();
    }
    tasks_.clear();
    if (!graveyard_.empty()) {
      more = true;
      empty_graveyard();
    }
  }
  if (tasks_.empty() && next_tasks_.empty())
    uv_unref(reinterpret_cast<uv_handle_t*>(&block_->prepare));
  arm();
  ++turn_;
}

void Loop::arm() {
  if (clock_.is_manual()) return;
  const auto deadline = timers_.next_deadline();
  if (!deadline) {
    if (timer_armed_) uv_timer_stop(&block_->timer);
    timer_armed_ = false;
    return;
  }
  if (timer_armed_ && timer_deadline_ == *deadline) return;
  timer_armed_ = true;
  timer_deadline_ = *deadline;
  // libuv counts from now, and not from when this turn's end began.
  pass_time();
  // Rounded up: waking a moment early would only find nothing due and turn again.
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count();
  uv_update_time(&uv_);
  uv_timer_start(
      &block_->timer,
      [](uv_timer_t* handle) noexcept {
        auto* block = static_cast<Block*>(handle->data);
        if (block->owner) block->owner->timer_armed_ = false;
        // end_turn() fires what is due.
      },
      wait > 0 ? static_cast<std::uint64_t>(wait) : 0, 0);
}

// The loop does not wait before the next turn's end, but asks for events all the same.
void Loop::wake() {
  uv_idle_start(&block_->idle, [](uv_idle_t* handle) noexcept { uv_idle_stop(handle); });
}

}  // namespace ccrelay::loop
