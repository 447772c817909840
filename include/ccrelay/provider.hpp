#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/result.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ccrelay {

/// What a request asks of a provider.
enum class Operation : std::uint8_t {
  messages,      ///< POST /v1/messages
  count_tokens,  ///< POST /v1/messages/count_tokens
  other,         ///< any other path of the Anthropic API, passed through untouched
};

/// Replaces `length` bytes at `offset` of the client's body.
struct Splice {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string replacement;
};

/// A complete client request, as a provider sees it. All views are valid during the call only.
struct ProviderRequest {
  Operation operation = Operation::messages;
  const RequestHead& head;  ///< as the client sent it
  /// The client's end-to-end headers without its credentials, cookies and proxy trails.
  const Headers& forwardable;
  std::string_view body;
  std::string_view model;           ///< as asked; empty if the body names none
  std::string_view upstream_model;  ///< after model_mapping
  /// Where the model's value stands in the body, quotes included; empty when unknown.
  const std::vector<Splice>& model_splices;
  bool stream = false;
};

/// A key of the configuration.
struct ApiKey {
  Secret key;
};
/// What the client itself presented, as header fields to send on unchanged.
struct ClientCredential {
  Headers fields;
};
/// Whose authority a request travels under. monostate: none is needed.
using Credential = std::variant<std::monostate, ApiKey, ClientCredential>;

/// What goes to the provider.
struct OutboundRequest {
  std::string method = "POST";
  std::string url;
  Headers headers;  ///< complete but for Host and Content-Length
  /// Changes to the client's body, in ascending order without overlap; the rest goes on byte for
  /// byte.
  std::vector<Splice> splices;
};

/// Turns a client request into a provider's. One object per [[providers]] entry, immutable after
/// construction and shared by all workers: every method is thread-safe, quick, and does no I/O.
class [[gnu::visibility("default")]] Provider {
 public:
  virtual ~Provider() = default;

  /// What stands in `owned_by`, such as "zhipu".
  virtual std::string_view owner() const = 0;
  virtual std::string_view base_url() const = 0;
  /// Models to list when the configuration names none.
  virtual std::vector<std::string> default_models() const {
    return {};
  }
  /// Whether it may be asked for this at all.
  virtual bool supports(Operation operation) const = 0;
  /// Whether it works without any credential.
  virtual bool needs_credential() const {
    return true;
  }
  /// Whether a client's own credential may be sent to it (only ever Anthropic's own API).
  virtual bool takes_client_credential() const {
    return false;
  }
  /// What an error's own code (`error.code` of its body, numbers as text) says more exactly than
  /// the HTTP status does; empty: the status tells all.
  virtual std::optional<Outcome> outcome_of(std::string_view /*code*/) const {
    return {};
  }
  /// A cheap request that tells whether the provider is well again, without a body. Any answer
  /// below 500 says so. Empty: it can't be checked, and only real requests find out.
  virtual std::optional<OutboundRequest> health_check(const Credential& /*credential*/) const {
    return {};
  }
  /// Builds the request. An error fails this attempt with its message, and the next candidate is
  /// asked.
  virtual Result<OutboundRequest> build(const ProviderRequest& request,
                                        const Credential& credential) const = 0;
};

/// Makes a provider from its part of the configuration, which outlives it.
using ProviderFactory = std::function<Result<std::unique_ptr<Provider>>(const ProviderConfig&)>;

}  // namespace ccrelay
