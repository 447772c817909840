#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/answer_stage.hpp"

namespace ccrelay::exchange::scenes {

using Verdict = AnswerStage::Verdict;

inline std::string event(const std::string& type, const std::string& more = {}) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + more + "}\n\n";
}
inline std::string error_event(const std::string& type) {
  return event("error", R"(,"error":{"type":")" + type + R"(","message":"m"})");
}

inline const std::string start =
    event("message_start", R"(,"message":{"usage":{"input_tokens":11,"output_tokens":1}})");
inline const std::string block = event("content_block_start");
inline const std::string delta = event("message_delta", R"(,"usage":{"output_tokens":7})");
inline const std::string stop = event("message_stop");
inline const std::string whole_stream = start + event("ping") + block + delta + stop;

/// Doubles every byte on the way back, so that a test sees which side it looks at; breaks on '!'.
class Halving final : public AnswerDecoder {
 public:
  Result<void> feed(std::string_view bytes, std::string& out) override {
    for (const char byte : bytes) {
      if (byte == '!') return Error{ErrorCode::provider, "a bang"};
      if (half_) out += byte;
      half_ = !half_;
      fed_++;
    }
    return {};
  }
  Result<void> end(std::string& out) override {
    if (half_) return Error{ErrorCode::provider, "half a byte is missing"};
    out += tail;
    return {};
  }
  // A message is all that the events of a stream are made of.
  std::uint64_t whole_bytes() const override { return fed_ - (half_ ? 1 : 0); }
  std::string tail;

 private:
  bool half_ = false;
  std::uint64_t fed_ = 0;
};

inline std::string doubled(const std::string& text) {
  std::string out;
  for (const char byte : text) out.append(2, byte);
  return out;
}

struct Scene {
  wire::AnswerFacts facts;
  StreamConfig limits;
  ResponseHead head{200, Headers{{"content-type", "text/event-stream"}}};
  Operation operation = Operation::messages;
  Dialect dialect = Dialect::anthropic;
  bool wants_stream = false;
  std::unique_ptr<AnswerDecoder> decoder;
  std::unique_ptr<AnswerStage> stage;

  AnswerStage& begin() {
    const Outcome outcome = head.status < 300 ? Outcome::success : Outcome::rejected;
    stage = std::make_unique<AnswerStage>(
        facts, limits,
        AnswerStage::What{operation, dialect, head, outcome, Authority::none, {}, wants_stream},
        std::move(decoder));
    return *stage;
  }
  AnswerStage& begin_json(int status = 200) {
    head = {status, Headers{{"content-type", "application/json"}}};
    return begin();
  }
};

inline std::optional<std::uint64_t> told(const AnswerStage& stage, TokenClass which) {
  const UsageReport usage = stage.usage();
  return usage.charges.empty() ? std::nullopt : usage.charges.front().tokens[which];
}

/// What the client has got after `bytes` in pieces of `size`, and the last verdict.
struct Fed {
  Fed(AnswerStage& stage, const std::string& bytes, std::size_t size) {
    for (std::size_t at = 0; at < bytes.size(); at += size) {
      const auto step = stage.feed(std::string_view(bytes).substr(at, size));
      take(stage, step);
      if (verdict == Verdict::failed || !broken.empty()) return;
    }
  }
  void end(AnswerStage& stage, bool whole) { take(stage, stage.end(whole)); }
  void take(AnswerStage& stage, const AnswerStage::Step& step) {
    verdict = step.verdict;
    broken = step.broken;
    if (verdict == Verdict::pass && !passes) got += stage.take_held();
    passes = verdict == Verdict::pass;
    got += step.carried;
    got += step.shown;
  }
  Verdict verdict = Verdict::undecided;
  bool passes = false;
  std::string broken;
  std::string got;
};

}  // namespace ccrelay::exchange::scenes
