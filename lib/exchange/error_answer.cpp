#include "exchange/error_answer.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/classify.hpp"
#include "exchange/dialect.hpp"
#include "exchange/secrets_sent.hpp"
#include "exchange/trouble.hpp"
#include "exchange/unsupported.hpp"
#include "http/content_coding.hpp"
#include "wire/error_type.hpp"
#include "wire/page_words.hpp"
#include "wire/retry_after.hpp"
#include "wire/signature_refusal.hpp"

namespace ccrelay::exchange {
namespace {

// Of a provider's words in the log.
constexpr std::size_t words_bytes_max = 300;

// AWS quotes what it was sent, further down.
std::string first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return std::string(text.substr(0, words_bytes_max));
}

// 401, or AWS's words for keys and tokens that are not good
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html).
bool blames_credentials(const ResponseHead& head) {
  if (head.status == 401) return true;
  const auto word = head.headers.get("x-amzn-errortype").value_or("");
  for (const std::string_view one :
       {"ExpiredToken", "UnrecognizedClient", "InvalidSignature", "InvalidClientTokenId",
        "IncompleteSignature", "RequestExpired", "SignatureDoesNotMatch"}) {
    if (word.find(one) != std::string_view::npos) return true;
  }
  return false;
}

std::string detail_of(int status) {
  if (status < 400) return fmt::format("answered {}, a redirect; check base_url", status);
  return fmt::format("answered {}", status);
}

}  // namespace

ErrorAnswer::ErrorAnswer(worker::Tools& tools, const ClientRequest& request, const Target& target,
                         Outcome outcome, ResponseHead head)
    : tools_(tools),
      request_(request),
      target_(target),
      translates_(target.dialect == Dialect::anthropic &&
                  target.entry->provider->translates_errors()) {
  failure_.outcome = outcome;
  failure_.detail = detail_of(head.status);
  // Now: it counts even if the body never comes.
  const WallTime now = wire::time_there(head.headers, tools_.loop.clock().wall());
  failure_.retry_after = wire::retry_after(head.headers, now);
  if (!failure_.retry_after) failure_.retry_after = wire::reset_wait(head.headers, now);
  if (head.status < 400) return;
  blames_credentials_ = blames_credentials(head);
  failure_.head = std::move(head);
}

void ErrorAnswer::feed(std::string_view bytes) {
  const std::size_t room = error_body_bytes_max - failure_.body.size();
  too_long_ = too_long_ || bytes.size() > room;
  failure_.body.append(bytes.substr(0, room));
}

// It was asked for as it is, and came encoded all the same: the client may not know the coding, and
// what it says is to be read. What can't be undone goes on as it came.
void ErrorAnswer::undo_coding() {
  Headers& headers = failure_.head->headers;
  http::ContentDecoder decoder;
  if (!headers.contains(base::HeaderName::content_encoding) || decoder.begin(headers).status != 0) {
    return;
  }
  std::string plain;
  bool overflows = false;
  const http::Refusal fed = decoder.feed(failure_.body, [&](std::string_view piece) {
    const std::size_t room = error_body_bytes_max - plain.size();
    overflows = piece.size() > room;
    plain.append(piece.substr(0, room));
    return http::Refusal{overflows ? 413 : 0, {}};
  });
  const bool is_whole = fed.status == 0 && decoder.end().status == 0;
  // Of a long one the beginning has its title.
  if (!is_whole && !overflows && !(too_long_ && fed.status == 0)) return;
  too_long_ = too_long_ || overflows;
  failure_.body = std::move(plain);
  for (const char* name : {"content-encoding", "content-length", "content-digest", "etag"}) {
    headers.remove(name);
  }
}

Failure ErrorAnswer::end(bool whole, const Sent& sent) {
  if (failure_.head && whole) undo_coding();
  if (failure_.head) judge(whole, sent.request);
  if (!whole) failure_.head.reset();
  if (failure_.head) {
    const bool is_encoded = failure_.head->headers.contains(base::HeaderName::content_encoding);
    const bool is_page = base::istarts_with(
        failure_.head->headers.get(base::HeaderName::content_type).value_or(""), "text/html");
    if (too_long_ || (is_encoded ? is_page : !wire::is_json_document(failure_.body))) {
      put_into_words();
    } else if (translates_) {
      translate(sent);
    } else {
      look_for_what_was_refused(sent);
    }
  }
  if (failure_.head && failure_.in_words.empty() && sent.interpreter &&
      sent.interpreter->translates()) {
    // Azure's filter (https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter):
    // no fault of the request's, but how this model ends it.
    if (is_filtered_ && failure_.outcome == Outcome::rejected) {
      failure_.own = sent.interpreter->refusal_answer();
    }
    sent.interpreter->translate_error(*failure_.head, failure_.body,
                                      failure_.outcome == Outcome::exhausted);
  }
  if (failure_.outcome == Outcome::key_refused && target_.authority == Authority::identity) {
    give_up_identity(sent.identity);
  }
  return std::move(failure_);
}

