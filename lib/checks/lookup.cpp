#include "checks/lookup.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace ccrelay::checks {

struct Lookup::Shared {
  std::mutex mutex;
  loop::Loop* loop = nullptr;             // null once nobody wants the answer
  std::function<void(std::string)> done;  // loop's thread
};

namespace {

std::string resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code == 0) {
    ::freeaddrinfo(found);
    return {};
  }
  return code == EAI_SYSTEM ? std::generic_category().message(errno) : ::gai_strerror(code);
}

}  // namespace

Lookup::Lookup(loop::Loop& loop, const std::string& host, std::function<void(std::string)> done)
    : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->done = std::move(done);
  std::thread([shared = shared_, host] {
    std::string words = resolve(host);
    const std::lock_guard lock(shared->mutex);
    if (shared->loop == nullptr) return;
    shared->loop->post([weak = std::weak_ptr(shared), words = std::move(words)] {
      const auto here = weak.lock();
      // Only this thread takes `loop` away.
      if (here && here->loop != nullptr) here->done(words);
    });
  }).detach();
}

Lookup::~Lookup() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
}

}  // namespace ccrelay::checks
