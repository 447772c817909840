#include "presence.hpp"

#include <ccrelay/config_load.hpp>

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "effective_config.hpp"
#include "proof.hpp"
#include "relay_place.hpp"
#include "relay_users.hpp"

namespace ccrelay::app {
namespace {

std::string taken_from_environment(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::vector<std::string> keys_of(const std::vector<Secret>& secrets,
                                 const std::string& start_token) {
  std::vector<std::string> keys = {start_token};
  for (const Secret& secret : secrets) {
    if (!secret.empty()) keys.push_back(proof_key(secret.reveal()));
  }
  return keys;
}

// Of the first that is no Unix socket; empty if there is none.
std::string url_of(const std::vector<std::string>& addresses, const TlsConfig& tls) {
  for (const std::string& address : addresses) {
    RelayPlace place(address);
    place.tls = tls;
    if (place.is_unix()) continue;
    if (auto url = local_url(place)) return *std::move(url);
  }
  return {};
}

}  // namespace

/// The keys, which take many milliseconds to make: on a thread of their own, so that nothing waits
/// for them but who asks for a proof meanwhile. Thread-safe, but for use().
class Presence::Signing {
 public:
  ~Signing() {
    if (maker_.joinable()) maker_.join();
  }

  /// From now on those of these secrets.
  void use(const AuthConfig& auth, const std::string& start_token) {
    if (maker_.joinable()) maker_.join();
    {
      const std::lock_guard lock(mutex_);
      made_ = false;
    }
    const auto make = [this, start_token,
                       secrets = std::vector<Secret>{auth.api_key, auth.bearer_secret}] {
      std::vector<std::string> keys = keys_of(secrets, start_token);
      const std::lock_guard lock(mutex_);
      keys_ = std::move(keys);
      made_ = true;
      all_made_.notify_all();
    };
    try {
      maker_ = std::thread(make);
    } catch (const std::system_error&) {  // there may be no more threads
      make();
    }
  }
  void listens(const std::vector<std::string>& addresses) {
    const std::lock_guard lock(mutex_);
    addresses_ = addresses;
  }
  std::vector<std::string> proofs(std::string_view nonce) {
    std::unique_lock lock(mutex_);
    all_made_.wait(lock, [this] { return made_; });
    std::vector<std::string> out;
    for (const std::string& key : keys_) {
      if (key.empty()) continue;
      for (const std::string& address : addresses_) out.push_back(proof(key, nonce, address));
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_made_;
  bool made_ = true;  // before the first use() there are none
  std::vector<std::string> keys_;
  std::vector<std::string> addresses_;
  std::thread maker_;
};

Presence::Presence()
    : signing_(std::make_unique<Signing>()),
      start_token_(new_start_token()),
      users_file_(taken_from_environment(users_variable)) {}
Presence::~Presence() = default;

std::vector<std::string> Presence::proofs(std::string_view nonce) const {
  return signing_->proofs(nonce);
}

void Presence::listens(const std::vector<std::string>& addresses,
                       const std::vector<std::string>& manage_addresses, const Config& config) {
  signing_->listens(addresses);
  reloaded(config.server.auth);
  if (!users_file_.empty()) end_with_last_user(users_file_);

  const Result<RuntimeFolder> folder = runtime_folder(process_environment());
  if (!folder) return;
  RunningRelay relay;
  relay.process = ::getpid();
  relay.addresses = addresses;
  relay.cert_file = absolute_path(config.server.tls.cert_file);
  relay.config = absolute_path(config.source);
  relay.start_token = start_token_;
  tells_token_ = folder->forgets;
  if (tells_token_) relay.client_token = relay_secret(config.server.auth);
  relay.users_file = users_file_;
  relay.manage_url = url_of(manage_addresses, config.manage.tls);
  if (auto made = Announcement::make(*folder, std::move(relay))) {
    announcement_.emplace(*std::move(made));
  }
}

void Presence::reloaded(const AuthConfig& auth) {
  signing_->use(auth, start_token_);
  if (announcement_ && tells_token_) {
    announcement_->set_client_token(relay_secret(auth));
  }
}

}  // namespace ccrelay::app
