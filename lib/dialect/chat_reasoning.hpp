#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/json_text.hpp"

namespace ccrelay::dialect {

/// The reasoning of an answer over chat completions, for which no standard exists: a member
/// `reasoning_content` (DeepSeek, Moonshot, z.ai, x.ai), `reasoning` (Groq, Ollama, vLLM),
/// OpenRouter's list `reasoning_details`, parts of the content (Mistral). Taken from a whole
/// message or from the deltas of a stream, one after the other. A value type, pure.
class ChatReasoning {
 public:
  /// Reads it from a message or a delta; what is returned is the text to be shown. Of a text and
  /// details that say the same the details count.
  std::string take(Json message);
  /// More of the text that the last take() told, from the same member.
  void take_more(std::string_view text) { bytes_ += text.size(); }
  /// Text of Mistral's part `{"type":"thinking","thinking":[{"type":"text","text":…}]}`.
  std::string take_part(Json part);
  /// Text that stood between tags in the content.
  void take_tagged() { field_ = "content"; }

  /// Something came since the last data().
  bool pending() const { return !field_.empty() || !details_.empty(); }
  /// The data of a tag (section 7) with which it can be put back as it was; forgets what came.
  std::string data();
  std::size_t bytes() const { return bytes_; }

 private:
  struct Detail {
    std::vector<std::pair<std::string, std::string>> members;  // name, JSON text
    std::string grown;                                         // the member that comes in pieces
    std::string text;
    bool has_text = false;
  };
  std::string take_detail(Json detail);

  std::string field_;
  std::vector<Detail> details_;
  std::size_t bytes_ = 0;
};

/// Parts `<think>…</think>` at the very start of a text that comes in pieces from the rest.
class ThinkTags {
 public:
  explicit ThinkTags(bool on) : at_(on ? At::start : At::text) {}
  /// Appends to each what is known to belong there.
  void feed(std::string_view piece, std::string& thinking, std::string& text);
  void end(std::string& thinking, std::string& text);
  std::size_t bytes() const { return held_.size(); }
  /// Whatever comes from now on is text.
  bool passed() const { return at_ == At::text && held_.empty(); }

 private:
  enum class At { start, thinking, after, text };
  bool step(std::string& thinking, std::string& text);

  At at_;
  std::string held_;
};

}  // namespace ccrelay::dialect
