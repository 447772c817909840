#include "dialect/streams.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/chat_stream_reader.hpp"
#include "dialect/chat_stream_writer.hpp"
#include "dialect/gemini_stream_reader.hpp"
#include "dialect/gemini_stream_writer.hpp"
#include "dialect/responses_answer.hpp"
#include "dialect/responses_reader.hpp"

namespace ccrelay::dialect {
namespace {

class TwoSteps final : public StreamTranslator {
 public:
  TwoSteps(std::unique_ptr<StreamTranslator> first, std::unique_ptr<StreamTranslator> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  void feed(std::string_view in, std::string& out) override {
    between_.clear();
    first_->feed(in, between_);
    second_->feed(between_, out);
  }
  void end(std::string& out) override {
    between_.clear();
    first_->end(between_);
    second_->feed(between_, out);
    second_->end(out);
  }
  bool failed() const override { return first_->failed() || second_->failed(); }
  bool finished() const override { return second_->finished(); }
  std::size_t kept_bytes() const override { return first_->kept_bytes() + second_->kept_bytes(); }

 private:
  std::unique_ptr<StreamTranslator> first_;
  std::unique_ptr<StreamTranslator> second_;
  std::string between_;
};

// Of the hub to the hub. Nobody asks it whether the stream was whole: who relays one of the hub's
// looks at that himself.
class Untouched final : public StreamTranslator {
 public:
  void feed(std::string_view in, std::string& out) override { out += in; }
  void end(std::string&) override {}
  bool failed() const override { return false; }
  bool finished() const override { return false; }
  std::size_t kept_bytes() const override { return 0; }
};

}  // namespace

std::unique_ptr<StreamTranslator> stream_reader(Dialect provider, const AnswerContext& context) {
  switch (provider) {
    case Dialect::chat:
      return std::make_unique<ChatStreamReader>(context);
    case Dialect::responses:
      return std::make_unique<FromResponsesStream>(context);
    case Dialect::gemini:
      return std::make_unique<GeminiStreamReader>(context);
    case Dialect::anthropic:
      break;
  }
  return nullptr;
}

std::unique_ptr<StreamTranslator> stream_writer(Dialect client, const AnswerContext& context,
                                                bool sse) {
  switch (client) {
    case Dialect::chat:
      return std::make_unique<ChatStreamWriter>(context);
    case Dialect::responses:
      return std::make_unique<ToResponsesStream>(context);
    case Dialect::gemini:
      return std::make_unique<GeminiStreamWriter>(
          context, sse ? GeminiStreamForm::events : GeminiStreamForm::array);
    case Dialect::anthropic:
      break;
  }
  return nullptr;
}

std::unique_ptr<StreamTranslator> two_steps(std::unique_ptr<StreamTranslator> first,
                                            std::unique_ptr<StreamTranslator> second) {
  if (!first && !second) return std::make_unique<Untouched>();
  if (!first) return second;
  if (!second) return first;
  return std::make_unique<TwoSteps>(std::move(first), std::move(second));
}

}  // namespace ccrelay::dialect
