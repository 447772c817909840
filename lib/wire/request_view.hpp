#pragma once

#include <ccrelay/provider.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/signature_scan.hpp"
#include "wire/span.hpp"

namespace ccrelay::wire {

/// A `thinking` or `redacted_thinking` block of an assistant's turn.
struct ThinkingBlock {
  Span span;
  Span signature;  ///< its text without the quotes, with JSON's escapes; of length 0 if it has none
};

/// What the relay needs to know of a request's body.
struct RequestView {
  std::string model;
  /// The top-level "model": one, in a body that read() takes.
  std::vector<Span> model_spans;
  bool stream = false;
  std::optional<std::uint64_t> max_tokens;  ///< if it is a whole number
  /// Something of it is to be cached, as far as ReadOptions::caching looked.
  bool caches = false;
  std::string user_id;                  ///< metadata.user_id
  std::string cache_key;                ///< OpenAI's prompt_cache_key
  std::vector<ThinkingBlock> thinking;  ///< in ascending order
  /// The ids of `tool_use` blocks that have another form than Anthropic takes, without their
  /// quotes: a provider of another dialect has made them. Found where thinking is looked for.
  std::vector<Span> foreign_ids;
  /// Of how the conversation began, the same in each of its turns: a hash of the texts of the
  /// system prompt and of the first user message. Empty without such a message or where it has no
  /// text. In OpenAI's and Gemini's dialects of what stands in their places.
  std::optional<std::uint64_t> conversation;
  /// Where the value begins that holds the conversation's turns: `messages`, `input`, `contents`.
  std::optional<std::size_t> turns_at;
  /// The conversation has gone on already: somebody has answered in it.
  bool answered = false;
  /// The results of a web search stand in it. Found where thinking is looked for.
  bool searched = false;
};

/// What is to be read beyond the top level. The walk through the messages costs little (4 us for
/// 150 KiB, less than looking whether there is any thinking).
struct ReadOptions {
  bool conversation = false;
  bool thinking = true;
  bool caching = false;  ///< whether there is any `cache_control`; also in `system` and `tools`
  /// Whose API the body is of. Thinking and caching are only looked for in Anthropic's.
  Dialect dialect = Dialect::anthropic;
};

/// Of a block's signature, if it has one, in the body that it was found in. Costs about 1 us.
std::optional<SignatureDigest> signature_digest(std::string_view body, const ThinkingBlock& block);

/// Reads bodies with one pass of simdjson. Keeps the parser's memory between calls, which may be
/// some times the size of the largest body: one per worker.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  /// Empty string on success, else what is wrong with the body: that it is no JSON, names no
  /// model, or has a member twice that the relay goes by. What has an odd shape further down is
  /// passed over. `body` gets spare capacity behind its end if it has none (simdjson reads there).
  std::string read(std::string& body, RequestView& view, ReadOptions options = {});
  /// Whether it keeps more than bodies of a common size need, and giving that back. After a body
  /// beyond all measure it does so by itself.
  bool holds_much() const;
  void let_go();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::wire
