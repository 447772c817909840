#include "front/canned.hpp"

#include "base/ascii.hpp"

namespace ccrelay::front {
namespace {
constexpr std::uint64_t body_bytes_worth_reading = 64 * 1024;
}

Canned::Canned(worker::Tools& tools, exchange::Answer answer, server::ResponseWriter& writer,
               RequestSummary summary)
    : tools_(tools),
      answer_(std::move(answer)),
      writer_(writer),
      summary_(std::move(summary)),
      begun_(tools.loop.now()) {}

Canned::Canned(worker::Tools& tools, server::ResponseWriter& writer, RequestSummary summary)
    : Canned(tools, exchange::Answer{}, writer, std::move(summary)) {}

void Canned::begin(const RequestHead& head) {
  const auto length = base::parse_number(head.headers.get("content-length").value_or("0"));
  if (length.value_or(0) > body_bytes_worth_reading || head.headers.contains("expect") ||
      head.headers.contains("transfer-encoding")) {
    send();
  }
}

// In HTTP/2 a body needs no length: it is known to be large when it is.
void Canned::on_body(std::string_view bytes) {
  summary_.bytes_in += bytes.size();
  if (summary_.bytes_in > body_bytes_worth_reading) send();
}

void Canned::on_refused(const http::Refusal& refusal) {
  if (sent_) return;
  summary_.error = refusal.message;
  answer_ = exchange::error_answer(refusal.status, refusal.message, summary_.request_id);
  send();
}

void Canned::send() {
  if (sent_) return;
  sent_ = true;
  summary_.status = answer_.head.status;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out = answer_.body.size();
  writer_.head(answer_.head);
  writer_.write(answer_.body);
  writer_.end();
}

void Canned::on_closed(Ending ending) {
  if (!sent_) summary_.status = 499;
  summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.report.request_finished(summary_);
}

}  // namespace ccrelay::front
