#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/setting.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
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

/// The form of the API in which a client asks, or a provider answers. The clouds have forms of
/// Anthropic's API of their own, which their SDKs and Claude Code can speak to a gateway
/// (https://code.claude.com/docs/en/llm-gateway-protocol). Between Anthropic's, OpenAI's two and
/// Gemini's the relay translates.
enum class Dialect : std::uint8_t {
  anthropic,  ///< POST /v1/messages
  bedrock,    ///< POST /model/{model}/invoke[-with-response-stream], answers in binary frames
  vertex,     ///< POST …/models/{model}:rawPredict or :streamRawPredict
  chat,       ///< POST /v1/chat/completions, of OpenAI
  responses,  ///< POST /v1/responses, of OpenAI
  gemini,     ///< POST /v1beta/models/{model}:generateContent or :streamGenerateContent
};
/// `anthropic`, `bedrock`, `vertex`, `chat`, `responses`, `gemini`.
[[gnu::visibility("default")]] std::string_view to_string(Dialect dialect);

/// What a provider is known not to take for a model. Whoever leaves out a beta leaves out the body
/// field that belongs to it as well: half of a pair is refused.
struct Unsupported {
  std::vector<std::string> betas;  ///< values of `anthropic-beta`
  /// Members of the body by their path: `NAME`, `NAME.INNER`, `tools[].NAME` for one of every tool.
  std::vector<std::string> fields;

  bool empty() const { return betas.empty() && fields.empty(); }
};

/// Among the betas of Provider::refused_in(): one or some of them, and it is not said which; all.
inline constexpr std::string_view some_beta = "?";
inline constexpr std::string_view every_beta = "*";

/// Replaces `length` bytes at `offset` of the client's body.
struct Splice {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string replacement;
};

/// A complete client request, as a provider sees it. All views are valid during the call only.
struct ProviderRequest {
  Operation operation = Operation::messages;
  /// Of `body`: what the client speaks, or, where the provider does not speak that, what the relay
  /// has translated it to. In a cloud's form the body must go on untouched but for what
  /// `unsupported` names.
  Dialect dialect = Dialect::anthropic;
  /// As the client sent it; of a translated request as a client of `dialect` would have.
  const RequestHead& head;
  /// The client's end-to-end headers without its credentials, cookies and proxy trails.
  const Headers& forwardable;
  std::string_view body;
  std::string_view model;           ///< as asked; empty if the body names none
  std::string_view upstream_model;  ///< after model_mapping
  /// Where the model's value stands in the body, quotes included, with empty replacements; none
  /// when unknown. A provider that lets `model_mapping` work puts `upstream_model` there, as a JSON
  /// string (json_string()), where it differs from `model`.
  const std::vector<Splice>& model_splices;
  bool stream = false;
  /// What the configuration or experience says of this provider and model.
  const Unsupported& unsupported;
  /// The client asked in another dialect, and `body` is what the relay has made of it.
  bool translated = false;
};

/// A key of the configuration.
struct ApiKey {
  Secret key;
};
/// What the client itself presented, as header fields to send on unchanged.
struct ClientCredential {
  Headers fields;
};
/// Keys of an AWS identity, with which requests are signed.
struct AwsKeys {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  ///< empty for keys that don't expire
};
/// An access token of Google or Microsoft Entra, sent as `Authorization: Bearer`.
struct BearerToken {
  Secret token;
};
/// Whose authority a request travels under. monostate: none is needed.
using Credential = std::variant<std::monostate, ApiKey, ClientCredential, AwsKeys, BearerToken>;

/// Whose identity a provider accepts instead of a key: the relay finds it where that cloud's own
/// tools do.
enum class Cloud : std::uint8_t { none, aws, google, azure };

/// What goes to the provider.
struct OutboundRequest {
  std::string method = "POST";
  std::string url;  ///< below the scheme, host and port of Provider::base_url()
  Headers headers;  ///< complete but for Host and Content-Length
  /// Changes to the client's body, in ascending order without overlap; the rest goes on byte for
  /// byte.
  std::vector<Splice> splices;
  /// Set by finish(): goes out instead of the client's body, splices and all.
  std::optional<std::string> body;
};

/// `text` as a JSON string with its quotes, for a splice.
[[gnu::visibility("default")]] std::string json_string(std::string_view text);

/// The splices that put `request.upstream_model` where the client's model stands; none where they
/// are the same. What a provider whose API has the model in the body gives to
/// OutboundRequest::splices.
[[gnu::visibility("default")]] std::vector<Splice> mapped_model(const ProviderRequest& request);

