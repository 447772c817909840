#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/result.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "upstream/client.hpp"

namespace ccrelay::relay {

/// One enabled provider, ready for use.
struct Entry {
  const ProviderConfig* config;
  std::unique_ptr<Provider> provider;
  upstream::Endpoint endpoint;
  std::vector<std::string> fingerprints;  // of config->keys, same order
  int priority;
  milliseconds connect_timeout;
  milliseconds first_byte_timeout;
  milliseconds stream_idle_timeout;

  /// Whether a request for this model may go here.
  bool serves(std::string_view model) const;
  /// The model's name there.
  std::string upstream_model(std::string_view model) const;
};

/// The result of a good configuration. Immutable; a request pins the one it began with.
struct Snapshot {
  Config config;
  std::vector<Entry> entries;  // highest priority first, else in the order of the configuration

  static Result<std::shared_ptr<const Snapshot>> build(
      Config config, const std::map<std::string, ProviderFactory>& more);
};

}  // namespace ccrelay::relay
