#include <variant>

#include "api/json.hpp"

namespace ccrelay::api {

void append_json(std::string& out, const management::Attempt& attempt) {
  JsonObject object(out);
  object("number", attempt.number)("provider", attempt.provider)("key", attempt.key);
  object("model", attempt.model)("outcome", attempt.outcome)("status", attempt.status);
  object("detail", attempt.detail)("start_us", attempt.start_us);
  object("connect_us", attempt.connect_us)("first_byte_us", attempt.first_byte_us);
  object("duration_us", attempt.duration_us)("dialect", attempt.dialect);
  object("translated", attempt.translated);
}

void append_json(std::string& out, const management::TraceStep& step) {
  JsonObject object(out);
  object("at_us", step.at_us)("event", step.event)("message", step.message);
  object("fields", step.fields);
}

void append_json(std::string& out, const management::Request& request) {
  JsonObject object(out);
  object("id", request.id)("request_id", request.request_id)("session", request.session);
  object("client", request.client)("client_address", request.client_address);
  object("method", request.method)("path", request.path)("model", request.model);
  object("model_sent", request.model_sent)("stream", request.stream)("state", request.state);
  object("provider", request.provider)("key", request.key);
  object("attempt_count", request.attempt_count)("start_time", request.start_time);
  object("duration_us", request.duration_us)("first_byte_us", request.first_byte_us);
  object("request_bytes", request.request_bytes)("response_bytes", request.response_bytes);
  object("usage", request.usage)("cost", request.cost)("status", request.status);
  object("ending", request.ending)("error", request.error)("attempts", request.attempts);
  object("trace", request.trace)("traced", request.traced)("pings", request.pings);
  object("dialect", request.dialect);
}

namespace {

// What has happened, under its name in the proto.
class EventMember {
 public:
  explicit EventMember(JsonObject& object) : object_(object) {}

  void operator()(const management::Existing& event) { object_("existing", event.request); }
  void operator()(const management::Started& event) { object_("started", event.request); }
  void operator()(const management::Ended& event) { object_("ended", event.request); }
  void operator()(const management::Synced& event) {
    JsonObject{object_.begin("synced")}("existing", event.existing);
  }
  void operator()(const management::AttemptStarted& event) {
    JsonObject{object_.begin("attempt_started")}("id", event.id)("attempt", event.attempt);
  }
  void operator()(const management::AttemptEnded& event) {
    JsonObject{object_.begin("attempt_ended")}("id", event.id)("attempt", event.attempt);
  }
  void operator()(const management::FirstByte& event) {
    JsonObject first(object_.begin("first_byte"));
    first("id", event.id)("provider", event.provider)("status", event.status);
    first("first_byte_us", event.first_byte_us);
  }
  void operator()(const management::Progress& event) {
    JsonObject progress(object_.begin("progress"));
    progress("id", event.id)("state", event.state)("response_bytes", event.response_bytes);
    progress("usage", event.usage)("duration_us", event.duration_us);
  }
  void operator()(const management::Lost& event) {
    JsonObject{object_.begin("lost")}("events", event.events)("ended", event.ended)("started",
                                                                                    event.started);
  }

 private:
  JsonObject& object_;
};

}  // namespace

void append_json(std::string& out, const management::Event& event) {
  JsonObject object(out);
  object("sequence", event.sequence)("time", event.time);
  std::visit(EventMember(object), event.what);
}

}  // namespace ccrelay::api
