#include "api/visit.hpp"

#include <chrono>
#include <utility>
#include <variant>

#include "api/doorkeeper.hpp"
#include "api/page.hpp"

namespace ccrelay::api {
namespace {

constexpr std::chrono::milliseconds rest_for{5};

Answer answer_to(const http::Refusal& refusal) {
  Answer answer = error_answer("INVALID_ARGUMENT", refusal.message);
  answer.status = refusal.status;
  if (refusal.status == 405) answer.allow = "GET, HEAD, POST";  // RFC 9110 section 15.5.6
  return answer;
}

// Never a header of CORS: no page of another site reads any of this.
Headers common_headers(std::string_view content_type) {
  Headers headers{{"content-type", content_type}};
  headers.add("cache-control", "no-store");
  headers.add("x-content-type-options", "nosniff");
  return headers;
}

}  // namespace

Visit::Visit(Rooms& rooms, server::ResponseWriter& writer, Call call, bool head_only)
    : rooms_(rooms),
      writer_(writer),
      call_(std::move(call)),
      head_only_(head_only),
      self_(std::make_shared<Self>(Self{this})),
      silence_(rooms.loop.timers(), [this] { keep_alive(); }),
      rest_(rooms.loop.timers(), [this] {
        if (std::exchange(is_rung_, false)) pump();
      }) {}

Visit::Visit(Rooms& rooms, server::ResponseWriter& writer, Answer answer, bool head_only, bool page)
    : Visit(rooms, writer, Call{}, head_only) {
  known_ = std::move(answer);
  page_ = page;
}

Visit::Visit(Rooms& rooms, server::ResponseWriter& writer) : Visit(rooms, writer, Call{}, false) {}

void Visit::begin() {
  if (known_) send(*known_);
}

void Visit::on_body(std::string_view bytes) {
  if (phase_ != Phase::reading) return;
  if (call_.body.size() + bytes.size() > body_bytes_max) return send(too_large());
  call_.body += bytes;
}

void Visit::on_end() {
  if (phase_ != Phase::reading) return;
  phase_ = Phase::asked;
  if (!head_only_ && call_.method == "GET" && is_stream(call_.path)) {
    open();
  } else {
    ask();
  }
}

void Visit::ask() {
  answer(rooms_.manager, std::move(call_), [mailbox = rooms_.mailbox, self = self_](Answer answer) {
    mailbox->post([self, answer = std::move(answer)] {
      if (self->visit) self->visit->send(answer);
    });
  });
}

void Visit::open() {
  auto opened = open_stream(rooms_.manager, call_);
  if (const auto* refused = std::get_if<Answer>(&opened)) return send(*refused);
  stream_ = std::get<std::unique_ptr<Stream>>(std::move(opened));
  phase_ = Phase::streaming;
  writer_.head({200, common_headers("text/event-stream")});
  stream_->on_ready([mailbox = rooms_.mailbox, self = self_] {
    mailbox->post([self] {
      if (self->visit) self->visit->on_rung();
    });
  });
  silence_.arm(rooms_.loop.now() + silence_after);
  pump();
}

// A relay's worker pays for each time it rings: a reader who has just been told waits a moment, in
// which the next events gather.
void Visit::on_rung() {
  if (rest_.armed()) {
    is_rung_ = true;
  } else {
    pump();
  }
}

// What is not taken waits in the relay's queue, which has its bounds.
void Visit::pump() {
  if (phase_ != Phase::streaming) return;
  while (!writer_.full()) {
    std::string events;
    const bool more = stream_->take(events);
    if (!events.empty()) {
      writer_.write(events);
      silence_.arm(rooms_.loop.now() + silence_after);
      rest_.arm(rooms_.loop.now() + rest_for);
    }
    if (!more) return finish_stream();
    if (events.empty()) {
      if (is_stopping_) finish_stream();
      return;
    }
  }
}

void Visit::keep_alive() {
  if (phase_ != Phase::streaming) return;
  if (!writer_.full()) writer_.write(silence);
  silence_.arm(rooms_.loop.now() + silence_after);
}

void Visit::finish_stream() {
  phase_ = Phase::answered;
  silence_.cancel();
  rest_.cancel();
  stream_.reset();
  writer_.end();
}

void Visit::send(const Answer& answer) {
  if (phase_ == Phase::answered || phase_ == Phase::streaming) return;
  phase_ = Phase::answered;
  ResponseHead head{answer.status, common_headers(answer.content_type)};
  head.headers.add("content-length", std::to_string(answer.body.size()));
  if (answer.status == 401) head.headers.add("www-authenticate", "Bearer");
  if (!answer.allow.empty()) head.headers.add("allow", answer.allow);
  if (page_) {
    for (const PageHeader& header : page_headers()) head.headers.set(header.name, header.value);
  }
  writer_.head(head);
  if (!head_only_) writer_.write(answer.body);
  writer_.end();
}

void Visit::on_refused(const http::Refusal& refusal) {
  send(answer_to(refusal));
}

// A stream goes on until its reader has what waits, or is not waited for any more.
void Visit::on_shutdown() {
  is_stopping_ = true;
  pump();
  send(error_answer("UNAVAILABLE", "the relay stops"));
}

void Visit::on_closed(Ending) {
  self_->visit = nullptr;
  silence_.cancel();
  rest_.cancel();
  stream_.reset();
}

}  // namespace ccrelay::api
