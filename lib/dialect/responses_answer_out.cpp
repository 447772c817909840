#include "dialect/responses_answer.hpp"

#include <utility>

namespace ccrelay::dialect {
namespace {

HubError broken_answer(std::string message) {
  HubError error;
  error.status = 502;
  error.message = std::move(message);
  return error;
}

}  // namespace

std::string to_responses_answer(std::string_view hub, const AnswerContext& context) {
  ResponsesWriter writer(context, false);
  std::string none;
  const Json message = Json::read(hub);
  if (!message["content"].is_array()) {
    writer.fail(broken_answer("The provider's answer is no message."), none);
    return writer.document();
  }
  writer.start(message, none);
  for (const Json& block : message["content"].items()) writer.block_start(block, none);
  writer.finish(message["stop_reason"].text(), none);
  return writer.document();
}

void ToResponsesStream::feed(std::string_view in, std::string& out) {
  if (finished_ || failed_) return;
  out_ = &out;
  events_.feed(in);
  out_ = nullptr;
  if (finished_ || failed_) return;
  if (events_.failed()) {
    fail(broken_answer("An event of the provider's is larger than is kept."), out);
  }
}

void ToResponsesStream::end(std::string& out) {
  if (finished_ || failed_) return;
  out_ = &out;
  events_.end();
  out_ = nullptr;
  if (finished_ || failed_) return;
  fail(broken_answer("The provider's stream ended before it was whole."), out);
}

std::size_t ToResponsesStream::take_known(std::string_view bytes) {
  const std::size_t taken = finished_ || failed_ ? 0 : delta_.is_front(bytes);
  if (taken > 0) {
    writer_.block_words(delta_.kind(), delta_.words(), *out_);
    check_kept();
  }
  return taken;
}

void ToResponsesStream::on_event(std::string_view, std::string_view data) {
  if (finished_ || failed_) return;
  if (delta_.is_next(data, frame)) {
    writer_.block_words(delta_.kind(), delta_.words(), *out_);
    return check_kept();
  }
  const Json event = Json::read(data);
  if (event.is_object()) take(event, *out_);
  check_kept();
}

void ToResponsesStream::check_kept() {
  if (writer_.bytes() > buffered_bytes_max && !finished_) {
    fail(broken_answer("The provider's answer has more in it than is kept."), *out_);
  }
}

void ToResponsesStream::take(Json event, std::string& out) {
  const Json type = event["type"];
  if (type.is("error")) {
    return fail(read_error_object(Dialect::anthropic, 200, event["error"]), out);
  }
  if (!started_) {
    if (!type.is("message_start")) return;
    started_ = true;
    return writer_.start(event["message"], out);
  }
  if (type.is("content_block_start")) {
    writer_.block_start(event["content_block"], out);
  } else if (type.is("content_block_delta")) {
    const Json delta = event["delta"];
    delta_.learn(event, DeltaWords::of(delta), frame);
    writer_.block_delta(delta, out);
  } else if (type.is("content_block_stop")) {
    writer_.block_stop(out);
  } else if (type.is("message_delta")) {
    writer_.usage(event["usage"]);
    if (const Json reason = event["delta"]["stop_reason"]; reason.told()) {
      stop_reason_ = reason.text();
    }
  } else if (type.is("message_stop")) {
    writer_.finish(stop_reason_, out);
    finished_ = true;
  }
}

void ToResponsesStream::fail(const HubError& error, std::string& out) {
  failed_ = true;
  writer_.fail(error, out);
}

}  // namespace ccrelay::dialect
