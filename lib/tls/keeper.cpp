#include "tls/keeper.hpp"

#include <openssl/ssl.h>

namespace ccrelay::tls {

bool Keeper::enabled() const {
  const std::lock_guard lock(mutex_);
  return context_ != nullptr;
}

void Keeper::use(Context context) {
  const std::lock_guard lock(mutex_);
  context_.swap(context.context);
  ++generation_;
}

bool Keeper::use_unless_newer(Context context, std::uint64_t seen) {
  const std::lock_guard lock(mutex_);
  if (generation_ != seen) return false;
  context_.swap(context.context);
  ++generation_;
  return true;
}

std::uint64_t Keeper::generation() const {
  const std::lock_guard lock(mutex_);
  return generation_;
}

std::unique_ptr<Session> Keeper::new_session() {
  ssl_st* ssl = nullptr;
  {
    const std::lock_guard lock(mutex_);
    ssl = SSL_new(context_.get());  // counts itself as a user of the context
  }
  return ssl ? std::make_unique<Session>(ssl) : nullptr;
}

}  // namespace ccrelay::tls
