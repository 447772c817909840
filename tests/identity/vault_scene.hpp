#pragma once

#include <memory>
#include <string>

#include "identity/limits.hpp"
#include "identity/scene.hpp"

namespace ccrelay::identity {

inline const AzureAccess application{"t", "c", Secret("canary-secret")};

inline std::string token(const std::string& name, int seconds = 3600) {
  return R"({"access_token":")" + name + R"(","expires_in":)" + std::to_string(seconds) + "}";
}

/// A scene with one vault, whose credentials come from one request to the service.
struct VaultScene : Scene {
  VaultScene() {
    variables["AZURE_AUTHORITY_HOST"] = url();
    vault = open(application);
  }
  std::string now() {
    Asker asker;
    asker.ask(*vault, desk);
    if (asker.ticket) return "(waits)";
    return asker.good() ? token_of(asker) : asker.error();
  }
  VaultState state() const { return vault->view(harness.clock()).state; }
  std::size_t asked() const { return service.requests().size(); }
  void hold() { service.enqueue(Script().hold()); }

  std::shared_ptr<Vault> vault;
};

inline const std::string before = "configuration (azure_client_secret): ";

}  // namespace ccrelay::identity