// A client looks for JSON. What stands in the way of a provider (a load balancer, a firewall)
// answers with pages.
void ErrorAnswer::put_into_words() {
  const Headers& headers = failure_.head->headers;
  const std::string_view type = headers.get(base::HeaderName::content_type).value_or("");
  const std::string_view coding = headers.get(base::HeaderName::content_encoding).value_or("");
  std::string words;
  if (coding.empty()) {
    words = wire::quotable(wire::page_words(failure_.body, type, words_bytes_max),
                           secrets_sent(*target_.entry->config, request_.access));
  }
  std::string said = fmt::format("answered {}", failure_.head->status);
  if (failure_.body.empty()) {
    said += " without a body";
  } else if (too_long_ && words.empty()) {
    said += fmt::format(" with more than {} bytes", error_body_bytes_max);
  } else {
    said += base::istarts_with(type, "text/html") ? " with a page" : " without JSON";
    if (!words.empty()) said += ": " + words;
  }
  failure_.detail = said;
  failure_.in_words = fmt::format("provider \"{}\" {}", target_.entry->config->name, said);
  failure_.body.clear();
  // Whoever lives at that address, it is no provider.
  if (failure_.head->status == 404 && request_.operation == Operation::messages) {
    failure_.for_person = failure_.in_words + "; check base_url";
  }
}

// What it is about, by what the provider itself said.
void ErrorAnswer::judge(bool whole, const ProviderRequest& sent) {
  const ResponseHead& head = *failure_.head;
  const bool is_encoded = head.headers.contains(base::HeaderName::content_encoding);
  const WallTime wall = tools_.loop.clock().wall();
  const bool is_readable = whole && !is_encoded && !too_long_;
  const std::string_view body = is_readable ? failure_.body : std::string_view();
  const auto meaning = read_trouble(target_, head.status, head.headers, body, wall);
  take_trouble(failure_, meaning, request_, target_, sent, head.headers, wall);
  said_ = meaning.message;
  is_filtered_ = head.status == 400 && meaning.code == "content_filter" &&
                 request_.operation == Operation::messages;
  if (!meaning.code.empty() && meaning.code != wire::error_type(head.status)) {
    failure_.detail += " with code " + meaning.code;
  }
}

// From here on it is as if the provider spoke Anthropic's form, and meant what that means.
void ErrorAnswer::translate(const Sent& sent) {
  const Provider& provider = *target_.entry->provider;
  provider.translate_error(*failure_.head, failure_.body);
  // A cloud may say with a 400 that the model is somewhere else.
  if (failure_.head->status == 404 && failure_.outcome == Outcome::rejected) {
    failure_.outcome = Outcome::not_here;
  }
  wire::ProviderError error;
  look_for_what_was_refused(sent);
  if (failure_.outcome != Outcome::rejected ||
      !tools_.answer_reader.read_error(failure_.body, error)) {
    return;
  }
  failure_.detail += ": " + first_line(error.message);
}

void ErrorAnswer::look_for_what_was_refused(const Sent& sent) {
  if (failure_.outcome != Outcome::rejected) return;
  const int status = failure_.head->status;
  // Translated it may say more; in the provider's own form nobody else need know it.
  wire::ProviderError error;
  (void)tools_.answer_reader.read_error(failure_.body, error);
  // OpenAI's names the parameter beside the message.
  const bool has_more = vendor_dialect(sent.request.dialect) != dialect::Dialect::anthropic;
  exchange::look_for_what_was_refused(failure_, target_, sent.request, status,
                                      has_more                ? failure_.body
                                      : error.message.empty() ? said_
                                                              : error.message);
  failure_.signature_refused =
      failure_.signature_refused || wire::is_signature_refusal(status, failure_.body);
}

// One that has expired or was revoked is fetched anew. That it may not do something is no reason.
void ErrorAnswer::give_up_identity(const identity::Held& used) {
  wire::ProviderError error;
  (void)tools_.answer_reader.read_error(failure_.body, error);
  failure_.identity_is_stale =
      blames_credentials_ && used && target_.entry->vault->invalidate(used, tools_.loop.clock());
  tools_.report.note(
      Level::warn, "identity_refused",
      fmt::format("{} refused the relay's identity ({}): {}", target_.entry->config->name,
                  failure_.detail, first_line(error.message)),
      request_.id, {{"provider", target_.entry->config->name}});
}

}  // namespace ccrelay::exchange
