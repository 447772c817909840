#pragma once

#include <uv.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace ccrelay::testing {

/// Throws std::runtime_error for a libuv error: a test cannot go on then.
inline void check_uv(int status, const std::string& what) {
  if (status < 0) throw std::runtime_error(what + ": " + uv_strerror(status));
}

/// Our half of a libuv handle. The other half, the handle itself, stays with libuv until its close
/// callback frees it. `data` links to the owner; it is null once the owner is gone, which every
/// callback has to check. Belongs to the loop's thread.
template <typename Handle>
class UvHandle final {
 public:
  using Initialize = int (*)(uv_loop_t*, Handle*);

  UvHandle(uv_loop_t& loop, Initialize initialize, void* owner) {
    auto handle = std::make_unique<Handle>();
    check_uv(initialize(&loop, handle.get()), "cannot make a libuv handle");
    handle_ = handle.release();
    handle_->data = owner;
  }
  ~UvHandle() {
    handle_->data = nullptr;
    uv_close(base(), [](uv_handle_t* handle) { delete reinterpret_cast<Handle*>(handle); });
  }
  UvHandle(const UvHandle&) = delete;
  UvHandle& operator=(const UvHandle&) = delete;

  Handle* get() { return handle_; }
  uv_handle_t* base() { return reinterpret_cast<uv_handle_t*>(handle_); }
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(handle_); }

 private:
  Handle* handle_;
};

}  // namespace ccrelay::testing
