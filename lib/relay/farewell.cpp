#include "relay/farewell.hpp"

#include <utility>

namespace ccrelay::relay {

struct Farewell::Block {
  uv_async_t async;
  std::function<void()> call;
};

Farewell::Farewell(uv_loop_t& uv, std::function<void()> call)
    : block_(new Block{{}, std::move(call)}) {
  uv_async_init(&uv, &block_->async, [](uv_async_t* async) noexcept {
    uv_unref(reinterpret_cast<uv_handle_t*>(async));
    // The call may end the relay, and with it what it stands in.
    const auto call = std::exchange(static_cast<Block*>(async->data)->call, nullptr);
    call_guarded(call);
  });
  block_->async.data = block_;
}

Farewell::~Farewell() {
  uv_close(reinterpret_cast<uv_handle_t*>(&block_->async),
           [](uv_handle_t* handle) noexcept { delete static_cast<Block*>(handle->data); });
}

void Farewell::say() {
  uv_async_send(&block_->async);
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
