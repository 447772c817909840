#pragma once

#include <ccrelay/provider.hpp>

#include <cstdint>
#include <string>

#include "wire/bedrock_event.hpp"
#include "wire/event_stream.hpp"

namespace ccrelay::provider {

/// A stream of Bedrock's as Server-Sent Events.
class BedrockStream final : public AnswerDecoder, private wire::EventStreamSink {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override;
  Result<void> end(std::string& out) override;
  std::uint64_t whole_bytes() const override { return parser_.whole_bytes(); }
  std::uint64_t kept_bytes() const override { return parser_.kept_bytes(); }

 private:
  void on_message(const wire::EventMessage& message) override;

  wire::EventStreamParser parser_;
  wire::BedrockEvents events_;
  std::string* out_ = nullptr;  // during feed()
  bool failed_ = false;         // an error event was the last one
};

/// The answer of CountTokens, `{"inputTokens":…}`, as Anthropic's `{"input_tokens":…}`.
class BedrockCount final : public AnswerDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override;
  Result<void> end(std::string& out) override;
  std::uint64_t whole_bytes() const override { return 0; }

 private:
  std::string body_;
};

}  // namespace ccrelay::provider
