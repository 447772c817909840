#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/provider.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dialect/profile.hpp"
#include "dialect/translate.hpp"
#include "exchange/answer.hpp"
#include "exchange/answer_decoders.hpp"
#include "exchange/client_request.hpp"

namespace ccrelay::exchange {

/// What a request for `operation` goes to a provider in: the client's own dialect where it speaks
/// that, else the first that it speaks of those the relay translates to. Nothing: it can't be
/// asked. `translates` is translation.enabled.
std::optional<Dialect> dialect_for(const Provider& provider, Dialect client, Operation operation,
                                   bool translates);

/// What a client of the dialect `sent` would have asked with; of the real one's headers nothing but
/// its name goes on.
RequestHead translated_head(const ClientRequest& request, Dialect sent, std::string_view model);

/// Under which name reasoning of that provider's is remembered: of this client and conversation
/// alone, as it began, for some providers name their calls the same in each, and some clients use
/// one `prompt_cache_key` for many. Empty: nothing can be remembered.
std::string recall_name(const ClientRequest& request, std::string_view issuer);

/// Stands between a client and a provider for one attempt: says the request in the provider's words
/// and reads the answer in Anthropic's, which is what the relay goes by; then says it in the
/// client's. Where both speak the same dialect, and it is not Anthropic's, it only listens. Pure
/// but for what it is told. Of one attempt, which owns it; lasts as long as the answer.
class Interpreter {
 public:
  /// What it is told beside the request.
  struct Told {
    const TranslationConfig& config;
    dialect::Profile profile;   ///< of provider and model
    std::string issuer;         ///< whose reasoning may go back; empty: nobody's
    std::string answer_issuer;  ///< the provider
    std::string model;          ///< as sent
    std::int64_t now_s = 0;
    std::uint64_t max_output_tokens = 0;  ///< providers.max_output_tokens
    const dialect::Recall* recall = nullptr;
    bool without_reasoning = false;  ///< none of the client's goes along
    std::vector<Splice> cut = {};    ///< of a cloud's form: thinking that is another issuer's
  };
  using Made = std::variant<std::unique_ptr<Interpreter>, dialect::Refused, dialect::NotCarriable>;

  /// For a provider that is asked in the dialect `sent`, another one than the client's. A client of
  /// a cloud's form is taken for one of Anthropic's first (cloud_form.hpp).
  static Made translating(const ClientRequest& request, Dialect sent, Told told);
  /// For one that speaks the client's own.
  static std::unique_ptr<Interpreter> listening(const ClientRequest& request, Told told);

  /// The request in the provider's words, where translates(), or where something of the client's
  /// own was left out; else empty.
  const std::string& body() const { return carried_.body; }
  /// The same without a field.
  void replace_body(std::string body, const std::string& without) {
    carried_.body = std::move(body);
    carried_.dropped.push_back(without);
  }
  void let_body_go() { std::string().swap(carried_.body); }
  bool translates() const { return translates_; }
  /// The client gets the answer in other words than Anthropic's, out of those.
  bool encodes() const {
    return translates_ && (frames_ || carried_.way.client != dialect::Dialect::anthropic);
  }
  const dialect::Way& way() const { return carried_.way; }
  /// Of the provider.
  const std::string& issuer() const { return issuer_; }
  /// recall_name() of what its answer reasons.
  const std::string& recalled_as() const { return recall_name_; }
  /// What the provider has said by now that its answer cost, in nano-USD.
  std::optional<std::int64_t> told_cost() const { return cost_->nano_usd; }
  /// With which status the error that stood in its answer would have come; 0: its words tell.
  int failed_status() const { return failed_->status; }
  /// What was left out of the request, in the client's words.
  const std::vector<std::string>& dropped() const { return carried_.dropped; }

  /// Reads a good answer into Anthropic's words; null: it has them. `is_stream` is what comes out.
  /// The head is made to fit where it translates. `room` is for what is kept of it.
  std::unique_ptr<AnswerDecoder> decoder(ResponseHead& head, bool& is_stream,
                                         AnswerRoom room) const;
  /// A stream of Anthropic's for the client. `is_stream`: what is fed is one, else a JSON message.
  std::unique_ptr<dialect::StreamTranslator> encoder(bool is_stream) const;
  /// The whole of it for a client that asked for no stream. What an error needs beside its body is
  /// put into `headers`.
  dialect::TranslatedAnswer whole_answer(std::string_view hub, bool is_stream,
                                         Headers& headers) const;
  /// An error's head and body, in the provider's words, become one in the client's. `of_account`:
  /// it is about an account that can pay for nothing, whatever its status.
  void translate_error(ResponseHead& head, std::string& body, bool of_account) const;
  /// What a client is told of a prompt that a provider's filter has refused: an answer without
  /// words whose end says so.
  Answer refusal_answer() const;
  /// The same of an error in Anthropic's words, which stood in an answer with this head. The status
  /// is the one that such an error usually has.
  std::string error_said(ResponseHead& head, std::string_view type, std::string_view message) const;
  /// What of a provider's header is told to the client: how long to wait, and its limits.
  Headers client_headers(const Headers& provider) const;
  /// Of a streamed answer, or of one that is not.
  std::string_view content_type(bool is_stream) const;

 private:
  Interpreter() = default;

  dialect::Carried carried_;
  std::shared_ptr<dialect::ToldCost> cost_ = std::make_shared<dialect::ToldCost>();
  std::shared_ptr<dialect::ToldStatus> failed_ = std::make_shared<dialect::ToldStatus>();
  dialect::Profile profile_;
  std::string model_;
  std::string issuer_;
  std::string recall_name_;
  std::int64_t now_s_ = 0;
  bool wants_stream_ = false;
  bool translates_ = false;
  bool frames_ = false;  // the client's form is Bedrock's
};

}  // namespace ccrelay::exchange
