#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "json_object.hpp"
#include "read.hpp"

namespace ccrelay::app::top {
namespace {

constexpr std::size_t troubles_max = 50;

Usage tokens_of(const JsonObject& json) {
  return {json.number("input_tokens"), json.number("output_tokens"),
          json.number("cache_write_tokens"), json.number("cache_read_tokens")};
}

Attempt attempt_of(const JsonObject& json) {
  Attempt out;
  out.number = json.number("number");
  out.provider = json.text("provider");
  out.key = json.text("key");
  out.model = json.text("model");
  out.outcome = json.word("outcome", "OUTCOME_");
  out.status = json.number("status");
  out.detail = json.text("detail");
  out.start_us = json.number("start_us");
  out.duration_us = json.number("duration_us");
  out.translated = json.text("translated");
  return out;
}

bool is_bad(const std::string& outcome) {
  return !outcome.empty() && outcome != "UNSPECIFIED" && outcome != "SUCCESS" &&
         outcome != "CANCELLED";
}

bool ended_badly(const Request& request) {
  return request.ending == "BROKEN" || request.ending == "CLIENT_STALLED" ||
         request.ending == "OPERATOR" || !request.error.empty() ||
         (request.status && *request.status >= 500);
}

Request request_of(const JsonObject& json) {
  Request out;
  out.id = json.text("id");
  out.request_id = json.text("request_id");
  out.session = json.text("session");
  out.client = json.text("client");
  out.client_address = json.text("client_address");
  out.method = json.text("method");
  out.path = json.text("path");
  out.model = json.text("model");
  out.model_sent = json.text("model_sent");
  out.stream = json.flag("stream");
  out.state = json.word("state", "REQUEST_STATE_");
  out.provider = json.text("provider");
  out.key = json.text("key");
  out.attempt_count = json.number("attempt_count");
  out.start_time = json.time("start_time");
  out.duration_us = json.number("duration_us");
  out.first_byte_us = json.number("first_byte_us");
  out.request_bytes = json.number("request_bytes");
  out.response_bytes = json.number("response_bytes");
  out.usage = tokens_of(json.object("usage"));
  out.nano_usd = json.object("cost").number("nano_usd");
  out.status = json.number("status");
  out.ending = json.word("ending", "ENDING_");
  if (out.ending == "UNSPECIFIED") out.ending.clear();
  out.error = json.text("error");
  for (const JsonObject& each : json.list("attempts")) out.attempts.push_back(attempt_of(each));
  for (const JsonObject& each : json.list("trace")) {
    out.trace.push_back({each.number("at_us"), each.text("event"), each.text("message")});
  }
  out.traced = json.flag("traced");
  out.troubled = ended_badly(out) || out.attempt_count.value_or(0) > 1;
  return out;
}

std::string words_of(Number status, const std::string& detail) {
  if (status.value_or(0) == 0) return detail;
  return detail.empty() ? fmt::format("{}", *status) : fmt::format("{}, {}", *status, detail);
}

void add_trouble(Model& model, Trouble trouble) {
  const auto same = [&](const Trouble& other) {
    return other.provider == trouble.provider && other.outcome == trouble.outcome &&
           (trouble.id.empty() ? other.time == trouble.time : other.id == trouble.id);
  };
  if (std::any_of(model.troubles.begin(), model.troubles.end(), same)) return;
  const auto place = std::find_if(model.troubles.begin(), model.troubles.end(),
                                  [&](const Trouble& other) { return other.time <= trouble.time; });
  model.troubles.insert(place, std::move(trouble));
  if (model.troubles.size() > troubles_max) model.troubles.pop_back();
}

Request* running(Model& model, const std::string& id) {
  const auto found = std::find_if(model.running.begin(), model.running.end(),
                                  [&](const Request& each) { return each.id == id; });
  return found == model.running.end() ? nullptr : &*found;
}

void take_attempt(Model& model, const JsonObject& event, Time time, bool has_ended) {
  const Attempt attempt = attempt_of(event.object("attempt"));
  Request* request = running(model, event.text("id"));
  if (request != nullptr) {
    request->provider = attempt.provider;
    request->key = attempt.key;
    request->attempt_count =
        std::max(request->attempt_count.value_or(0), attempt.number.value_or(0));
    if (!has_ended) request->state = "WAITING";
  }
  if (!has_ended || !is_bad(attempt.outcome)) return;
  if (request != nullptr) request->troubled = true;
  add_trouble(model, {time.value_or(0), attempt.provider, attempt.outcome,
                      words_of(attempt.status, attempt.detail), event.text("id")});
}

void take_progress(Model& model, const JsonObject& event) {
  Request* request = running(model, event.text("id"));
  if (request == nullptr) return;
  request->state = event.word("state", "REQUEST_STATE_");
  request->response_bytes = event.number("response_bytes");
  request->usage = tokens_of(event.object("usage"));
  request->duration_us = event.number("duration_us");
}

void take_ended(Model& model, Request request) {
  if (const Request* before = running(model, request.id); before != nullptr) {
    request.troubled = request.troubled || before->troubled;
    model.running.erase(model.running.begin() + (before - model.running.data()));
  }
  if (request.state.empty()) request.state = "ENDED";
  model.ended.push_back(std::move(request));
  if (model.ended.size() > ended_requests_max) model.ended.pop_front();
}

}  // namespace

bool read_requests(std::string_view body, std::vector<Request>& append, std::string& more) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body);
  if (!json.is_there()) return false;
  for (const JsonObject& each : json.list("requests")) append.push_back(request_of(each));
  more = json.text("next_page_token");
  return true;
}

bool read_request(std::string_view body, Request& into) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, body).object("request");
  if (!json.is_there()) return false;
  into = request_of(json);
  return true;
}

bool read_request_event(std::string_view message, Model& model) {
  simdjson::dom::parser parser;
  const JsonObject json = parse(parser, message);
  if (!json.is_there()) return false;
  const Time time = json.time("time");
  for (const char* name : {"existing", "started"}) {
    if (const JsonObject told = json.object(name); told.is_there()) {
      Request request = request_of(told);
      if (Request* known = running(model, request.id); known != nullptr) {
        *known = std::move(request);
      } else {
        model.running.push_back(std::move(request));
      }
    }
  }
  if (const JsonObject told = json.object("attempt_started"); told.is_there()) {
    take_attempt(model, told, time, false);
  }
  if (const JsonObject told = json.object("attempt_ended"); told.is_there()) {
    take_attempt(model, told, time, true);
  }
  if (const JsonObject told = json.object("first_byte"); told.is_there()) {
    if (Request* request = running(model, told.text("id")); request != nullptr) {
      request->state = "STREAMING";
      request->provider = told.text("provider");
      request->status = told.number("status");
      request->first_byte_us = told.number("first_byte_us");
    }
  }
  if (const JsonObject told = json.object("progress"); told.is_there()) take_progress(model, told);
  if (const JsonObject told = json.object("ended"); told.is_there()) {
    take_ended(model, request_of(told));
  }
  if (const JsonObject told = json.object("lost"); told.is_there()) {
    model.requests_lost += told.number("events").value_or(0);
  }
  if (json.object("synced").is_there()) model.has_requests = true;
  return true;
}

void take_last_errors(Model& model) {
  for (const Provider& provider : model.providers) {
    if (!provider.last_error) continue;
    const LastError& error = *provider.last_error;
    add_trouble(model, {error.time.value_or(0), provider.name, error.outcome,
                        words_of(error.status, error.message), error.id});
  }
}

}  // namespace ccrelay::app::top
