#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "dialect/character_marks.hpp"
#include "dialect/dialect.hpp"
#include "dialect/errors.hpp"
#include "dialect/event_mould.hpp"
#include "dialect/hub_stream.hpp"
#include "dialect/ids.hpp"
#include "dialect/json_text.hpp"
#include "dialect/sse_events.hpp"
#include "dialect/usage.hpp"

namespace ccrelay::dialect {

/// A Responses answer, whole, as the hub's message; or the error that it tells.
std::variant<std::string, HubError> from_responses_answer(std::string_view body,
                                                          const AnswerContext& context);

/// A Responses stream as the hub's. Items are told as they come; what comes while reasoning is not
/// yet whole waits behind it, for its seal is told last. What was not told in pieces is taken from
/// the `…done` events and from the whole response at the end.
class FromResponsesStream final : public StreamTranslator, private EventSink {
 public:
  explicit FromResponsesStream(AnswerContext context)
      : context_(std::move(context)), seed_(context_.seed), events_(*this, buffered_bytes_max) {}

  void feed(std::string_view in, std::string& out) override;
  void end(std::string& out) override;
  bool failed() const override { return failed_; }
  bool finished() const override { return finished_; }
  std::size_t kept_bytes() const override { return held_bytes() + events_.kept_bytes(); }

 private:
  static constexpr std::int64_t none = -1;
  struct Part {
    std::string told;
    std::size_t block_begin = 0;  // in that, of the block that has its end
    CharacterMarks marks;         // of that
  };
  struct Item {
    bool opened = false;
    bool done = false;
    std::size_t call = 0;  // towards the stream
    bool cited = false;    // citations were told
    bool summary = true;   // of reasoning: which of its two texts is told
    std::int64_t part = none;
    std::map<std::int64_t, Part> parts;
  };
  struct Waiting {
    std::int64_t item;
    std::string data;
  };
  /// What of an item had something added to it last.
  struct Grown {
    enum class Kind : std::uint8_t { text, thinking, arguments };
    std::string* told = nullptr;  // of an item; null: nothing
    Kind kind = Kind::text;
    std::size_t call = 0;
  };

  void on_event(std::string_view name, std::string_view data) override;
  std::size_t take_known(std::string_view bytes) override;
  void read(std::string_view name, std::string_view data);
  void wait(std::int64_t item, std::string_view data);
  /// What waited, once it need not: all of it, or of the reasoning that the others wait for now.
  void take_waiting();
  std::size_t held_bytes() const { return hub_.waiting_bytes() + waiting_bytes_ + told_bytes_; }
  void check_held();
  void take(Json event, std::string_view type);
  void start(Json response);
  void end_of_response(Json response);
  void fail(const HubError& error);

  void open(std::int64_t index, Json item);
  void delta(std::int64_t index, Json event, std::string_view type);
  void grow(const Grown& grown, std::string_view piece, bool plain = false);
  void text(std::int64_t index, std::int64_t part, std::string_view piece);
  void thinking(std::int64_t index, std::int64_t part, bool summary, std::string_view piece);
  void arguments(std::int64_t index, std::string_view piece);
  void cite(std::int64_t index, Json annotation, std::int64_t part);
  /// All of it is known: what was not told yet is.
  void whole(std::int64_t index, Json item);
  void whole_message(std::int64_t index, Json item);
  void whole_reasoning(std::int64_t index, Json item);
  void whole_call(std::int64_t index, Json item);
  void search(Json item);
  Item& item_of(std::int64_t index);
  Part& part_of(Item& item, std::int64_t part);
  void name_item(std::int64_t index, Json id);
  /// Where an item of the whole response was told, if it was.
  std::int64_t index_of(Json item, std::int64_t position) const;
  std::string_view rest(std::int64_t index, std::int64_t part, std::string_view text);

  AnswerContext context_;
  Seed seed_;
  SseEvents events_;
  HubStream hub_;
  EventMould mould_;            // of a delta
  Grown grown_;                 // by that
  std::string* out_ = nullptr;  // during a call
  std::map<std::int64_t, Item> items_;
  std::map<std::string, std::int64_t, std::less<>> indexes_;   // by the items' ids
  std::int64_t reasoning_ = none;                              // the item that everything waits for
  std::map<std::size_t, Waiting> waiting_;                     // events of others, as they came
  std::set<std::pair<std::int64_t, std::size_t>> waiting_of_;  // the same, by the item
  std::size_t waited_ = 0;                                     // events so far
  std::size_t waiting_bytes_ = 0;
  std::size_t told_bytes_ = 0;  // kept to tell what is new in a whole
  std::size_t calls_ = 0;
  std::int64_t searches_ = 0;
  bool failed_ = false;
  bool finished_ = false;
};

}  // namespace ccrelay::dialect
