#include "dialect/gemini_stream_reader.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "dialect/errors.hpp"
#include "dialect/gemini_grounding.hpp"
#include "dialect/json_out.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

// The part of a chunk that has nothing but words, and nothing else that anybody reads; else absent.
Json part_of_words(Json candidates) {
  const auto [index, content, reason, message, grounding] = candidates.only_item().picked(
      "index", "content", "finishReason", "finishMessage", "groundingMetadata");
  if (index.integer().value_or(0) != 0 || reason || message || grounding) return {};
  const Json part = content["parts"].only_item();
  const auto [text, call, signature] = part.picked("text", "functionCall", "thoughtSignature");
  return text.is_string() && !text.is_empty() && !call && !signature ? part : Json();
}

}  // namespace

GeminiStreamReader::GeminiStreamReader(AnswerContext context)
    : context_(std::move(context)), made_(context_.seed), chunks_(*this, buffered_bytes_max) {}

void GeminiStreamReader::feed(std::string_view in, std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  chunks_.feed(in);
  if (chunks_.failed()) fail("the provider's answer is no stream of Gemini's");
  if (chunks_.whole()) finish();
}

void GeminiStreamReader::end(std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  chunks_.end();
  finish();
}

void GeminiStreamReader::on_event(std::string_view, std::string_view data) {
  if (failed_ || finished_ || data == "[DONE]") return;
  if (mould_.fits(data, frame)) return take_again();
  mould_.drop();
  read_due_usage();
  const Json chunk = Json::read(data);
  if (chunk.is_array()) {
    for (const Json each : chunk.items()) take_chunk(each);
    mould_.drop();
  } else {
    take_chunk(chunk);
  }
}

std::size_t GeminiStreamReader::take_known(std::string_view bytes) {
  const std::size_t taken = failed_ || finished_ ? 0 : mould_.fits_front(bytes);
  if (taken > 0) take_again();
  return taken;
}

void GeminiStreamReader::take_chunk(Json chunk) {
  if (failed_) return;
  if (!chunk.is_object()) return fail("the provider's stream is not JSON");
  Json candidates, model, feedback, usage, error;
  for (const JsonMember& member : chunk.members()) {
    if (member.is("candidates")) candidates = member.value;
    if (member.is("modelVersion")) model = member.value;
    if (member.is("promptFeedback")) feedback = member.value;
    if (member.is("usageMetadata")) usage = member.value;
    if (member.is("error")) error = member.value;
  }
  if (error.told()) {
    return fail(read_error_object(Dialect::gemini, 0, error));
  }
  if (!hub_.started()) {
    hub_.start(made_.made("msg_"), context_.named(model.text()), *out_);
  }
  if (model.told()) model_ = model.text();
  blocked_ = blocked_ || feedback["blockReason"].told();
  answers_ = answers_ || candidates.is_array() || feedback.is_object() || usage.is_object();
  for (const Json& candidate : candidates.items()) {
    if (candidate["index"].integer().value_or(0) == 0) take_candidate(candidate);
  }
  read_gemini_usage(usage, usage_);
  check_held();
  learn(chunk, candidates);
}

// The next chunk may be this one with other words.
void GeminiStreamReader::learn(Json chunk, Json candidates) {
  const auto [words, thought] = part_of_words(candidates).picked("text", "thought");
  thought_ = thought.is_true();
  mould_.cast(chunk, words,
              {{"candidates", "modelVersion", "promptFeedback", "error"}, "usageMetadata"}, frame);
}

// The last chunk with other words, and other figures of usage: the last ones count.
void GeminiStreamReader::take_again() {
  take_text(mould_.words(), thought_, {});
  due_ = mould_.data();
  check_held();
}

void GeminiStreamReader::read_due_usage() {
  if (due_.empty()) return;
  read_gemini_usage(Json(due_)["usageMetadata"], usage_);
  due_.clear();
}

void GeminiStreamReader::check_held() {
  if (held_bytes() > buffered_bytes_max)
    fail("the provider's stream has too much that cannot be passed on");
}

void GeminiStreamReader::take_candidate(Json candidate) {
  for (const JsonMember& member : candidate.members()) {
    if (member.is("finishReason") && member.value.told()) finish_reason_ = member.value.text();
    if (member.is("finishMessage")) finish_message_ = member.value.text();
    if (member.is("groundingMetadata")) grounding_ = member.value.raw();
    if (!member.is("content")) continue;
    for (const Json& part : member.value["parts"].items()) {
      if (chunks_.single()) part_starts_.push_back(text_.size());
      take_part(part);
    }
  }
}

