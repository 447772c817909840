#include "upstream/dialer.hpp"

#include <unistd.h>

#include <utility>

#include "base/assert.hpp"
#include "upstream/dial.hpp"
#include "upstream/second_descriptor.hpp"
#include "upstream/socket_watch.hpp"

namespace ccrelay::upstream {

class Dialer::Watched final : private SocketUser {
 public:
  Watched(Dialer& dialer, curl_socket_t socket)
      : dialer_(dialer),
        socket_(socket),
        own_(second_descriptor(socket)),
        // Without a descriptor left, curl's own is still better than no connection.
        watch_(dialer.loop(), own_ < 0 ? socket : own_, static_cast<SocketUser&>(*this)) {}
  ~Watched() { close(); }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;

  void want(int events) { watch_.want(events); }

  // From here on nothing happens.
  void close() {
    watch_.close();
    if (own_ >= 0) ::close(std::exchange(own_, -1));
  }

 private:
  void on_socket(int, int events) override {
    dialer_.act(socket_, ((events & UV_READABLE) ? CURL_CSELECT_IN : 0) |
                             ((events & UV_WRITABLE) ? CURL_CSELECT_OUT : 0));
  }

  Dialer& dialer_;
  const curl_socket_t socket_;  // curl's number for it
  int own_;
  SocketWatch watch_;
};

Dialer::Dialer(loop::Loop& loop)
    : TurnTask(loop), multi_(curl_multi_init()), timer_(new TimerBlock) {
  CCRELAY_ASSERT(multi_ != nullptr, "curl has memory for a multi handle");
  timer_->owner = this;
  timer_->timer.data = timer_;
  uv_timer_init(&loop.uv(), &timer_->timer);

  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION,
      +[](CURL*, curl_socket_t socket, int what, void* self, void*) noexcept -> int {
        static_cast<Dialer*>(self)->watch_socket(socket, what);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long milliseconds, void* self) noexcept -> int {
        static_cast<Dialer*>(self)->set_timer(milliseconds);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

Dialer::~Dialer() {
  CCRELAY_ASSERT(handles_ == 0, "a dialer is destroyed only when no handle is in it");
  curl_multi_cleanup(multi_);
  watches_.clear();
  timer_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_->timer),
           [](uv_handle_t* handle) noexcept { delete static_cast<TimerBlock*>(handle->data); });
}

CURLMcode Dialer::add(CURL* easy) {
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OK) ++handles_;
  used_ = true;
  return code;
}

void Dialer::remove(CURL* easy) {
  curl_multi_remove_handle(multi_, easy);
  --handles_;
}

// ---- curl's clock

void Dialer::set_timer(long milliseconds) {
  due_ = false;
  if (milliseconds < 0) {
    stop_timer();
  } else if (milliseconds == 0 && !in_turn_) {
    // Each start asks for this: doing it when the turn ends saves a round through the poller.
    stop_timer();
    due_ = true;
    schedule();
  } else {
    start_timer(static_cast<std::uint64_t>(milliseconds));
  }
}

void Dialer::run_at_turn_end() {
  if (!due_) return;
  due_ = false;
  in_turn_ = true;
  act(CURL_SOCKET_TIMEOUT, 0);
  in_turn_ = false;
}

void Dialer::start_timer(std::uint64_t milliseconds) {
  timer_running_ = true;
  uv_timer_start(
      &timer_->timer,
      [](uv_timer_t* handle) noexcept {
        Dialer* owner = static_cast<TimerBlock*>(handle->data)->owner;
        if (!owner) return;
        owner->timer_running_ = false;
        const loop::Callback here(owner->loop());
        owner->act(CURL_SOCKET_TIMEOUT, 0);
      },
      milliseconds, 0);
}

void Dialer::stop_timer() {
  if (timer_running_) uv_timer_stop(&timer_->timer);
  timer_running_ = false;
}

// ---- curl's sockets

void Dialer::watch_socket(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    // Its event may be what brought us here.
    const auto found = watches_.find(socket);
    if (found == watches_.end()) return;
    found->second->close();
    loop().bury(std::move(found->second));
    watches_.erase(found);
    return;
  }
  std::unique_ptr<Watched>& watch = watches_[socket];
  if (!watch) watch = std::make_unique<Watched>(*this, socket);
  const bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  const bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  watch->want((read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0));
}

void Dialer::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  // curl is not on the stack any more: who is told may remove handles, but not destroy this.
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Dial::of(message->easy_handle).finished(message->data.result);
  }
}

}  // namespace ccrelay::upstream
