#include "exchange/answer_stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/answer_looks.hpp"
#include "exchange/classify.hpp"
#include "exchange/error_answer.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::exchange {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

AnswerStage::AnswerStage(wire::AnswerFacts& facts, const StreamConfig& limits, const What& what,
                         std::unique_ptr<AnswerDecoder> decoder)
    : facts_(facts),
      inspect_bytes_(static_cast<std::size_t>(limits.inspect_bytes)),
      event_bytes_max_(static_cast<std::size_t>(limits.buffer_bytes)),
      operation_(what.operation),
      dialect_(what.dialect),
      outcome_(what.outcome),
      authority_(what.authority),
      source_(what.source),
      status_(what.head.status),
      decoder_(std::move(decoder)),
      frames_(what.frames) {
  if (what.wants_names) usage_.keep_names();
  usage_.read_cost_in(what.cost);
  const std::string_view type = what.head.headers.get(base::HeaderName::content_type).value_or("");
  says_stream_ = base::istarts_with(type, "text/event-stream");
  const bool is_good = what.head.status >= 200 && what.head.status < 300;
  if (operation_ == Operation::other || !is_good || !is_plain(what.head)) return;
  holds_ = true;
  // Of a dialect in which streams are no Server-Sent Events, the decoder reads them.
  comes_at_end_ = what.decodes == Decodes::stream_at_end;
  if (what.decodes == Decodes::stream || comes_at_end_) {
    become_stream();
  } else if (what.decodes == Decodes::document) {
    form_ = Form::json;
  } else if (decoder_ && operation_ == Operation::messages &&
             (says_stream_ || dialect_ != Dialect::anthropic)) {
    become_stream();
  } else if (decoder_) {
    form_ = Form::decoded;
  } else {
    form_ = Form::unknown;
    const bool says_document =
        base::istarts_with(type, "application/json") || base::istarts_with(type, "text/html");
    may_be_stream_ = operation_ == Operation::messages &&
                     (says_stream_ || (what.wants_stream && !says_document));
  }
}

void AnswerStage::become_stream() {
  form_ = Form::stream;
  tap_.emplace(facts_, inspect_bytes_, usage_);
}

bool AnswerStage::may_be_shown_early() const {
  // Whose frames may come is not committed as what has none.
  return (form_ == Form::stream && !comes_at_end_) ||
         (form_ == Form::unknown && may_be_stream_ && !frames_);
}

void AnswerStage::stop_holding() {
  holds_ = false;
  if (form_ != Form::unknown) return;
  become_stream();
  tap_->feed(kept_);
  whole_ = tap_->whole();
}

std::string AnswerStage::take_held() {
  if (form_ != Form::stream || through_) return std::exchange(kept_, {});
  std::string whole = kept_.substr(0, whole_);
  kept_.erase(0, std::exchange(whole_, 0));
  return whole;
}

// The client gets the provider's own bytes, which have another form than Anthropic's: an error in
// them is one that it knows.
bool AnswerStage::shows_own() const {
  return dialect_ != Dialect::anthropic && dialect_ != Dialect::vertex;
}

// What the bytes mean in Anthropic's form.
std::string_view AnswerStage::decode(std::string_view bytes, std::string& broken) {
  if (!decoder_) return bytes;
  decoded_.clear();
  fed_before_ = fed_;
  fed_ += bytes.size();
  if (const auto fed = decoder_->feed(bytes, decoded_); !fed) broken = fed.error().message;
  return decoded_;
}

AnswerStage::Step AnswerStage::feed(std::string_view bytes) {
  Step step;
  const std::string_view readable = decode(bytes, step.broken);
  const std::string_view shown = dialect_ == Dialect::anthropic ? readable : bytes;
  if (members_) members_->feed(readable);
  if (holds_) {
    hold(shown, readable, step);
    holds_ = step.verdict == Verdict::undecided;
    return step;
  }
  step.verdict = Verdict::pass;
  if (form_ == Form::stream) {
    pass_stream(shown, readable, step);
  } else {
    step.shown = shown;
  }
  return step;
}

// As the status of that name.
Outcome AnswerStage::outcome_of_error() const {
  const auto meaning = provider::error_meaning(source_, 200, {}, error_json());
  if (meaning.about == ErrorAbout::none) return Outcome::failed;
  return outcome_of(meaning.about, operation_, authority_, meaning.status);
}

// What the beginning of the answer shows it to be.
void AnswerStage::recognise(std::string& broken) {
  // Blanks in front of it are looked at once.
  const std::string_view kept(kept_);
  if (blanks_ == 0 && kept.starts_with(byte_order_mark)) blanks_ = byte_order_mark.size();
  while (blanks_ < kept.size() && is_blank(kept[blanks_])) ++blanks_;
  if (blanks_ == kept.size()) return;
  switch (looks_of(kept.substr(blanks_))) {
    case Looks::empty:
      return;
    case Looks::frames:
      become_frames(broken);
      return;
    case Looks::json:
      form_ = Form::json;
      return;
    case Looks::page:
      fail("an HTML page where JSON or an event stream was expected; check base_url");
      return;
    case Looks::stream:
      break;
    case Looks::text:
      if (says_stream_) break;
      fail("text where JSON or an event stream was expected; check base_url");
      return;
  }
  if (operation_ == Operation::messages) {
    become_stream();
  } else {
    fail("an event stream where a count of tokens was expected");
  }
}

