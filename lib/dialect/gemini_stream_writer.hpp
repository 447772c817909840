#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/gemini_parts.hpp"
#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {

/// How a Gemini client wants its stream: with `alt=sse` events of `data:` lines and nothing else,
/// without it a JSON array of the same chunks.
enum class GeminiStreamForm : std::uint8_t { events, array };

/// An Anthropic stream becomes a Gemini client's. Owned by who writes the answer; one thread.
class GeminiStreamWriter final : public StreamTranslator, private GeminiPartSink {
 public:
  GeminiStreamWriter(AnswerContext context, GeminiStreamForm form);

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override { return parts_.held_bytes() + events_.kept_bytes(); }

 private:
  void on_part(std::string_view part) override;
  void on_finish(std::string_view reason, const Usage& usage,
                 const std::string& grounding) override;
  void on_error(const HubError& error) override;
  void begin_chunk();
  void end_chunk();

  AnswerContext context_;
  GeminiStreamForm form_;
  GeminiParts parts_;
  SseEvents events_;
  std::string* out_ = nullptr;  // while bytes are being read
  bool begun_ = false;
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::dialect
