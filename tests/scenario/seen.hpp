#pragma once

#include <ccrelay/observer.hpp>
#include <ccrelay/testing/fake_provider.hpp>

#include <string>

#include "observe/log_json.hpp"
#include "observe/log_text.hpp"
#include "scenario/relay_fixture.hpp"

namespace ccrelay::testing {

/// All that a provider received, as text.
inline std::string received(const FakeProvider& provider) {
  std::string out;
  for (const RecordedRequest& request : provider.requests()) {
    out += request.head.method + " " + request.head.target + "\n";
    for (const Header field : request.head.headers) {
      out.append(field.name).append(": ").append(field.value).append("\n");
    }
    out += request.body + "\n";
  }
  return out;
}

/// All that an observer was told, field by field and unescaped.
inline std::string observed(const RecordingObserver& observer) {
  std::string out;
  for (const RequestSummary& r : observer.requests) {
    for (const std::string& text : {r.request_id, r.client, r.forwarded_for, r.user, r.user_agent,
                                    r.method, r.path, r.session, r.model_asked, r.error}) {
      out += text + "\n";
    }
    for (const AttemptSummary& a : r.attempts) {
      out +=
          a.provider + "\n" + a.key + "\n" + a.key_name + "\n" + a.model + "\n" + a.detail + "\n";
    }
  }
  for (const Note& note : observer.notes) {
    out += std::string(note.event) + "\n" + note.message + "\n" + note.request_id + "\n";
    for (const Note::Field& field : note.fields) {
      out += std::string(field.name) + "=" + field.value + "\n";
    }
  }
  return out;
}

/// Every line that a log at debug level makes of it: JSON, text, and text for a terminal.
inline std::string log_lines(const RecordingObserver& observer) {
  std::string out;
  const auto append = [&out](const auto& events) {
    for (const auto& event : events) {
      observe::append_json(out, event);
      observe::append_text(out, event, false);
      observe::append_text(out, event, true);
    }
  };
  append(observer.requests);
  append(observer.notes);
  return out;
}

}  // namespace ccrelay::testing
