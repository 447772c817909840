#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base64.hpp"
#include "scenario/relay_fixture.hpp"
#include "wire/event_message.hpp"

namespace ccrelay::testing {

/// A relay's environment as far as clouds are concerned: what a test puts in, and else nothing.
class FakeEnvironment {
 public:
  void set(const std::string& name, const std::string& value) { (*variables_)[name] = value; }
  std::function<std::optional<std::string>(std::string_view)> lookup() const {
    return [variables = variables_](std::string_view name) -> std::optional<std::string> {
      const auto found = variables->find(std::string(name));
      if (found == variables->end()) return std::nullopt;
      return found->second;
    };
  }

 private:
  std::shared_ptr<std::map<std::string, std::string>> variables_ =
      std::make_shared<std::map<std::string, std::string>>();
};

/// Makes the provider added last one of type bedrock, asked with an AWS identity.
inline ProviderConfig& as_bedrock(RelayFixture& f) {
  ProviderConfig& config = f.config.providers.back();
  config.type = "bedrock";
  config.aws_region = "eu-west-1";
  config.keys.clear();
  return config;
}

/// … of type vertex.
inline ProviderConfig& as_vertex(RelayFixture& f) {
  ProviderConfig& config = f.config.providers.back();
  config.type = "vertex";
  config.gcp_project_id = "my-project";
  config.gcp_region = "global";
  config.keys.clear();
  return config;
}

inline std::string bedrock_frame(std::string_view event_json) {
  const std::array headers{
      wire::EventHeader{":event-type", wire::EventValue::text, "chunk"},
      wire::EventHeader{":content-type", wire::EventValue::text, "application/json"},
      wire::EventHeader{":message-type", wire::EventValue::text, "event"}};
  std::string frame;
  wire::append_event_message(
      frame, headers, R"({"bytes":")" + base::base64_encoded(event_json) + R"(","p":"abcd"})");
  return frame;
}

inline std::string bedrock_exception(std::string_view type, std::string_view message) {
  std::string frame;
  wire::append_event_exception(frame, type, R"({"message":")" + std::string(message) + "\"}");
  return frame;
}

/// The JSON of the events of Script::events().
inline std::vector<std::string> event_jsons(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string& event : Script::events(text)) {
    const auto at = event.find("data: ") + 6;
    out.push_back(event.substr(at, event.find('\n', at) - at));
  }
  return out;
}

/// The frames of a message up to the first that shows that there really is an answer.
inline std::string bedrock_beginning() {
  std::string out;
  for (const std::string& json : event_jsons("hello")) {
    out += bedrock_frame(json);
    if (json.find("content_block_start") != std::string::npos) break;
  }
  return out;
}

/// All frames of a message that says `text`.
inline std::string bedrock_frames(std::string_view text) {
  std::string out;
  for (const std::string& json : event_jsons(text)) out += bedrock_frame(json);
  return out;
}

inline Script bedrock_head() {
  return Script().head(200, {{"content-type", "application/vnd.amazon.eventstream"},
                             {"x-amzn-requestid", "aws-1"},
                             {"transfer-encoding", "chunked"}});
}

inline Script bedrock_stream(std::string_view text) {
  return bedrock_head().chunk(bedrock_frames(text)).last_chunk();
}

inline Script aws_error(int status, std::string_view type, std::string_view message) {
  return Script::reply(status, "application/json", R"({"message":")" + std::string(message) + "\"}",
                       {{"x-amzn-errortype", type}});
}

/// Whether there was a note of this event that holds `part`.
inline bool noted(const RecordingObserver& observer, std::string_view event,
                  std::string_view part) {
  for (const Note& note : observer.notes) {
    if (note.event == event && note.message.find(part) != std::string::npos) return true;
  }
  return false;
}

/// "provider=one key=k1": what belongs to the first note of this event.
inline std::string fields_of(const RecordingObserver& observer, std::string_view event) {
  std::string out;
  for (const Note& note : observer.notes) {
    if (note.event != event) continue;
    for (const Note::Field& field : note.fields) {
      out.append(out.empty() ? "" : " ").append(field.name).append("=").append(field.value);
    }
    break;
  }
  return out;
}

}  // namespace ccrelay::testing
