#include "wire/signature_refusal.hpp"

#include <simdjson.h>

#include <string>

#include "base/ascii.hpp"

namespace ccrelay::wire {

namespace dom = simdjson::dom;

namespace {

// As they were seen in issues of clients and relays in 2025 and 2026 and in Anthropic's
// documentation ("Preserved thinking"), lower-cased and with the quotes around single words taken
// off. A path such as "messages.1.content.0: " stands before them, before that sometimes a
// gateway's or Bedrock's "the model returned the following errors: "; more may follow, such as "the
// block is bound to a different conversation".
constexpr std::string_view refusals[] = {
    "invalid signature in thinking block",
    "invalid signature in redacted_thinking block",
    "invalid data in redacted_thinking block",
    // Thinking of a provider that signs nothing: "messages.1.content.0.thinking.signature: field
    // required". With the dot in front it is a block's and not the parameter `thinking`.
    ".thinking.signature: ",
    ".redacted_thinking.data: ",
    ".signature: field required",
    "thinking or redacted_thinking blocks in the latest assistant message cannot be modified",
    // Thinking without a word, which some providers let pass where others send it on.
    "thinking block must contain",
    "thinking blocks must contain",
    "thinking block must be non-empty",
    "thinking blocks must be non-empty",
    "thinking block must not be empty",
    "thinking blocks must not be empty",
    "thinking block cannot be empty",
    "thinking blocks cannot be empty",
    "thinking block is empty",
    "empty thinking block",
    // Gemini behind an Anthropic front.
    "corrupted thought signature",
    "invalid thought signature",
    "thought signature is not valid",
    // OpenAI's, of reasoning items: "The encrypted content gAAA… could not be verified."
    "the encrypted content ",
    "encrypted content item_id did not match",
};

// Takes the backticks or quotes off these words, and only these: whatever else is quoted is the
// client's own text.
std::string plain(std::string_view message) {
  std::string out = base::lower(message);
  for (const std::string_view word : {"signature", "thinking", "redacted_thinking", "data"}) {
    for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at)) {
      const std::size_t end = at + word.size();
      if (at > 0 && end < out.size() && out[at - 1] == out[end] &&
          (out[end] == '`' || out[end] == '\'')) {
        out.erase(end, 1);
        out.erase(--at, 1);
      }
      at += word.size();
    }
  }
  return out;
}

}  // namespace

bool refuses_signature(std::string_view message) {
  const std::string text = plain(message);
  for (const std::string_view refusal : refusals) {
    const std::size_t at = text.find(refusal);
    if (at == std::string::npos) continue;
    // Behind a quote it is something the message repeats.
    if (text.find_first_of("'\"`") >= at) return true;
  }
  return false;
}

namespace {

// The message of Anthropic's envelope, or Bedrock's that has none around it.
std::string_view message_of(dom::element document) {
  std::string_view message;
  if (!document["error"]["message"].get_string().get(message)) return message;
  if (!document["message"].get_string().get(message)) return message;
  return {};
}

}  // namespace

bool is_signature_refusal(int status, std::string_view body) {
  if (status != 400 || body.empty()) return false;
  dom::parser parser, inner_parser;
  dom::element document, inner;
  if (parser.parse(body.data(), body.size()).get(document)) return false;
  // Some gateways of Google answer a list of one.
  if (dom::element first; !document.at(0).get(first)) document = first;
  std::string_view message = message_of(document);
  // And some write the provider's whole envelope into their own message.
  if (message.substr(0, 1) == "{" &&
      !inner_parser.parse(message.data(), message.size()).get(inner)) {
    message = message_of(inner);
  }
  return refuses_signature(message);
}

}  // namespace ccrelay::wire
