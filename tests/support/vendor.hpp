#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/dialect.hpp"
#include "dialect/json_text.hpp"
#include "support/said.hpp"

namespace ccrelay::testing {

class Strict;

/// A provider of one dialect as bytes in, bytes out, that takes nothing its vendor would refuse:
/// unknown members, calls without results, reasoning that it did not make or that was changed. What
/// it takes it notes in words that are the same for all dialects. A value type.
class Vendor {
 public:
  struct Answer {
    int status = 200;
    std::string content_type;
    std::vector<std::string> events;  ///< of a stream; else the body alone
    std::string body() const;
  };

  /// `name` goes into what it encrypts: no other vendor can read that.
  explicit Vendor(dialect::Dialect dialect, std::string name = "v")
      : dialect_(dialect), name_(std::move(name)) {}

  /// Chat: reasoning is told in `reasoning_content`, and must be there again with each call.
  bool reasons_openly = false;
  /// Chat: the arguments of calls made at once come all mixed.
  bool interleaves = false;

  void will_say(Said said) { next_.push_back(std::move(said)); }
  /// `target` with its query; what was queued last is said again and again.
  Answer answer(std::string_view target, std::string_view body);
  /// An error in this vendor's envelope.
  Answer error(int status, std::string_view type, std::string_view message) const;

  /// Why requests were refused; empty in a good test.
  const std::vector<std::string>& refusals() const { return refusals_; }
  /// What the last request said, a line each: `system: …`, `user: …`, `thinks: …`, `assistant: …`,
  /// `call ID NAME ARGUMENTS`, `result ID: …`, `tool NAME SCHEMA`.
  const std::string& heard() const { return heard_; }
  dialect::Dialect dialect() const { return dialect_; }

 private:
  struct Made {
    std::string text;
    std::string id;
  };
  using Json = dialect::Json;
  void take_anthropic(Json body, Strict& strict);
  void take_chat(Json body, Strict& strict);
  void take_responses(Json body, Strict& strict);
  void take_gemini(std::string_view target, Json body, Strict& strict);
  Answer say_anthropic(const Said& said, bool stream);
  Answer say_chat(const Said& said, bool stream, bool usage);
  Answer say_responses(const Said& said, bool stream);
  Answer say_gemini(const Said& said, bool stream);
  /// Text as this vendor encrypts it; only what it made itself is taken back.
  std::string encrypt(const std::string& text, const std::string& id = {});
  const Made* decrypted(std::string_view secret) const;
  void hear(std::string_view what, std::string_view words);

  dialect::Dialect dialect_;
  std::string name_;
  std::deque<Said> next_;
  std::map<std::string, Made, std::less<>> made_;
  std::vector<std::string> refusals_;
  std::string heard_;
};

/// What is wrong with a request: the first thing that is.
class Strict {
 public:
  bool need(bool good, std::string_view what) {
    if (!good && why_.empty()) why_ = what;
    return good;
  }
  /// No member but these.
  void only(dialect::Json object, std::initializer_list<std::string_view> names,
            std::string_view where);
  const std::string& why() const { return why_; }

 private:
  std::string why_;
};

/// Whether a strict schema may be so: at no depth does an object allow further properties.
/// `whole`: each also requires all that it has, as OpenAI wants it.
bool is_closed(dialect::Json schema, bool whole);
/// A name of a tool as OpenAI and Anthropic take it.
bool is_tool_name(std::string_view name);
/// Two pieces of a text, cut somewhere between two characters of it.
std::pair<std::string, std::string> pieces_of(const std::string& text);

}  // namespace ccrelay::testing
