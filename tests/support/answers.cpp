#include <llhttp.h>

#include "support/raw_client.hpp"

namespace ccrelay::testing {
namespace {

/// Collects what llhttp reports. Lives on the stack of parse_answers().
struct Collector {
  std::vector<Answer> answers;
  std::string name;
  std::string value;
  bool in_head = false;

  static Collector& of(llhttp_t* parser) { return *static_cast<Collector*>(parser->data); }

  static int begin(llhttp_t* parser) noexcept {
    of(parser).answers.emplace_back();
    of(parser).in_head = true;
    return 0;
  }
  static int field(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).name.append(bytes, count);
    return 0;
  }
  static int value_part(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).value.append(bytes, count);
    return 0;
  }
  static int value_complete(llhttp_t* parser) noexcept {
    Collector& self = of(parser);
    // llhttp leaves the space behind a value on it (RFC 9110 section 5.5: no part of the value).
    self.value.erase(self.value.find_last_not_of(" \t") + 1);
    if (self.in_head) self.answers.back().headers.add(self.name, self.value);
    self.name.clear();
    self.value.clear();
    return 0;
  }
  static int head_complete(llhttp_t* parser) noexcept {
    of(parser).in_head = false;
    of(parser).answers.back().status = parser->status_code;
    // RFC 9112 section 6.3: no body, whatever its length says; llhttp waits for one.
    return parser->status_code == 304 ? 1 : 0;
  }
  static int body(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).answers.back().body.append(bytes, count);
    return 0;
  }
  static int complete(llhttp_t* parser) noexcept {
    of(parser).answers.back().complete = true;
    return 0;
  }
};

llhttp_settings_t make_settings() {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_message_begin = &Collector::begin;
  settings.on_header_field = &Collector::field;
  settings.on_header_value = &Collector::value_part;
  settings.on_header_value_complete = &Collector::value_complete;
  settings.on_headers_complete = &Collector::head_complete;
  settings.on_body = &Collector::body;
  settings.on_message_complete = &Collector::complete;
  return settings;
}

}  // namespace

std::vector<Answer> parse_answers(std::string_view wire, bool at_end) {
  const llhttp_settings_t settings = make_settings();
  Collector collector;
  llhttp_t parser;
  llhttp_init(&parser, HTTP_RESPONSE, &settings);
  parser.data = &collector;
  llhttp_errno_t status = llhttp_execute(&parser, wire.data(), wire.size());
  if (status == HPE_OK && at_end) status = llhttp_finish(&parser);
  std::vector<Answer>& answers = collector.answers;
  if (status != HPE_OK && (answers.empty() || answers.back().complete)) answers.emplace_back();
  return answers;
}

}  // namespace ccrelay::testing