/// Turns a provider's answer into Anthropic's form while it arrives, in any cut. One per answer,
/// used by one thread, destroyed with the answer. One that throws has broken the answer: the client
/// gets what it would get had feed() returned an error.
class [[gnu::visibility("default")]] AnswerDecoder {
 public:
  virtual ~AnswerDecoder() = default;
  /// Appends to `out` what `bytes` complete. An error says how the answer is broken; nothing is fed
  /// after it.
  virtual Result<void> feed(std::string_view bytes, std::string & out) = 0;
  /// The answer has ended as HTTP. An error: it broke off inside something.
  virtual Result<void> end(std::string & out) = 0;
  /// How many of all bytes fed were whole messages: a client that gets the provider's own bytes
  /// gets no more of them than that, and may get others behind them.
  virtual std::uint64_t whole_bytes() const = 0;
  /// How many of them it keeps because they are not yet whole: server.max_buffered_body_bytes
  /// counts them, and where there is no room for them the answer ends with an error.
  virtual std::uint64_t kept_bytes() const {
    return 0;
  }
};

/// Turns a client request into a provider's. One object per [[providers]] entry, immutable after
/// construction and shared by all workers: every method is thread-safe, quick, and does no I/O. It
/// lives until the last request that began with its configuration has ended, which may be long
/// after a reload, and is destroyed on any of the relay's threads or in ~Relay.
///
/// Order of the calls for an attempt: supports(), speaks(), build(), finish(); then of a good
/// answer decoder(), of another one error_about(), translate_error() and refused_in(). What it is,
/// owner() to takes_client_credential() and translates_errors(), is asked once, when it is made.
///
/// An exception never ends the program. Thrown by the factory, or while it is asked what it is, it
/// is the error of start() or reload(). Thrown later it costs one request one provider:
/// build() and finish() have failed, and the next candidate is asked; one whose supports() or
/// speaks() throws is no candidate; error_about(), refused_in() and health_check() had nothing to
/// say; an answer whose decoder() throws is broken, and an error whose translate_error() throws
/// reaches the client without the provider's words. Each is told to the observer as a note
/// "extension_threw" with what() in it; the client is told which provider failed, and no more.
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
  /// Whether a request in that form may come here. One in another form is translated to the first
  /// that it speaks of anthropic, responses, chat and gemini ([translation]). About the last three
  /// it is asked once, when it is made.
  virtual bool speaks(Dialect dialect) const {
    return dialect == Dialect::anthropic;
  }
  /// Whose identity it takes where no key is configured.
  virtual Cloud cloud() const {
    return Cloud::none;
  }
  /// Whether it works without any credential.
  virtual bool needs_credential() const {
    return true;
  }
  /// Whether a client's own credential may be sent to it (only ever Anthropic's own API).
  virtual bool takes_client_credential() const {
    return false;
  }
  /// What an error is about, where the relay's own table (lib/provider/error_table.cpp) would not
  /// know: `status` of the answer, and `code` and `message` in the provider's words, either of them
  /// perhaps empty. Empty: the table tells.
  virtual std::optional<ErrorAbout> error_about(int /*status*/, std::string_view /*code*/,
                                                std::string_view /*message*/) const {
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
  /// The last word, when the body is final: `body` are its pieces in order. Signs the request, or
  /// puts another body in its place. `now` is wall time.
  virtual Result<void> finish(const ProviderRequest& /*request*/, OutboundRequest& /*out*/,
                              std::span<const std::string_view> /*body*/,
                              const Credential& /*credential*/,
                              std::chrono::system_clock::time_point /*now*/) const {
    return {};
  }
  /// What turns a good answer into Anthropic's form; null: it has that form. For a client in
  /// Anthropic's dialect `head` is made to fit. For another the decoder only reads along.
  virtual std::unique_ptr<AnswerDecoder> decoder(
      Operation /*operation*/, Dialect /*dialect*/, ResponseHead & /*head*/) const {
    return nullptr;
  }
  /// Whether errors have a form of their own, which translate_error() turns into Anthropic's. Not
  /// asked, nor is decoder(), of an answer to a request in OpenAI's or Gemini's dialect.
  virtual bool translates_errors() const {
    return false;
  }
  /// Makes an error answer one of Anthropic's, with the words that clients act on.
  virtual void translate_error(ResponseHead& /*head*/, std::string & /*body*/) const {}
  /// What an error says the provider does not take of `request`; empty: nothing that could be left
  /// out. `message` is its message, and in OpenAI's or Gemini's form the whole answer.
  virtual Unsupported refused_in(int /*status*/, std::string_view /*message*/,
                                 const ProviderRequest& /*request*/) const {
    return {};
  }
};

/// Makes a provider from its part of the configuration, which outlives it. Called by start(), and
/// by reload() on its thread, for each enabled entry of its type. mistake_in() words an error about
/// a setting.
using ProviderFactory = std::function<Result<std::unique_ptr<Provider>>(const ProviderConfig&)>;
/// A type that the program brings along. The built-in type of that name is replaced.
using ProviderType = Extension<ProviderFactory>;
/// Those of a program: `type` in [[providers]] -> what makes it.
using ProviderTypes = std::map<std::string, ProviderType>;

}  // namespace ccrelay
