#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/chat_reasoning.hpp"
#include "dialect/chat_words.hpp"
#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/event_mould.hpp"
#include "dialect/hub_stream.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"
#include "dialect/profile.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

/// A provider's stream of chat completions becomes an Anthropic stream. Servers differ in much:
/// where usage stands, whether calls have an index or an id, how reasoning is told. Owned by who
/// reads the answer, one thread; the profile in the context outlives it.
class ChatStreamReader final : public StreamTranslator, private EventSink {
 public:
  explicit ChatStreamReader(AnswerContext context);

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override {
    return held_bytes() + due_.size() + events_.kept_bytes();
  }

 private:
  struct Call {
    std::optional<std::int64_t> index;
    std::string id;
    std::string waiting;  // arguments that came before the name
    JsonFlow arguments;
    std::optional<std::size_t> told;  // by which the hub's stream knows it
  };

  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void take_again();
  void take_chunk(std::string_view name, Json chunk);
  void learn(Json chunk, Json choices);
  void read_due_usage();
  void take_choices(Json choices, Json model);
  void take_choice(Json choice);
  void take_delta(Json delta);
  void take_content(Json content);
  void take_call(Json json);
  Call& call_of(Json index, const std::string& id, bool named);
  std::optional<std::size_t> known_call(std::optional<std::int64_t> number,
                                        const std::string& id) const;
  void name_call(Call& call, std::string id);
  void show_thinking(std::string_view text);
  void show_text(std::string_view text);
  void sign();
  void fail(const HubError& error);
  void fail(std::string message) { fail({502, "api_error", std::move(message), {}, {}, {}}); }
  void finish();
  std::size_t held_bytes() const {
    return hub_.waiting_bytes() + reasoning_.bytes() + tags_.bytes() + calls_bytes_;
  }
  void check_held();

  AnswerContext context_;
  Profile profile_;
  Seed made_;
  SseEvents events_;
  HubStream hub_;
  ChatReasoning reasoning_;
  ThinkTags tags_;
  std::vector<Call> calls_;
  // The last of these with an index or an id: each delta of a call names one.
  std::map<std::int64_t, std::size_t> by_index_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
  std::size_t last_call_ = 0;  // of these
  std::size_t calls_bytes_ = 0;
  EventMould mould_;
  ChatWords::Kind words_ = ChatWords::Kind::none;  // of the event in the mould
  bool counts_ = false;                            // it has usage
  std::string due_;                                // an event whose usage was not yet read
  Usage usage_;
  std::string finish_reason_;
  std::string* out_ = nullptr;  // while bytes are being read
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::dialect
