#include "dialect/gemini_stream_writer.hpp"

#include <utility>

#include "dialect/errors.hpp"
#include "dialect/json_out.hpp"

namespace ccrelay::dialect {
namespace {

HubError broken_stream(std::string message) {
  HubError error;
  error.message = std::move(message);
  return error;
}

}  // namespace

GeminiStreamWriter::GeminiStreamWriter(AnswerContext context, GeminiStreamForm form)
    : context_(std::move(context)),
      form_(form),
      parts_(context_, *this),
      events_(parts_, buffered_bytes_max) {}

void GeminiStreamWriter::feed(std::string_view in, std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.feed(in);
  if (events_.failed() || parts_.held_bytes() > buffered_bytes_max)
    on_error(broken_stream("the provider's stream has too much that cannot be passed on"));
}

void GeminiStreamWriter::end(std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.end();
  if (!finished_) on_error(broken_stream("the provider's stream ended early"));
}

void GeminiStreamWriter::on_part(std::string_view part) {
  if (failed_ || finished_) return;
  std::string chunk;
  JsonOut json(chunk);
  json.object().array("candidates").object().object("content");
  json.string("role", "model").array("parts").raw(part).end().end();
  json.number("index", 0).end().end();
  json.string("modelVersion", parts_.model()).string("responseId", parts_.id()).end();
  write_chunk(chunk);
}

// With an empty text, as Gemini's own last chunk: clients take one without any part for a broken
// one.
void GeminiStreamWriter::on_finish(std::string_view reason, const Usage& usage,
                                   const std::string& grounding) {
  if (failed_ || finished_) return;
  std::string chunk;
  JsonOut json(chunk);
  json.object().array("candidates").object().object("content");
  json.string("role", "model").array("parts").object().string("text", "").end().end().end();
  json.string("finishReason", reason).number("index", 0);
  if (!grounding.empty()) json.raw("groundingMetadata", grounding);
  json.end().end();
  json.key("usageMetadata");
  write_gemini_usage(json, usage);
  json.string("modelVersion", parts_.model()).string("responseId", parts_.id()).end();
  write_chunk(chunk);
  if (form_ == GeminiStreamForm::array) *out_ += ']';
  finished_ = true;
}

void GeminiStreamWriter::on_error(const HubError& error) {
  if (failed_ || finished_) return;
  write_chunk(error_body(Dialect::gemini, error));
  if (form_ == GeminiStreamForm::array) *out_ += ']';
  failed_ = true;
}

void GeminiStreamWriter::write_chunk(std::string_view chunk) {
  if (form_ == GeminiStreamForm::events) return append_event(*out_, {}, chunk);
  *out_ += begun_ ? ",\r\n" : "[";
  *out_ += chunk;
  begun_ = true;
}

}  // namespace ccrelay::dialect
