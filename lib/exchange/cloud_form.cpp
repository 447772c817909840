#include "exchange/cloud_form.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "dialect/json_text.hpp"
#include "provider/betas.hpp"
#include "provider/body_edit.hpp"
#include "wire/event_message.hpp"
#include "wire/json_text.hpp"
#include "wire/spliced.hpp"
#include "wire/sse.hpp"
#include "wire/thinking_cut.hpp"

namespace ccrelay::exchange {
namespace {

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_CountTokens.html
std::optional<std::string> counted_body(std::string_view body) {
  const dialect::Json input = dialect::Json::read(body)["input"];
  return base::base64_decoded(input["invokeModel"]["body"].text());
}

// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html
std::string_view exception_of(std::string_view error_type) {
  if (error_type == "overloaded_error") return "serviceUnavailableException";
  if (error_type == "rate_limit_error") return "throttlingException";
  if (error_type == "timeout_error") return "modelTimeoutException";
  return error_type == "invalid_request_error" ? "validationException"
                                               : "modelStreamErrorException";
}

class BedrockFrames final : public dialect::StreamTranslator, private wire::SseSink {
 public:
  explicit BedrockFrames(std::unique_ptr<dialect::StreamTranslator> events)
      : events_(std::move(events)), scanner_(*this, buffered_bytes_max) {}

  void feed(std::string_view in, std::string& out) override {
    if (!events_) return scan(in, out);
    std::string said;
    events_->feed(in, said);
    scan(said, out);
  }
  void end(std::string& out) override {
    if (!events_) return;
    std::string said;
    events_->end(said);
    scan(said, out);
  }
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override {
    return scanner_.kept_bytes() + (events_ ? events_->kept_bytes() : 0);
  }

 private:
  void scan(std::string_view bytes, std::string& out) {
    out_ = &out;
    scanner_.feed(bytes);
    out_ = nullptr;
  }

  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view name, std::string_view data) override {
    // Bedrock has no pings.
    if (failed_ || finished_ || data.empty() || name == "ping") return;
    const dialect::Json event = dialect::Json::read(data);
    if (!event) return fail({}, "the provider's stream was cut within an event, or is not JSON");
    if (event["type"].is("ping")) return;
    if (event["type"].is("error"))
      return fail(event["error"]["type"].text(), event["error"]["message"].text());
    finished_ = event["type"].is("message_stop");
    using wire::EventHeader;
    using wire::EventValue;
    constexpr std::array headers{EventHeader{":event-type", EventValue::text, "chunk"},
                                 EventHeader{":content-type", EventValue::text, "application/json"},
                                 EventHeader{":message-type", EventValue::text, "event"}};
    wire::append_event_message(*out_, headers,
                               R"({"bytes":")" + base::base64_encoded(data) + R"("})");
  }

  void on_long_data(std::string_view) override {
    if (!failed_ && !finished_) fail({}, "the provider's stream has too much in one event");
  }

  void fail(std::string_view type, std::string_view message) {
    failed_ = true;
    wire::append_event_exception(*out_, exception_of(type),
                                 R"({"message":)" + wire::json_string(message) + '}');
  }

  const std::unique_ptr<dialect::StreamTranslator> events_;
  wire::SseScanner scanner_;
  std::string* out_ = nullptr;  // during feed() and end()
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace

bool is_cloud_form(Dialect client) {
  return client == Dialect::bedrock || client == Dialect::vertex;
}

Result<std::string> as_anthropic(const ClientRequest& request, const std::vector<Splice>& cut) {
  const bool counts = request.operation == Operation::count_tokens;
  std::optional<std::string> counted;
  if (counts && request.dialect == Dialect::bedrock) {
    counted = counted_body(request.body);
    if (!counted || counted->empty()) {
      return Error{ErrorCode::client,
                   "input: tokens are counted here of an invokeModel with a body in base64"};
    }
  }
  const std::string_view body = counted ? std::string_view(*counted) : request.body;
  auto edit = provider::BodyEdit::of(body);
  if (!edit) return edit.error();
  for (const char* name : {"anthropic_version", "anthropic_beta", "model", "stream"}) {
    edit->remove(name);
  }
  // What is counted is a body that could be invoked, and has more than a count takes.
  if (counts) edit->remove("max_tokens");
  if (request.view.stream) edit->insert("stream", "true");
  edit->insert("model", wire::json_string(request.view.model));
  if (counted) return wire::spliced(body, edit->take_splices());
  return wire::spliced(body, wire::merge_splices(edit->take_splices(), cut));
}

std::string anthropic_betas(const ClientRequest& request) {
  const auto betas = provider::betas_of(request.forwardable, request.body, request.dialect);
  return betas.empty() ? std::string() : provider::as_header(betas);
}

std::unique_ptr<dialect::StreamTranslator> bedrock_frames(
    std::unique_ptr<dialect::StreamTranslator> events) {
  return std::make_unique<BedrockFrames>(std::move(events));
}

std::string bedrock_count(std::string_view anthropic) {
  const auto tokens = dialect::Json::read(anthropic)["input_tokens"].integer();
  return R"({"inputTokens":)" + std::to_string(tokens.value_or(0)) + '}';
}

}  // namespace ccrelay::exchange
