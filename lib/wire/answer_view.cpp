#include "wire/answer_view.hpp"

#include <simdjson.h>

namespace ccrelay::wire {

namespace dom = simdjson::dom;

struct AnswerFacts::Parts {
  dom::parser parser;

  // Without text the parser would copy from where nothing is.
  bool parse(std::string_view json, dom::element& document) {
    return !json.empty() && !parser.parse(json.data(), json.size()).get(document);
  }
};

AnswerFacts::AnswerFacts() : parts_(std::make_unique<Parts>()) {}
AnswerFacts::~AnswerFacts() = default;

bool AnswerFacts::read_usage(std::string_view json, Usage& usage) {
  dom::element document;
  if (!parts_->parse(json, document)) return false;
  dom::element found;
  if (document["usage"].get(found) && document["message"]["usage"].get(found)) return false;
  const auto take = [&](const char* name, std::uint64_t& into, bool zero_counts) {
    std::uint64_t value = 0;
    if (found[name].get_uint64().get(value)) return;
    if (value > 0 || zero_counts) into = value;
  };
  // What a request had put into it is known when its answer begins. Some say at the end that it was
  // nothing, for want of a better figure.
  take("input_tokens", usage.input, false);
  take("output_tokens", usage.output, true);
  take("cache_creation_input_tokens", usage.cache_write, false);
  take("cache_read_input_tokens", usage.cache_read, false);
  return true;
}

bool AnswerFacts::read_metrics(std::string_view json, Usage& usage) {
  dom::element document;
  dom::element found;
  if (!parts_->parse(json, document)) return false;
  if (document["amazon-bedrock-invocationMetrics"].get(found)) return false;
  const auto take = [&](const char* name, std::uint64_t& into) {
    std::uint64_t value = 0;
    if (into == 0 && !found[name].get_uint64().get(value)) into = value;
  };
  take("inputTokenCount", usage.input);
  take("outputTokenCount", usage.output);
  take("cacheWriteInputTokenCount", usage.cache_write);
  take("cacheReadInputTokenCount", usage.cache_read);
  return true;
}

bool AnswerFacts::read_error(std::string_view json, ProviderError& error) {
  dom::element document;
  if (!parts_->parse(json, document)) return false;
  dom::element found;
  if (document["error"].get(found)) return false;
  const auto take = [&](const char* name, std::string& into) {
    std::string_view text;
    std::int64_t number = 0;
    if (!found[name].get_string().get(text)) {
      into = text;
    } else if (!found[name].get_int64().get(number)) {
      into = std::to_string(number);
    }
  };
  take("type", error.type);
  take("message", error.message);
  take("code", error.code);
  return true;
}

std::string AnswerFacts::read_type(std::string_view json) {
  dom::element document;
  std::string_view type;
  if (!parts_->parse(json, document)) return {};
  if (document["type"].get_string().get(type)) return {};
  return std::string(type);
}

}  // namespace ccrelay::wire
