#include "front/reload_request.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "exchange/dialect.hpp"
#include "front/this_machine.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::front {
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;  // none is needed

std::string list_of(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) {
    out += (out.empty() ? "" : ",") + wire::json_string(text);
  }
  return '[' + out + ']';
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

exchange::Answer answer_of(const worker::ReloadOutcome& outcome) {
  if (outcome.taken) {
    return exchange::json_answer(
        200, fmt::format(R"({{"configuration":{},"changed":{},"needs_restart":{}}})",
                         wire::json_string(outcome.source), list_of(outcome.changed),
                         list_of(outcome.needs_restart)));
  }
  return exchange::json_answer(
      422, fmt::format(R"({{"type":"error","error":{{"type":"invalid_request_error","message":)"
                       R"("the old configuration stays in use"}},"mistakes":{}}})",
                       list_of(lines_of(outcome.mistakes))));
}

bool came_by_a_proxy(const Headers& headers) {
  for (const std::string_view name : {"forwarded", "x-forwarded-for", "x-real-ip", "via"}) {
    if (headers.contains(name)) return true;
  }
  return false;
}

}  // namespace

std::optional<exchange::Answer> no_reload(const AuthConfig& auth, const exchange::Access& access,
                                          const Headers& headers, std::string_view peer) {
  const auto refused = [](std::string_view why) { return exchange::error_answer(403, why); };
  if (headers.contains("origin")) return refused("a web page may not reload the configuration");
  if (headers.get("x-cc-relay-reload").value_or("") != "1") {
    return refused("a reload is asked for with the header x-cc-relay-reload: 1");
  }
  if (exchange::is_open(auth)) {
    if (is_on_this_machine(peer) && !came_by_a_proxy(headers)) return {};
    return refused(
        "a relay that asks for no credential is told to reload from its own machine only; set "
        "server.auth.api_key and send it");
  }
  // Whom any other credential has let in is a client, not who runs the relay.
  if (access.client == "default") return {};
  return refused("a reload takes the relay's own key (server.auth.api_key or bearer_secret)");
}

struct ReloadRequest::Slot {
  ReloadRequest* request;  // null: it has gone
};

ReloadRequest::ReloadRequest(worker::Tools& tools, server::ResponseWriter& writer,
                             RequestSummary summary)
    : tools_(tools),
      writer_(writer),
      summary_(std::move(summary)),
      begun_(tools.loop.now()),
      slot_(std::make_shared<Slot>(Slot{this})) {}

ReloadRequest::~ReloadRequest() {
  slot_->request = nullptr;
}

void ReloadRequest::on_body(std::string_view bytes) {
  summary_.bytes_in += bytes.size();
  if (summary_.bytes_in > body_bytes_max) {
    send(exchange::error_answer(413, "a reload needs no body"));
  }
}

void ReloadRequest::on_end() {
  if (sent_) return;
  tools_.shared.reloads.ask(
      [slot = slot_, &loop = tools_.loop](const worker::ReloadOutcome& outcome) {
        loop.post([slot, answer = answer_of(outcome)] {
          if (slot->request) slot->request->send(answer);
        });
      });
}

void ReloadRequest::on_refused(const http::Refusal& refusal) {
  send(exchange::error_answer(refusal.status, refusal.message));
}

void ReloadRequest::on_shutdown() {
  send(exchange::error_answer(503, "the relay is stopping"));
}

void ReloadRequest::send(const exchange::Answer& answer) {
  if (sent_) return;
  sent_ = true;
  const exchange::Printed printed =
      exchange::print(answer, Dialect::anthropic, summary_.request_id);
  summary_.status = answer.status;
  summary_.error = answer.message;
  summary_.local = answer.status < 400;
  summary_.first_byte = tools_.loop.now() - begun_;
  summary_.bytes_out = printed.body.size();
  writer_.head(printed.head);
  writer_.write(printed.body);
  writer_.end();
}

void ReloadRequest::on_closed(Ending ending) {
  slot_->request = nullptr;
  if (!sent_) summary_.status = 499;
  summary_.ending = ending;
  summary_.total = tools_.loop.now() - begun_;
  tools_.report.request_finished(summary_);
}

}  // namespace ccrelay::front
