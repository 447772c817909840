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
  // Straight to where it goes: this is done for each token.
  begin_chunk();
  *out_ += R"({"candidates":[{"content":{"role":"model","parts":[)";
  *out_ += part;
  *out_ += R"(]},"index":0}],)";
  *out_ += parts_.answer_members();
  *out_ += '}';
  end_chunk();
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
  begin_chunk();
  *out_ += chunk + ',' + parts_.answer_members() + '}';
  end_chunk();
  if (form_ == GeminiStreamForm::array) *out_ += ']';
  finished_ = true;
}

void GeminiStreamWriter::on_error(const HubError& error) {
  if (failed_ || finished_) return;
  begin_chunk();
  *out_ += error_body(Dialect::gemini, error);
  end_chunk();
  if (form_ == GeminiStreamForm::array) *out_ += ']';
  failed_ = true;
}

void GeminiStreamWriter::begin_chunk() {
  if (form_ == GeminiStreamForm::events) {
    *out_ += "data: ";
  } else {
    *out_ += begun_ ? ",\r\n" : "[";
  }
  begun_ = true;
}

void GeminiStreamWriter::end_chunk() {
  if (form_ == GeminiStreamForm::events) *out_ += "\n\n";
}

}  // namespace ccrelay::dialect
