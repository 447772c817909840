#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "relay_contact.hpp"
#include "top/api.hpp"
#include "top/model.hpp"

namespace ccrelay::app {

/// A running relay's management as the commands that ask once use it: over the client of
/// `cc-relay top`. On a socket the kernel says who asks, so no token of the relay's clients is
/// needed, and none is ever sent here. Every call blocks.
class ManagedRelay {
 public:
  /// That of the relay that is looked for: at its socket, else over TCP with the token that it has
  /// made. None where it has none, it does not let this user in, or says nothing in time: then
  /// `silent`, if given, is where it was asked and why it was not told. `patience` is for finding
  /// it, and then for each call.
  static std::optional<ManagedRelay> find(const RelayContact& contact,
                                          std::chrono::milliseconds patience,
                                          std::string* silent = nullptr);

  const top::Info& info() const { return info_; }
  /// As a person knows it: `unix:/run/user/1000/cc-relay/8787.sock`.
  const std::string& name() const { return api_->place().name; }

  void set_patience(std::chrono::milliseconds patience) { api_->set_patience(patience); }

  /// `path` is behind /api/v1, with its query.
  top::Reply get(const std::string& path) { return top::ask(*api_, path); }
  top::Reply post(const std::string& path) { return top::order(*api_, path); }

 private:
  ManagedRelay(std::unique_ptr<top::Api> api, top::Info info)
      : api_(std::move(api)), info_(std::move(info)) {}

  std::unique_ptr<top::Api> api_;
  top::Info info_;
};

}  // namespace ccrelay::app
