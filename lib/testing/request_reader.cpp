#include "testing/request_reader.hpp"

#include <strings.h>

#include <utility>

namespace ccrelay::testing {

struct RequestReader::Callbacks {
  static RequestReader& of(llhttp_t* parser) { return *static_cast<RequestReader*>(parser->data); }

  static int begin(llhttp_t* parser) noexcept {
    RequestReader& self = of(parser);
    self.request_ = {};
    self.in_head_ = true;
    self.expects_continue_ = false;
    return HPE_OK;
  }
  static int target(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).request_.head.target.append(bytes, count);
    return HPE_OK;
  }
  static int name(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).name_.append(bytes, count);
    return HPE_OK;
  }
  static int value(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).value_.append(bytes, count);
    return HPE_OK;
  }
  static int field_complete(llhttp_t* parser) noexcept {
    RequestReader& self = of(parser);
    // llhttp leaves the space behind a value on it (RFC 9110 section 5.5: no part of the value).
    self.value_.erase(self.value_.find_last_not_of(" \t") + 1);
    if (self.in_head_) self.request_.head.headers.add(self.name_, self.value_);  // else a trailer
    self.name_.clear();
    self.value_.clear();
    return HPE_OK;
  }
  static int head_complete(llhttp_t* parser) noexcept {
    RequestReader& self = of(parser);
    self.in_head_ = false;
    RequestHead& head = self.request_.head;
    head.method = llhttp_method_name(static_cast<llhttp_method_t>(parser->method));
    head.version_minor = parser->http_minor;
    const std::string expectation(head.headers.get("expect").value_or(""));
    self.expects_continue_ = strcasecmp(expectation.c_str(), "100-continue") == 0;
    return HPE_OK;
  }
  static int body(llhttp_t* parser, const char* bytes, std::size_t count) noexcept {
    of(parser).request_.body.append(bytes, count);
    return HPE_OK;
  }
  static int complete(llhttp_t* parser) noexcept {
    of(parser).keep_alive_ = llhttp_should_keep_alive(parser) != 0;
    return HPE_PAUSED;
  }
};

const llhttp_settings_t& RequestReader::settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_message_begin = &Callbacks::begin;
    made.on_url = &Callbacks::target;
    made.on_header_field = &Callbacks::name;
    made.on_header_value = &Callbacks::value;
    made.on_header_value_complete = &Callbacks::field_complete;
    made.on_headers_complete = &Callbacks::head_complete;
    made.on_body = &Callbacks::body;
    made.on_message_complete = &Callbacks::complete;
    return made;
  }();
  return settings;
}

RequestReader::RequestReader() {
  llhttp_init(&parser_, HTTP_REQUEST, &settings());
  parser_.data = this;
}

RequestReader::Status RequestReader::read() {
  if (unread_.empty()) return Status::incomplete;
  if (llhttp_get_errno(&parser_) == HPE_PAUSED) llhttp_resume(&parser_);
  const llhttp_errno_t result = llhttp_execute(&parser_, unread_.data(), unread_.size());
  switch (result) {
    case HPE_OK:
      unread_.clear();
      return Status::incomplete;
    case HPE_PAUSED:
      unread_.erase(0, static_cast<std::size_t>(llhttp_get_error_pos(&parser_) - unread_.data()));
      return Status::complete;
    default:
      return Status::malformed;
  }
}

bool RequestReader::take_expects_continue() {
  return std::exchange(expects_continue_, false);
}

std::string_view RequestReader::problem() const {
  const char* reason = llhttp_get_error_reason(&parser_);
  return reason != nullptr ? reason : "not HTTP/1.1";
}

}  // namespace ccrelay::testing
