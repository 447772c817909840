#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.hpp"
#include "dialect/hub_delta.hpp"
#include "dialect/json_text.hpp"
#include "dialect/responses_writer.hpp"
#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {

/// The hub's answer, whole, as a Responses one. What is no message is told as a failed answer.
std::string to_responses_answer(std::string_view hub, const AnswerContext& context);

/// The hub's stream as a Responses one.
class ToResponsesStream final : public StreamTranslator, private EventSink {
 public:
  explicit ToResponsesStream(const AnswerContext& context)
      : writer_(context, true), events_(*this, buffered_bytes_max) {}

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override { return writer_.bytes() + events_.kept_bytes(); }

 private:
  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void take(Json event, std::string& out);
  void check_kept();
  void fail(const HubError& error, std::string& out);

  ResponsesWriter writer_;
  HubDelta delta_;
  SseEvents events_;
  std::string* out_ = nullptr;  // during a call
  std::string stop_reason_;
  bool started_ = false;
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::dialect
