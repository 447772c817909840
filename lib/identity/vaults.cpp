#include "identity/vaults.hpp"

#include <algorithm>

#include "identity/chains.hpp"

namespace ccrelay::identity {
namespace {

// Lengths first: no two lists of texts run into one another.
void append(std::string& out, std::string_view text) {
  out += std::to_string(text.size()) + ":";
  out += text;
}

struct Listing {
  std::string& out;
  void operator()(const AwsAccess& access) const {
    append(out, "aws");
    append(out, access.region);
    append(out, access.access_key_id);
    append(out, access.secret_access_key.reveal());
    append(out, access.session_token.reveal());
    append(out, access.profile);
  }
  void operator()(const GoogleAccess& access) const {
    append(out, "google");
    append(out, access.credentials_file);
  }
  void operator()(const AzureAccess& access) const {
    append(out, "azure");
    append(out, access.tenant_id);
    append(out, access.client_id);
    append(out, access.client_secret.reveal());
    append(out, access.scope);
  }
};

// A digest, so that no secret stands in the map's keys.
sign::Digest key_of(const Description& description) {
  std::string text;
  std::visit(Listing{text}, description.access);
  append(text, description.route.proxy);
  append(text, description.route.no_proxy);
  append(text, description.route.ca_file);
  return sign::sha256(text);
}

struct MakeChain {
  const Environment& env;
  Chain operator()(const AwsAccess& access) const { return aws_chain(access, env); }
  Chain operator()(const GoogleAccess& access) const { return google_chain(access, env); }
  Chain operator()(const AzureAccess& access) const { return azure_chain(access, env); }
};

}  // namespace

std::shared_ptr<Vault> Vaults::open(const Description& description) {
  const sign::Digest key = key_of(description);
  const std::lock_guard lock(mutex_);
  for (auto entry = vaults_.begin(); entry != vaults_.end();)
    entry = entry->second.expired() ? vaults_.erase(entry) : std::next(entry);
  std::weak_ptr<Vault>& found = vaults_[key];
  auto vault = found.lock();
  if (!vault) {
    vault =
        std::make_shared<Vault>(std::visit(MakeChain{env_}, description.access), description.route);
    found = vault;
  }
  return vault;
}

std::size_t Vaults::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      vaults_.begin(), vaults_.end(), [](const auto& entry) { return !entry.second.expired(); }));
}

}  // namespace ccrelay::identity
