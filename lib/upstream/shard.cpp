#include "upstream/shard.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/assert.hpp"
#include "upstream/easy.hpp"

namespace ccrelay::upstream {

Shard::Shard(loop::Loop& loop, ShardHost& host)
    : TurnTask(loop), host_(host), multi_(curl_multi_init()), timer_(new TimerBlock) {
  CCRELAY_ASSERT(multi_ != nullptr, "curl has memory for a multi handle");
  timer_->owner = this;
  timer_->timer.data = timer_;
  uv_timer_init(&loop.uv(), &timer_->timer);

  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION,
      +[](CURL*, curl_socket_t socket, int what, void* self, void*) noexcept -> int {
        static_cast<Shard*>(self)->watch_socket(socket, what);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long milliseconds, void* self) noexcept -> int {
        static_cast<Shard*>(self)->set_timer(milliseconds);
        return 0;
      });
  // Counts busy ones too; with less, curl would close connections that the next request needs.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(transfers_max + 8));
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

Shard::~Shard() {
  CCRELAY_ASSERT(running_.empty(), "a shard is destroyed only when no transfer runs in it");
  // Closes the pooled connections, and so calls close_socket() and watch_socket() on us.
  curl_multi_cleanup(multi_);
  sockets_.clear();
  timer_->owner = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_->timer),
           [](uv_handle_t* handle) noexcept { delete static_cast<TimerBlock*>(handle->data); });
}

std::unique_ptr<Easy> Shard::add(std::unique_ptr<Easy> easy, Origin& origin) {
  easy->shard = this;
  easy->origin = &origin;
  if (curl_multi_add_handle(multi_, easy->curl()) != CURLM_OK) {
    easy->shard = nullptr;
    return easy;
  }
  easy->place = running_.size();
  running_.push_back(std::move(easy));
  ++share(origin).running;
  host_.connections_changed(*this, origin);
  return nullptr;
}

std::unique_ptr<Easy> Shard::remove(Easy& easy) {
  Origin& origin = *easy.origin;
  curl_multi_remove_handle(multi_, easy.curl());
  std::erase_if(failed_, [&easy](const Finished& failed) { return failed.easy == &easy; });
  std::unique_ptr<Easy> owned = std::move(running_[easy.place]);
  if (easy.place + 1 != running_.size()) {
    running_[easy.place] = std::move(running_.back());
    running_[easy.place]->place = easy.place;
  }
  running_.pop_back();
  easy.shard = nullptr;
  --share(origin).running;
  host_.connections_changed(*this, origin);
  return owned;
}

void Shard::resume(Easy& easy) {
  host_.enter_curl();
  const CURLcode code = curl_easy_pause(easy.curl(), CURLPAUSE_CONT);
  // curl does not end the transfer by itself when delivering what it had kept fails here.
  if (code != CURLE_OK) failed_.push_back({&easy, code});
  host_.left_curl(*this);
}

std::optional<Shard::Finished> Shard::next_finished() {
  if (!failed_.empty()) return failed_.back();
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE)
      return Finished{Easy::of(message->easy_handle), message->data.result};
  }
  return std::nullopt;
}

int Shard::idle(const Origin& origin) const {
  for (const Share& share : shares_) {
    if (share.origin == &origin) return share.connections - share.running;
  }
  return 0;
}

Shard::Share& Shard::share(Origin& origin) {
  for (Share& share : shares_) {
    if (share.origin == &origin) return share;
  }
  return shares_.emplace_back(Share{&origin});
}

// ---- curl's clock

void Shard::set_timer(long milliseconds) {
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

void Shard::run_at_turn_end() {
  if (!due_) return;
  due_ = false;
  in_turn_ = true;
  act(CURL_SOCKET_TIMEOUT, 0);
  in_turn_ = false;
}

void Shard::start_timer(std::uint64_t milliseconds) {
  timer_running_ = true;
  uv_timer_start(
      &timer_->timer,
      [](uv_timer_t* handle) noexcept {
        Shard* owner = static_cast<TimerBlock*>(handle->data)->owner;
        if (!owner) return;
        owner->timer_running_ = false;
        owner->act(CURL_SOCKET_TIMEOUT, 0);
      },
      milliseconds, 0);
}

void Shard::stop_timer() {
  if (timer_running_) uv_timer_stop(&timer_->timer);
  timer_running_ = false;
}

void Shard::act(curl_socket_t socket, int events) {
  host_.enter_curl();
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  host_.left_curl(*this);
}

// ---- curl's sockets

void Shard::on_socket(curl_socket_t socket, int events) {
  act(socket, events);
}

void Shard::watch_socket(curl_socket_t socket, int what) {
  const auto found = sockets_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (found == sockets_.end()) return;
    // Helper sockets are closed by curl without close_socket().
    if (!found->second.origin) {
      sockets_.erase(found);
    } else if (found->second.watch) {
      found->second.watch->want(0);
    }
    return;
  }
  Socket& known = found == sockets_.end() ? sockets_[socket] : found->second;
  if (!known.watch) known.watch = std::make_unique<SocketWatch>(loop().uv(), socket, *this);
  // A paused transfer goes on whose socket had looked like a dead pooled one.
  if (known.origin && !known.counted) count(known, true);
  const bool read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  const bool write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  known.watch->want((read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0));
}

void Shard::on_idle_event(const SocketWatch& watch) {
  const auto found = sockets_.find(watch.socket());
  if (found == sockets_.end() || !found->second.counted) return;
  count(found->second, false);
  const bool may_be_paused =
      std::any_of(running_.begin(), running_.end(), [](const auto& easy) { return easy->paused; });
  if (!may_be_paused) hang_up(watch.socket());
}

// A provider that closes a TLS connection leaves bytes to read, which makes it look alive to curl
// (7.88): curl would send the next request into it. With nothing to read but the end, it is not
// taken again. Bytes on an idle connection are otherwise only an answer to nothing, such as a 408.
void Shard::hang_up(curl_socket_t socket) {
  char dropped[4096];
  for (int reads = 0; reads < 16; ++reads) {
    if (::recv(socket, dropped, sizeof dropped, MSG_DONTWAIT) <= 0) break;
  }
  ::shutdown(socket, SHUT_RDWR);
}

curl_socket_t Shard::open_socket(Origin& origin, const curl_sockaddr& address) {
  int type = address.socktype;
#ifdef SOCK_CLOEXEC
  type |= SOCK_CLOEXEC;
#endif
  const curl_socket_t socket = ::socket(address.family, type, address.protocol);
  if (socket == CURL_SOCKET_BAD) return socket;
  Socket& known = sockets_[socket];
  known.origin = &origin;
  count(known, true);
  return socket;
}

int Shard::close_socket(void* shard, curl_socket_t socket) noexcept {
  static_cast<Shard*>(shard)->forget_socket(socket);
  return ::close(socket);
}

void Shard::forget_socket(curl_socket_t socket) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  Socket gone = std::move(found->second);
  sockets_.erase(found);
  if (gone.counted) count(gone, false);
}

void Shard::count(Socket& socket, bool open) {
  socket.counted = open;
  const int step = open ? 1 : -1;
  connections_ += step;
  share(*socket.origin).connections += step;
  host_.connections_changed(*this, *socket.origin);
}

}  // namespace ccrelay::upstream