// Parts that are neither words nor calls are skipped.
void GeminiStreamReader::take_part(Json part) {
  Json text, call;
  std::string signature;
  bool thought = false;
  for (const JsonMember& member : part.members()) {
    if (member.is("text")) text = member.value;
    if (member.is("functionCall")) call = member.value;
    if (member.is("thoughtSignature")) signature = member.value.text();
    if (member.is("thought")) thought = member.value.is_true();
  }
  if (call.is_object()) return take_call(call, signature);
  if (text.is_string() || !signature.empty()) take_text(text.text(), thought, signature);
}

void GeminiStreamReader::take_text(std::string_view text, bool thought,
                                   const std::string& signature) {
  if (thought) {
    end_text();
    hub_.thinking(text, *out_);
    if (!signature.empty()) sign("thought", signature);
    return;
  }
  if (!text.empty()) {
    if (!text_signature_.empty()) end_text();
    end_thought();
    if (context_.web_search) text_ += text;
    hub_.text(text, *out_);
  }
  if (!signature.empty()) text_signature_ = signature;
}

void GeminiStreamReader::take_call(Json call, const std::string& signature) {
  const std::string name = call["name"].text();
  if (name.empty()) return;
  end_text();
  if (signature.empty()) {
    end_thought();
  } else {
    sign("call", signature);
  }
  std::string id = call["id"].text();
  if (id.empty()) id = made_.made("call_");
  const auto order = static_cast<std::int64_t>(hub_.calls());
  const std::size_t number = hub_.call(id, context_.names.back(name), order, *out_);
  std::string input = "{}";
  if (call["args"].is_object()) {
    input.clear();
    JsonOut(input).raw(call["args"]);
  }
  hub_.arguments(number, input, *out_);
  hub_.end_call(number, *out_);
}

// Something else begins: nothing is added to the text any more.
void GeminiStreamReader::end_text() {
  block_begin_ = text_.size();
  if (!text_signature_.empty()) sign("text", std::exchange(text_signature_, {}));
}

// It comes with the last chunk: the text that it is about is told, and stays open for citations.
void GeminiStreamReader::take_grounding(Json grounding) {
  const std::string query = grounding_query(grounding);
  if (query.empty()) return;
  // A stream's bytes count from the beginning of all its text.
  const std::vector<std::size_t> starts =
      chunks_.single() ? part_starts_ : std::vector<std::size_t>{0};
  for (const std::string& citation :
       grounding_citations(grounding, text_, block_begin_, starts, context_))
    hub_.cite(citation);
  end_text();
  const std::string id = made_.made("srvtoolu_");
  hub_.search(id, query, grounding_result_block(grounding, id, context_), *out_);
  usage_.web_searches =
      grounding_searches(grounding, model_.empty() ? context_.sent_model : model_);
}

// Without a tag it would look like Anthropic's own.
void GeminiStreamReader::end_thought() {
  if (hub_.thinks()) sign("thought", {});
}

void GeminiStreamReader::sign(std::string_view part, std::string_view signature) {
  Tag tag{Dialect::gemini, context_.issuer, {}};
  JsonOut out(tag.data);
  out.object();
  if (!signature.empty()) out.string("thoughtSignature", signature);
  out.string("part", part).end();
  hub_.sign(make_tag(tag), *out_);
}

void GeminiStreamReader::fail(const HubError& error) {
  if (failed_) return;
  failed_ = true;
  tell_status(context_, error.status);
  append_hub_error(error.type, error.message, *out_);
}

void GeminiStreamReader::finish() {
  if (failed_ || finished_) return;
  read_due_usage();
  // What is whole as JSON was not cut. Gemini's own clients know what one without content means.
  const bool whole =
      chunks_.single() && chunks_.whole() && (hub_.blocks() > 0 || (context_.native && answers_));
  if (finish_reason_.empty() && !blocked_ && !whole)
    return fail("the provider's stream ended early");
  const bool content = hub_.blocks() > 0;
  std::optional<std::string_view> stop = "refusal";
  // What a blocked prompt's answer says beside that does not count.
  if (!blocked_ || content) stop = hub_stop_of_gemini(finish_reason_, hub_.calls() > 0, content);
  if (!stop && context_.native) stop = "end_turn";
  if (!stop) {
    std::string message = "the model ended its answer with " + finish_reason_;
    if (!finish_message_.empty()) message += ": " + finish_message_;
    return fail(std::move(message));
  }
  take_grounding(Json(grounding_));
  end_text();
  end_thought();
  finished_ = true;
  std::string usage;
  JsonOut json(usage);
  write_hub_usage(json, usage_);
  hub_.finish(*stop, usage, *out_);
}

}  // namespace ccrelay::dialect
