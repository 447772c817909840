#include "exchange/answer_decoders.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

#include "wire/sse.hpp"

namespace ccrelay::exchange {
namespace {

Error no_room_for_answer() {
  return {ErrorCode::limit, "there is no room to keep the answer"};
}

class StreamDecoder : public AnswerDecoder {
 public:
  StreamDecoder(std::unique_ptr<dialect::StreamTranslator> translator, AnswerRoom room,
                bool listens)
      : translator_(std::move(translator)), room_(std::move(room)), listens_(listens) {}

  // What is broken it tells by an error event.
  Result<void> feed(std::string_view bytes, std::string& out) override {
    fed_ += bytes.size();
    if (!translator_) return {};
    translator_->feed(bytes, out);
    if (!room_ || room_(translator_->kept_bytes())) return {};
    if (!listens_) return no_room_for_answer();
    translator_.reset();
    room_(0);
    return {};
  }
  Result<void> end(std::string& out) override {
    if (translator_) translator_->end(out);
    return {};
  }
  std::uint64_t whole_bytes() const override { return fed_; }

 protected:
  std::uint64_t fed_ = 0;

 private:
  std::unique_ptr<dialect::StreamTranslator> translator_;
  const AnswerRoom room_;
  const bool listens_;
};

class EventsDecoder final : public StreamDecoder, private wire::SseSink {
 public:
  EventsDecoder(std::unique_ptr<dialect::StreamTranslator> translator, AnswerRoom room)
      : StreamDecoder(std::move(translator), std::move(room), true), ends_(*this, 0) {}

  Result<void> feed(std::string_view bytes, std::string& out) override {
    const std::uint64_t before = fed_;
    ends_.feed(bytes);
    if (ends_.whole() > 0) whole_ = before + ends_.whole();
    return StreamDecoder::feed(bytes, out);
  }
  std::uint64_t whole_bytes() const override { return whole_; }

 private:
  void on_event_begin(std::string_view) override {}
  void on_event(std::string_view, std::string_view) override {}

  wire::SseScanner ends_;
  std::uint64_t whole_ = 0;
};

class WholeDecoder final : public AnswerDecoder {
 public:
  WholeDecoder(dialect::Carried carried, std::string content_type, bool listens, AnswerRoom room)
      : carried_(std::move(carried)),
        content_type_(std::move(content_type)),
        listens_(listens),
        room_(std::move(room)) {}

  Result<void> feed(std::string_view bytes, std::string&) override {
    fed_ += bytes.size();
    if (too_large_) return {};
    const bool fits = body_.size() + bytes.size() <= dialect::StreamTranslator::buffered_bytes_max;
    if (!fits || !room_(body_.size() + bytes.size())) {
      too_large_ = true;
      let_body_go();
      if (listens_) return {};
      if (fits) return no_room_for_answer();
      return Error{ErrorCode::provider, "the answer is too large to be translated"};
    }
    body_ += bytes;
    return {};
  }
  Result<void> end(std::string& out) override {
    if (too_large_) return {};
    out += dialect::carry_answer(carried_, 200, body_, content_type_).body;
    let_body_go();
    return {};
  }
  std::uint64_t whole_bytes() const override { return fed_; }

 private:
  void let_body_go() {
    std::string().swap(body_);
    room_(0);
  }

  const dialect::Carried carried_;
  const std::string content_type_;
  const bool listens_;
  const AnswerRoom room_;
  bool too_large_ = false;
  std::string body_;
  std::uint64_t fed_ = 0;
};

}  // namespace

std::unique_ptr<AnswerDecoder> stream_decoder(std::unique_ptr<dialect::StreamTranslator> translator,
                                              AnswerRoom room) {
  return std::make_unique<StreamDecoder>(std::move(translator), std::move(room), false);
}

std::unique_ptr<AnswerDecoder> listening_decoder(
    std::unique_ptr<dialect::StreamTranslator> translator, bool has_events, AnswerRoom room) {
  if (has_events) return std::make_unique<EventsDecoder>(std::move(translator), std::move(room));
  return std::make_unique<StreamDecoder>(std::move(translator), std::move(room), true);
}

std::unique_ptr<AnswerDecoder> whole_decoder(dialect::Carried carried, std::string content_type,
                                             bool listens, AnswerRoom room) {
  return std::make_unique<WholeDecoder>(std::move(carried), std::move(content_type), listens,
                                        std::move(room));
}

}  // namespace ccrelay::exchange
