#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/provider.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catch.hpp"
#include "provider/make_provider.hpp"

namespace ccrelay::provider {

/// A client's request and what a provider makes of it. Declare it with the body, adjust, then
/// ask().
struct Asking {
  explicit Asking(std::string client_body) : body(std::move(client_body)) {
    head.method = "POST";
    head.target = "/v1/messages?beta=true";
    forwardable = {{"content-type", "application/json"},
                   {"anthropic-version", "2023-06-01"},
                   {"user-agent", "test/1"},
                   {"x-stainless-lang", "js"}};
  }

  ProviderRequest request() const {
    return {operation,      dialect,       head,   forwardable, body,      "claude-x",
            upstream_model, model_splices, stream, unsupported, translated};
  }

  /// What goes out, whole.
  OutboundRequest ask(const Provider& provider, const Credential& credential) {
    auto built = provider.build(request(), credential);
    INFO((built ? std::string() : built.error().message));
    REQUIRE(built);
    const std::string sent = spliced(built->splices);
    const std::string_view piece = sent;
    const std::chrono::system_clock::time_point now{std::chrono::seconds(1'440'938'160)};
    REQUIRE(provider.finish(request(), *built, {&piece, 1}, credential, now));
    sent_body = built->body.value_or(sent);
    return std::move(*built);
  }

  std::string spliced(const std::vector<Splice>& splices) const {
    std::string out;
    std::size_t at = 0;
    for (const Splice& splice : splices) {
      REQUIRE(splice.offset >= at);
      REQUIRE(splice.offset + splice.length <= body.size());
      out += body.substr(at, splice.offset - at) + splice.replacement;
      at = splice.offset + splice.length;
    }
    return out + body.substr(at);
  }

  std::string body;
  RequestHead head;
  Headers forwardable;
  Operation operation = Operation::messages;
  Dialect dialect = Dialect::anthropic;
  std::string upstream_model = "claude-x";
  std::vector<Splice> model_splices;
  bool stream = false;
  Unsupported unsupported;
  bool translated = false;
  std::string sent_body;  // after ask()
};

inline std::unique_ptr<Provider> made(const ProviderConfig& config) {
  auto provider = make_provider(config, {});
  INFO((provider ? std::string() : provider.error().message));
  REQUIRE(provider);
  return std::move(*provider);
}

}  // namespace ccrelay::provider
