#include "tls/keeper.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

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

bool FileWatch::changed(const TlsConfig& config) {
  Stamp now{};
  std::size_t at = 0;
  for (const std::string* file : {&config.cert_file, &config.key_file, &config.client_ca_file}) {
    struct stat about {};
    if (!file->empty() && ::stat(file->c_str(), &about) == 0) {
      now[at] = static_cast<std::uint64_t>(about.st_ino);
      now[at + 1] = static_cast<std::uint64_t>(about.st_mtim.tv_sec) * 1'000'000'000u +
                    static_cast<std::uint64_t>(about.st_mtim.tv_nsec);
      now[at + 2] = static_cast<std::uint64_t>(about.st_size);
    }
    at += 3;
  }
  if (!used_) used_ = now;  // the first look is at what was loaded
  const bool at_rest = seen_ == now;
  seen_ = now;
  if (!at_rest || used_ == now) return false;
  used_ = now;
  return true;
}

}  // namespace ccrelay::tls
