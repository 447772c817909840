#include "dialect/gemini_answer.hpp"

#include <utility>
#include <vector>

#include "dialect/errors.hpp"
#include "dialect/gemini_parts.hpp"
#include "dialect/gemini_stream_reader.hpp"
#include "dialect/hub_fold.hpp"
#include "dialect/json_out.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"

namespace ccrelay::dialect {
namespace {

// A 200 that is none: the status is what the error says of itself, else that of a broken provider.
TranslatedAnswer failed_answer(Dialect client, HubError error) {
  if (error.status < 400) error.status = 502;
  return {error_status(client, error), error_body(client, error)};
}

// Puts the parts of a message into one candidate.
class GeminiWholeAnswer final : public GeminiPartSink {
 public:
  explicit GeminiWholeAnswer(const AnswerContext& context) : parts_(context, *this, true) {}

  TranslatedAnswer read(std::string_view message) {
    SseEvents events(parts_, StreamTranslator::buffered_bytes_max * 4);
    events.feed(stream_of_message(message));
    if (answer_.body.empty()) {
      HubError error;
      error.message = "the provider's answer cannot be read";
      on_error(error);
    }
    return std::move(answer_);
  }

 private:
  void on_part(std::string_view part) override { written_.emplace_back(part); }

  void on_finish(std::string_view reason, const Usage& usage,
                 const std::string& grounding) override {
    JsonOut json(answer_.body);
    json.object().array("candidates").object().object("content").string("role", "model");
    json.array("parts");
    for (const std::string& part : written_) json.raw(part);
    json.end().end().string("finishReason", reason).number("index", 0);
    if (!grounding.empty()) json.raw("groundingMetadata", grounding);
    json.end().end();
    json.key("usageMetadata");
    write_gemini_usage(json, usage);
    answer_.body += ',' + parts_.answer_members() + '}';
  }

  void on_error(const HubError& error) override { answer_ = failed_answer(Dialect::gemini, error); }

  GeminiParts parts_;
  std::vector<std::string> written_;
  TranslatedAnswer answer_;
};

}  // namespace

TranslatedAnswer from_gemini_answer(std::string_view body, const AnswerContext& context) {
  const Json json = Json::read(body);
  if (json["error"].told())
    return failed_answer(Dialect::anthropic, read_error(Dialect::gemini, 200, body));
  GeminiStreamReader reader(context);
  std::string stream;
  reader.feed(body, stream);
  reader.end(stream);
  bool failed = false;
  std::string message = message_of_stream(stream, &failed);
  if (!failed) return {200, std::move(message)};
  const Json error = Json::read(message);
  return failed_answer(Dialect::anthropic,
                       read_error_object(Dialect::anthropic, 0, error["error"]));
}

TranslatedAnswer to_gemini_answer(std::string_view body, const AnswerContext& context) {
  const Json json = Json::read(body);
  if (json["type"].is("error"))
    return failed_answer(Dialect::gemini, read_error(Dialect::anthropic, 200, body));
  return GeminiWholeAnswer(context).read(body);
}

}  // namespace ccrelay::dialect