// As if its head had said so.
void AnswerStage::become_frames(std::string& broken) {
  if (operation_ == Operation::messages && frames_) decoder_ = std::exchange(frames_, {})();
  if (!decoder_) {
    fail("binary frames where JSON or an event stream was expected; check base_url");
    return;
  }
  become_stream();
  const std::string raw = kept_;
  const std::string_view readable = decode(raw, broken);
  if (dialect_ == Dialect::anthropic) kept_ = readable;
  tap_->feed(readable);
  whole_ = tap_->failed() ? tap_->error_at() : whole();
}

void AnswerStage::hold(std::string_view shown, std::string_view readable, Step& step) {
  const std::size_t before = kept_.size();
  kept_.append(shown);
  if (form_ == Form::stream) {
    tap_->feed(readable);
    // Those in front of an error, if there is one.
    const std::size_t ended = tap_->failed() ? tap_->error_at() : whole();
    if (ended > 0) whole_ = before + ended;
  } else if (form_ == Form::unknown) {
    recognise(step.broken);
    if (form_ == Form::stream && !decoder_) {
      tap_->feed(kept_);
      whole_ = tap_->failed() ? tap_->error_at() : tap_->whole();
    }
  }
  if (!why_.empty()) {
    step.verdict = Verdict::failed;
  } else if (form_ == Form::stream) {
    if (tap_->answering() || unread_) {
      step.verdict = Verdict::pass;
      if (tap_->failed()) tell_held_error();
    } else if (tap_->failed()) {
      step.verdict = Verdict::failed;
    } else if (kept_.size() > event_bytes_max_) {
      step.verdict = Verdict::pass;
      through_ = whole_ < kept_.size();
    }
  } else if (kept_.size() > std::max(inspect_bytes_, form_ == Form::decoded ? error_body_bytes_max
                                                                            : std::size_t{0})) {
    // Too long to be read; what is no answer never is.
    step.verdict = Verdict::pass;
    if (form_ == Form::json) read_on();
  }
}

// Not as a whole: only what it says of itself beside its content.
void AnswerStage::read_on() {
  form_ = Form::opaque;
  if (operation_ != Operation::messages) return;
  members_ = std::make_unique<wire::MemberScan>();
  if (!decoder_) members_->feed(kept_);
}

// An answer had begun in front of it, in the same bytes.
void AnswerStage::tell_held_error() {
  if (tap_->error_is_seen() || shows_own()) {
    whole_ = kept_.size();
    return;
  }
  kept_.resize(whole_);
  kept_ += foreign_error_event();
  whole_ = kept_.size();
  muted_ = true;
}

// How many of the bytes that came last, in the client's form, end with a whole event.
std::size_t AnswerStage::whole() const {
  if (dialect_ == Dialect::anthropic || !decoder_) return tap_->whole();
  const std::uint64_t whole = decoder_->whole_bytes();
  return whole > fed_before_ ? static_cast<std::size_t>(whole - fed_before_) : 0;
}

void AnswerStage::fail(std::string_view how) {
  why_ = fmt::format("answered {} with {}", status_, how);
}

void AnswerStage::pass_stream(std::string_view shown, std::string_view readable, Step& step) {
  if (muted_) return;
  const bool had_failed = tap_->failed();
  tap_->feed(readable);
  const bool is_foreign = !had_failed && tap_->failed() && !tap_->error_is_seen() && !shows_own();
  if (!is_foreign) {
    pass(shown, whole(), step);
    return;
  }
  // No client looks for an error there: it is told in the form that they know, in its place.
  if (tap_->error_at() > 0 || through_) step.carried = std::move(kept_);
  step.carried.append(shown.substr(0, tap_->error_at()));
  if (through_) step.carried += "\n\n";
  step.carried += foreign_error_event();
  kept_.clear();
  through_ = false;
  muted_ = true;
}

// Whole events go on; the beginning of another waits for its end, unless that takes too long.
void AnswerStage::pass(std::string_view shown, std::size_t whole, Step& step) {
  const std::size_t waiting = (whole > 0 ? 0 : kept_.size()) + shown.size() - whole;
  if ((whole == 0 && through_) || waiting > event_bytes_max_) {
    step.carried = std::exchange(kept_, {});
    step.shown = shown;
    through_ = true;
    return;
  }
  if (whole == 0) {
    kept_.append(shown);
    return;
  }
  step.carried = std::exchange(kept_, {});
  step.shown = shown.substr(0, whole);
  kept_.append(shown.substr(whole));
  through_ = false;
}

std::string AnswerStage::foreign_error_event() const {
  return fmt::format("event: error\ndata: {}\n\n",
                     wire::error_envelope(tap_->error().type, tap_->error().message, {}));
}

}  // namespace ccrelay::exchange
