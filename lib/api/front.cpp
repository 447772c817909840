#include "api/front.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "loop/bound_socket.hpp"

namespace ccrelay::api {
namespace {

constexpr std::string_view automatic = "auto";
// Between two tries for an address that a relay which ends still has.
constexpr milliseconds between_tries{50};
// For what is left to be said, and for those who have heard it to go; with client_linger, which
// comes behind it, less than a second.
constexpr server::DrainTimes at_the_end{milliseconds(0), milliseconds(0), milliseconds(500)};

bool is_taken(const std::vector<loop::ListenAddress>& addresses) {
  return std::any_of(addresses.begin(), addresses.end(), [](const loop::ListenAddress& address) {
    const int descriptor = loop::bound_socket(address, false);
    if (descriptor >= 0) ::close(descriptor);
    return descriptor == -EADDRINUSE;
  });
}

}  // namespace

Front::Front(FrontOptions options) : options_(std::move(options)) {}

Front::~Front() {
  stop();
  again_.reset();
  local_.reset();
  public_.reset();
}

void Front::stop() {
  if (!thread_) return;
  thread_->stop([this] {
    if (again_) again_->cancel();
    for (auto* entrance : {&local_, &public_}) {
      if (*entrance) (*entrance)->server().close_all();
    }
    rooms_->loop.empty_graveyard();
  });
  rooms_->mailbox->close();
}

Result<void> Front::start(const ManagePlace& place, std::optional<tls::Context> certificate) {
  const auto config = options_.config();
  const ManageConfig& manage = config->manage;
  reuse_port_ = config->server.reuse_port;
  auto thread = loop::LoopThread::make(Clock::system());
  if (!thread) return thread.error();
  thread_ = *std::move(thread);
  rooms_.emplace(
      Rooms{thread_->loop(), std::make_shared<loop::Mailbox>(thread_->loop()), options_.manager});
  bool predecessor_ends = false;
  if (!place.socket.empty()) {
    predecessor_ends = SocketFile::is_given_up(place.socket);
    if (auto done = listen_locally(manage, place); !done) {
      if (manage.socket != automatic) return done;
      options_.note(Level::warn, "manage_unavailable", done.error().message);
    }
  }
  if (!manage.listen.empty()) {
    if (auto done = options_.manager.access().make_token(); !done) return done;
    public_.emplace(*rooms_, false, manage.tls.handshake_timeout, options_.config);
    if (certificate) public_->use(*std::move(certificate));
    auto wanted = loop::resolve_listen(manage.listen);
    if (!wanted) return Error{ErrorCode::config, "manage.listen: " + wanted.error().message};
    wanted_ = *std::move(wanted);
    again_.emplace(rooms_->loop.timers(), [this] { try_again(); });
    if (predecessor_ends && !reuse_port_ && is_taken(wanted_)) {
      options_.note(Level::info, "manage_waiting",
                    fmt::format("the management will listen on {} when the relay before has ended",
                                manage.listen));
      again_->arm(rooms_->loop.now() + between_tries);
    } else if (auto done = listen_publicly(); !done) {
      return done;
    }
  }
  return thread_->start();
}

Result<void> Front::listen_locally(const ManageConfig& manage, const ManagePlace& place) {
  const bool for_others = !manage.users.empty();
  if (auto made = SocketFile::make_folder(place.folder, for_others); !made) return made;
  loop::ListenAddress address;
  address.path = place.socket;
  loop::ListenOptions listening{false, false};
  // The automatic one is named after the relay's own port: whoever has that is its owner.
  listening.take_over =
      manage.socket == automatic || reuse_port_ || SocketFile::is_given_up(place.socket);
  listening.setting = "manage.socket";
  local_.emplace(*rooms_, true, manage.tls.handshake_timeout, options_.config);
  if (auto done = local_->server().listen({address}, listening); !done) {
    local_.reset();
    return done;
  }
  local_->listens();
  socket_.emplace(place.socket);
  socket_->open_to_others(for_others);
  ++running_;
  // The automatic one is always where it is looked for.
  tell_addresses(*local_, manage.socket == automatic ? Level::debug : Level::info);
  return {};
}

Result<void> Front::listen_publicly() {
  const loop::ListenOptions listening{false, reuse_port_, false, "manage.listen or --manage"};
  if (auto done = public_->server().listen(wanted_, listening); !done) return done;
  wanted_.clear();
  public_->listens();
  ++running_;
  tell_addresses(*public_, Level::info);
  return {};
}

void Front::try_again() {
  if (is_taken(wanted_)) {
    again_->arm(rooms_->loop.now() + between_tries);
    return;
  }
  if (auto done = listen_publicly(); !done) {
    options_.note(Level::error, "manage_unavailable", done.error().message);
  }
}

void Front::tell_addresses(const Entrance& entrance, Level level) {
  const std::string_view scheme = entrance.speaks_tls() ? "https://" : "http://";
  for (const std::string& address : entrance.addresses()) {
    const bool is_unix = address.starts_with("unix:");
    const std::string where = is_unix ? address : std::string(scheme) + address;
    options_.manager.serves_at(where);
    options_.note(level, "manage_listening", "the management listens on " + where);
  }
}

void Front::took(const ManageConfig& manage, std::optional<tls::Context> certificate) {
  if (certificate && speaks_tls()) public_->use(*std::move(certificate));
  if (public_) {
    // Where the last of those who may has gone from the configuration.
    if (auto made = options_.manager.access().make_token(); !made) {
      options_.note(Level::warn, "manage_unavailable", made.error().message);
    }
  }
  if (!thread_) return;
  rooms_->loop.post([this, others = !manage.users.empty()] {
    if (socket_) socket_->open_to_others(others);
  });
}

void Front::relay_drains() {
  if (!thread_) return;
  rooms_->loop.post([this] {
    if (socket_) socket_->give_up();
    if (again_) again_->cancel();
    // Who comes now gets the other relay that has the address, too.
    if (public_ && reuse_port_) public_->server().stop_accepting();
  });
}

void Front::end(std::function<void()> ended) {
  rooms_->loop.post([this, ended = std::move(ended)]() mutable {
    ended_ = std::move(ended);
    if (again_) again_->cancel();
    if (running_ == 0) return ended_();
    for (auto* entrance : {&local_, &public_}) {
      if (!*entrance || (*entrance)->addresses().empty()) continue;
      (*entrance)->server().drain(at_the_end, [this] { one_ended(); });
    }
  });
}

void Front::one_ended() {
  if (--running_ == 0) ended_();
}

std::vector<std::string> Front::addresses() const {
  std::vector<std::string> out;
  for (const auto* entrance : {&local_, &public_}) {
    if (!*entrance) continue;
    for (std::string& address : (*entrance)->addresses()) out.push_back(std::move(address));
  }
  return out;
}

}  // namespace ccrelay::api
