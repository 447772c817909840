#include "front/canned.hpp"

#include "base/ascii.hpp"
#include "base/header_name.hpp"
#include "exchange/dialect.hpp"
#include "front/endpoint.hpp"

namespace ccrelay::front {
namespace {
constexpr std::uint64_t body_bytes_worth_reading = 64 * 1024;
}

Canned::Canned(worker::Tools& tools, exchange::Answer answer, Dialect dialect,
               server::ResponseWriter& writer, RequestSummary summary)
    : tools_(tools),
      answer_(std::move(answer)),
      dialect_(dialect),
      writer_(writer),
      summary_(std::move(summary)),
      begun_(tools.loop.now()),
      turn_ends_(tools.loop.timers(), [this] { send(); }) {
  summary_.error = answer_.message;
}

Canned::Canned(worker::Tools& tools, server::ResponseWriter& writer, RequestSummary summary)
    : Canned(tools, exchange::Answer{}, Dialect::anthropic, writer, std::move(summary)) {}

void Canned::begin(const RequestHead& head) {
  const auto length =
      base::parse_number(head.headers.get(base::HeaderName::content_length).value_or("0"));
  if (length.value_or(0) > body_bytes_worth_reading ||
      head.headers.contains(base::HeaderName::expect) ||
      head.headers.contains(base::HeaderName::transfer_encoding)) {
    send();
  } else {
    // Nearly all requests are whole by then, and theirs is an ordinary end.
    turn_ends_.arm(begun_);
  }
}

void Canned::on_refused(const http::Refusal& refusal) {
  if (sent_) return;
  answer_ = exchange::error_answer(refusal.status, refusal.message);
  if (!refusal.path.empty()) dialect_ = dialect_of(refusal.path);
  // RFC 9110 section 15.5.6.
  if (refusal.status == 405) answer_.headers.add("allow", offered_methods);
  send();
}

void Canned::send() {
  if (sent_) return;
  sent_ = true;
  turn_ends_.cancel();
  const exchange::Printed printed = exchange::print(answer_, dialect_, summary_.request_id);
  summary_.status = printed.head.status;
  summary_.error = answer_.message;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out = printed.body.size();
  writer_.head(printed.head);
  writer_.write(printed.body);
  writer_.end();
}

void Canned::on_closed(Ending ending) {
  turn_ends_.cancel();
  if (!sent_) summary_.status = 499;
  summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.report.request_finished(summary_);
}

}  // namespace ccrelay::front
