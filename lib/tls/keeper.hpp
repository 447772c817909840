#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "tls/context.hpp"
#include "tls/session.hpp"

namespace ccrelay::tls {

/// The certificate in use, for all workers: each new connection takes the newest. Those that run
/// keep theirs. Thread-safe.
class Keeper {
 public:
  /// Whether there is one.
  bool enabled() const;
  void use(Context context);
  /// Takes it unless another one was taken since generation() said `seen`; whether it did.
  bool use_unless_newer(Context context, std::uint64_t seen);
  /// Counts what was taken.
  std::uint64_t generation() const;
  /// A session of a new connection; null when there is no memory for it.
  std::unique_ptr<Session> new_session();

 private:
  mutable std::mutex mutex_;
  std::unique_ptr<ssl_ctx_st, ContextDeleter> context_;
  std::uint64_t generation_ = 0;
};

}  // namespace ccrelay::tls
