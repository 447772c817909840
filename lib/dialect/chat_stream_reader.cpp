#include "dialect/chat_stream_reader.hpp"

#include <algorithm>
#include <utility>

#include "dialect/json_out.hpp"
#include "dialect/stop_reasons.hpp"
#include "dialect/tags.hpp"

namespace ccrelay::dialect {
namespace {

// Of a call in the two maps, beside its id: about what keeps it.
constexpr std::size_t map_bytes = 128;

}  // namespace

ChatStreamReader::ChatStreamReader(AnswerContext context)
    : context_(std::move(context)),
      profile_(or_generic(context_.profile)),
      made_(context_.seed),
      events_(*this, buffered_bytes_max),
      tags_(profile_.think_tags) {}

void ChatStreamReader::feed(std::string_view in, std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.feed(in);
  if (events_.failed()) fail("an event of the provider is too large");
}

void ChatStreamReader::end(std::string& out) {
  if (failed_ || finished_) return;
  out_ = &out;
  events_.end();
  if (failed_ || finished_) return;
  if (finish_reason_.empty()) return fail("the provider's stream ended early");
  finish();
}

void ChatStreamReader::on_event(std::string_view name, std::string_view data) {
  if (failed_ || finished_) return;
  if (data == "[DONE]") {
    // Some end with this alone; one that said nothing at all was cut.
    if (finish_reason_.empty() && hub_.blocks() == 0)
      return fail("the provider's stream ended without an answer");
    return finish();
  }
  if (name != "error" && mould_.fits(data, frame)) return take_again();
  mould_.drop();
  read_due_usage();
  const Json chunk = Json::read(data);
  if (!chunk) return fail("the provider's stream is not JSON");
  take_chunk(name, chunk);
}

std::size_t ChatStreamReader::take_known(std::string_view bytes) {
  const std::size_t taken = failed_ || finished_ ? 0 : mould_.fits_front(bytes);
  if (taken > 0) take_again();
  return taken;
}

void ChatStreamReader::take_chunk(std::string_view name, Json chunk) {
  // One walk: this is done for each token.
  const auto [error, object, choices, model, usage, x_groq, tier] =
      chunk.picked("error", "object", "choices", "model", "usage", "x_groq", "service_tier");
  if (name == "error" || error.told() || object.is("error")) {
    return fail(read_error_object(Dialect::chat, 0, error.told() ? error : chunk));
  }
  take_choices(choices, model);
  if (failed_) return;
  read_chat_usage(chat_usage_in(usage, x_groq, choices), profile_, usage_);
  tell_cost(context_, usage_);
  read_service_tier(tier, usage_);
  check_held();
  counts_ = usage.is_object();
  learn(chunk, choices);
}

// The next event may be this one with other words.
void ChatStreamReader::learn(Json chunk, Json choices) {
  const auto [kind, words] = chat_words_of(choices);
  const bool is_call = kind == ChatWords::Kind::arguments;
  if (is_call && (calls_.empty() || !calls_[last_call_].told)) return;
  if (kind == ChatWords::Kind::text && !tags_.passed()) return;
  words_ = kind;
  mould_.cast(chunk, words,
              {{"error", "object", "choices", "model", "usage", "x_groq", "service_tier"}, "usage"},
              frame);
}

// The last event with other words, and other figures of usage: the last ones count.
void ChatStreamReader::take_again() {
  const std::string_view words = mould_.words();
  const bool plain = mould_.are_plain();
  switch (words_) {
    case ChatWords::Kind::none:
      break;
    case ChatWords::Kind::text:
      hub_.text(words, *out_, plain);
      break;
    case ChatWords::Kind::thinking:
      reasoning_.take_more(words);
      hub_.thinking(words, *out_, plain);
      break;
    case ChatWords::Kind::arguments: {
      Call& call = calls_[last_call_];
      std::string passed;
      call.arguments.feed(words, passed);
      hub_.arguments(*call.told, words, *out_);
    }
  }
  if (counts_) due_ = mould_.data();
  check_held();
}

void ChatStreamReader::read_due_usage() {
  if (due_.empty()) return;
  read_chat_usage(Json(due_)["usage"], profile_, usage_);
  due_.clear();
}

void ChatStreamReader::take_choices(Json choices, Json model) {
  if (!hub_.started()) {
    hub_.start(made_.made("msg_"), context_.named(model.text()), *out_);
  }
  for (const Json& choice : choices.items()) {
    take_choice(choice);
    if (failed_) return;
  }
}

void ChatStreamReader::take_choice(Json choice) {
  const auto [index, delta, reason] = choice.picked("index", "delta", "finish_reason");
  if (index.integer().value_or(0) != 0) return;
  take_delta(delta);
  if (!reason.is_string() || reason.is_empty()) return;
  finish_reason_ = reason.text();
  if (!hub_stop_of_chat(finish_reason_, false)) fail("the provider ended its answer with an error");
}

void ChatStreamReader::take_delta(Json delta) {
  show_thinking(reasoning_.take(delta));
  Json refusal;
  Json calls;
  Json function;
  for (const JsonMember& member : delta.members()) {
    if (member.is("content")) take_content(member.value);
    if (member.is("refusal")) refusal = member.value;
    if (member.is("tool_calls")) calls = member.value;
    if (member.is("function_call")) function = member.value;
  }
  show_text(refusal.text());
  for (const Json& call : calls.items()) take_call(call);
  // The form of 2023, which a few servers still speak: the only call, and the call itself. Where
  // it is empty nothing is said, here as in chat_words_of().
  if (function.is_object() && !function.is_empty()) {
    const std::string call = R"({"index":0,"function":)" + std::string(function.raw()) + "}";
    take_call(Json(call));
  }
}

void ChatStreamReader::take_content(Json content) {
  if (content.is_string()) {
    std::string thinking;
    std::string text;
    tags_.feed(content.text(), thinking, text);
    if (!thinking.empty()) {
      reasoning_.take_tagged();
      show_thinking(thinking);
    }
    return show_text(text);
  }
  for (const Json& part : content.items()) {
    if (part["type"].is("thinking")) {
      show_thinking(reasoning_.take_part(part));
    } else {
      show_text(part["text"].text());
    }
  }
}

void ChatStreamReader::show_thinking(std::string_view text) {
  hub_.thinking(text, *out_);
}

void ChatStreamReader::show_text(std::string_view text) {
  if (text.empty()) return;
  sign();
  hub_.text(text, *out_);
}

// Reasoning is over when something else begins: what it takes to bring it back goes behind it.
void ChatStreamReader::sign() {
  if (reasoning_.pending())
    hub_.sign(make_tag({Dialect::chat, context_.issuer, reasoning_.data()}), *out_);
}

// The last call with that index, where none is told with that id, where none is told the last of
// all.
std::optional<std::size_t> ChatStreamReader::known_call(std::optional<std::int64_t> number,
                                                        const std::string& id) const {
  if (number) {
    const auto found = by_index_.find(*number);
    if (found != by_index_.end()) return found->second;
  } else if (!id.empty()) {
    const auto found = by_id_.find(id);
    if (found != by_id_.end()) return found->second;
  } else if (!calls_.empty()) {
    return calls_.size() - 1;
  }
  return {};
}

ChatStreamReader::Call& ChatStreamReader::call_of(Json index, const std::string& id, bool named) {
  const std::optional<std::int64_t> number = index.integer();
  if (const auto at = known_call(number, id)) {
    Call& known = calls_[*at];
    const bool other_id = !id.empty() && !known.id.empty() && known.id != id;
    // Where there is neither, a name behind a whole call begins another.
    const bool next = !number && id.empty() && named && known.told && known.arguments.complete();
    if (!other_id && !next) return known;
  }
  if (number) by_index_[*number] = calls_.size();
  Call& call = calls_.emplace_back();
  calls_bytes_ += sizeof(Call) + map_bytes;
  call.index = number;
  return call;
}

void ChatStreamReader::name_call(Call& call, std::string id) {
  if (id.empty()) return;
  // An id may be told of several: then the last of them counts.
  const auto at = static_cast<std::size_t>(&call - calls_.data());
  std::size_t& last = by_id_.try_emplace(id, at).first->second;
  last = std::max(last, at);
  calls_bytes_ += 2 * id.size();
  call.id = std::move(id);
}

void ChatStreamReader::take_call(Json json) {
  Json index, function, extra;
  std::string id;
  for (const JsonMember& member : json.members()) {
    if (member.is("index")) index = member.value;
    if (member.is("id")) id = member.value.text();
    if (member.is("function")) function = member.value;
    if (member.is("extra_content")) extra = member.value;
  }
  const std::string name = function["name"].text();
  Call& call = call_of(index, id, !name.empty());
  last_call_ = static_cast<std::size_t>(&call - calls_.data());
  if (call.id.empty()) name_call(call, id);
  const Json arguments = function["arguments"];
  std::string piece = arguments.text();
  if (arguments.is_object() || arguments.is_array()) piece = arguments.raw();
  std::string passed;
  call.arguments.feed(piece, passed);
  if (extra.is_object() && !extra.is_empty()) {
    sign();
    const std::string data = R"({"extra_content":)" + std::string(extra.raw()) + "}";
    hub_.sign(make_tag({Dialect::chat, context_.issuer, data}), *out_);
  }
  if (!call.told && !name.empty()) {
    sign();
    if (call.id.empty()) name_call(call, made_.made("call_"));
    const auto order = call.index.value_or(static_cast<std::int64_t>(calls_.size()));
    call.told = hub_.call(call.id, context_.names.back(name), order, *out_);
    calls_bytes_ -= call.waiting.size();
    piece = std::exchange(call.waiting, {}) + piece;
  }
  if (call.told) {
    hub_.arguments(*call.told, piece, *out_);
  } else {
    call.waiting += piece;
    calls_bytes_ += piece.size();
  }
}

void ChatStreamReader::fail(const HubError& error) {
  if (failed_) return;
  failed_ = true;
  tell_status(context_, error.status);
  *out_ += stream_error(Dialect::anthropic, error);
}

void ChatStreamReader::check_held() {
  if (held_bytes() > buffered_bytes_max)
    fail("the provider's stream has too much that cannot be passed on");
}

void ChatStreamReader::finish() {
  finished_ = true;
  read_due_usage();
  tell_cost(context_, usage_);
  std::string thinking;
  std::string text;
  tags_.end(thinking, text);
  if (!thinking.empty()) reasoning_.take_tagged();
  show_thinking(thinking);
  show_text(text);
  sign();
  if (!hub_.started()) hub_.start(made_.made("msg_"), context_.named({}), *out_);
  std::string usage;
  JsonOut json(usage);
  write_hub_usage(json, usage_);
  const auto stop = hub_stop_of_chat(finish_reason_, hub_.calls() > 0);
  hub_.finish(stop.value_or("end_turn"), usage, *out_);
}

}  // namespace ccrelay::dialect
