#pragma once

#include <ccrelay/config_load.hpp>

#include <map>
#include <memory>
#include <mutex>

#include "identity/description.hpp"
#include "identity/vault.hpp"
#include "sign/digests.hpp"

namespace ccrelay::identity {

/// Finds the vault for a description: one that lives already, so that a reloaded configuration goes
/// on with the credentials there are, or a new one. Keeps none alive itself. Thread-safe.
class Vaults {
 public:
  explicit Vaults(Environment env) : env_(std::move(env)) {}

  std::shared_ptr<Vault> open(const Description& description);
  /// Vaults that live: for tests.
  std::size_t size() const;

 private:
  const Environment env_;
  mutable std::mutex mutex_;
  std::map<sign::Digest, std::weak_ptr<Vault>> vaults_;
};

}  // namespace ccrelay::identity
