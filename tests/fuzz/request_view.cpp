// A body whose model is replaced, and whose thinking is left out, is still JSON, says the new model
// and nothing else anew.
#include "wire/request_view.hpp"

#include "fuzz/body.hpp"
#include "wire/json_text.hpp"
#include "wire/thinking_cut.hpp"

using namespace ccrelay;
using namespace ccrelay::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static RequestReader reader;
  std::string body(fuzz::Input(data, size).rest());
  // In other dialects other members count; the model is the same.
  RequestView openai;
  const bool is_openai =
      reader.read(body, openai, {true, false, false, Dialect::responses}).empty();
  RequestView chat;
  if (reader.read(body, chat, {true, false, false, Dialect::chat}).empty() && is_openai) {
    FUZZ_CHECK(chat.model == openai.model && chat.stream == openai.stream);
    FUZZ_CHECK(chat.cache_key == openai.cache_key);
  }
  RequestView gemini;
  (void)reader.read(body, gemini, {true, false, false, Dialect::gemini});
  FUZZ_CHECK(gemini.thinking.empty() && gemini.cache_key.empty());
  RequestView view;
  if (!reader.read(body, view, {true, true, true}).empty()) return 0;

  // What is no JSON deeper down may be read in one way and not in another; the provider will say
  // no.
  const bool valid = fuzz::is_json(body);
  RequestView less;
  const bool read = reader.read(body, less, {false, false}).empty();
  FUZZ_CHECK(read || !valid);
  FUZZ_CHECK(!read || (less.model == view.model && less.stream == view.stream));

  const std::string_view model = "new \"model\"";
  std::vector<Splice> splices;
  for (const Span& span : view.model_spans) {
    FUZZ_CHECK(body.at(span.offset) == '"' && body.at(span.offset + span.length - 1) == '"');
    splices.push_back({span.offset, span.length, wire::json_string(model)});
  }
  std::vector<Span> thinking;
  for (const ThinkingBlock& block : view.thinking) thinking.push_back(block.span);
  splices = merge_splices(std::move(splices), cut_thinking(body, thinking));
  std::string changed = fuzz::spliced(body, splices);
  FUZZ_CHECK(!valid || fuzz::is_json(changed));

  RequestView after;
  FUZZ_CHECK(reader.read(changed, after, {true, true, true}).empty());
  FUZZ_CHECK(after.model == model);
  FUZZ_CHECK(after.model_spans.size() == view.model_spans.size());
  FUZZ_CHECK(after.thinking.empty());
  FUZZ_CHECK(after.stream == view.stream && after.user_id == view.user_id);
  FUZZ_CHECK(after.answered == view.answered);
  return 0;
}
