#include "relay/farewell.hpp"

#include <utility>

namespace ccrelay::relay {

struct Farewell::Block {
  uv_idle_t idle;
  std::function<void()> call;
};

Farewell::Farewell(uv_loop_t& uv, std::function<void()> call)
    : block_(new Block{{}, std::move(call)}) {
  uv_idle_init(&uv, &block_->idle);
  block_->idle.data = block_;
}

Farewell::~Farewell() {
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->idle),
           [](uv_handle_t* handle) noexcept { delete static_cast<Block*>(handle->data); });
}

void Farewell::say() {
  uv_idle_start(&block_->idle, [](uv_idle_t* idle) noexcept {
    uv_idle_stop(idle);
    // The call may end the relay, and with it what it stands in.
    const auto call = std::exchange(static_cast<Block*>(idle->data)->call, nullptr);
    call_guarded(call);
  });
}

void call_guarded(const std::function<void()>& call) noexcept {
  if (!call) return;
  try {
    call();
  } catch (...) {
    // The program's own affair: there is no request and no caller to fail.
  }
}

}  // namespace ccrelay::relay
