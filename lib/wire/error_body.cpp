#include "wire/error_body.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "base/ascii.hpp"
#include "wire/said_wait.hpp"

namespace ccrelay::wire {

namespace dom = simdjson::dom;

namespace {

// A quoted body in a quoted body in a quoted body is nobody's any more.
constexpr int depth_max = 4;
constexpr std::size_t message_bytes_max = 4096;
constexpr std::size_t codes_max = 16;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Text of a string or of a whole number; else empty.
std::string text_of(const dom::element& element) {
  std::string_view text;
  if (!element.get_string().get(text)) return std::string(text.substr(0, message_bytes_max));
  std::int64_t number = 0;
  if (!element.get_int64().get(number)) return std::to_string(number);
  return {};
}

std::string text_at(const dom::object& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    dom::element found;
    if (object[name].get(found)) continue;
    if (std::string text = text_of(found); !text.empty()) return text;
  }
  return {};
}

class Reader {
 public:
  explicit Reader(ErrorBody& out) : out_(out) {}

  void add(CodePlace place, std::string text) {
    text = std::string(trimmed(text));
    // With a blank in it it is a sentence.
    if (text.empty() || text.size() > 96 || text.find(' ') != std::string::npos) return;
    if (is_number(text) && text.size() == 3) {
      if (const int status = std::stoi(text); status >= 400 && status < 600 && out_.status == 0) {
        out_.status = status;
      }
      return;
    }
    if (out_.codes.size() < codes_max) out_.codes.push_back({place, std::move(text)});
  }

  void read(const dom::element& root) {
    dom::element first = root;
    dom::array list;
    if (!root.get_array().get(list) && list.at(0).get(first)) return;
    dom::object object;
    if (!first.get_object().get(object)) {
      read_top(object);
    } else {
      say(text_of(first));
    }
  }

  // The first text counts: what is read later stands further out.
  void say(std::string text) {
    if (out_.message.empty()) out_.message = std::string(trimmed(text));
  }

 private:
  void read_top(const dom::object& top) {
    dom::object inner;
    if (!top["Output"].get_object().get(inner)) read_top(inner);
    if (!top["Response"]["Error"].get_object().get(inner)) {
      out_.is_error = true;
      add(CodePlace::code, text_at(inner, {"Code"}));
      say(text_at(inner, {"Message"}));
    }
    if (!top["base_resp"].get_object().get(inner)) {
      const std::string code = text_at(inner, {"status_code"});
      if (!code.empty() && code != "0") {
        out_.is_error = true;
        add(CodePlace::base_resp, code);
        say(text_at(inner, {"status_msg"}));
      }
    }
    read_error(top);
    read_detail(top);
    if (const auto type = text_at(top, {"type"}); type != "error" && type != "message") {
      add(CodePlace::type, type);
    } else if (type == "error") {
      out_.is_error = true;
    }
    if (text_at(top, {"object"}) == "error") out_.is_error = true;
    add(CodePlace::exception, bare_word(text_at(top, {"__type"})));
    if (!text_at(top, {"__type"}).empty()) out_.is_error = true;
    add(CodePlace::top_code, text_at(top, {"code", "error_code", "errorCode", "Code"}));
    add(CodePlace::type, text_at(top, {"error_type", "errorType", "status", "reason"}));
    bool success = true;
    if (!top["success"].get_bool().get(success) && !success) out_.is_error = true;
    say(text_at(top, {"message", "Message", "error_description", "error_msg", "errorMsg",
                      "error_message", "errorMessage", "msg"}));
    read_waits(top);
    dom::object metadata;
    if (!top["metadata"].get_object().get(metadata)) read_metadata(metadata);
  }

  void read_error(const dom::object& top) {
    dom::element error;
    if (top["error"].get(error) && top["errors"].get(error)) return;
    if (error.is_null()) return;
    dom::array list;
    if (!error.get_array().get(list) && list.at(0).get(error)) return;
    dom::object object;
    if (!error.get_object().get(object)) {
      out_.is_error = true;
      read_object(object, 0);
      return;
    }
    const std::string text = text_of(error);
    if (text.empty()) return;
    out_.is_error = true;
    // OAuth's {"error": "invalid_grant", "error_description": "…"}, and vLLM's "Unauthorized".
    add(CodePlace::type, text);
    if (text_at(top, {"error_description", "message", "msg"}).empty()) say(text);
  }

  void read_object(const dom::object& error, int depth) {
    add(CodePlace::code, text_at(error, {"code", "Code", "error_code", "errorCode"}));
    add(CodePlace::type, text_at(error, {"type"}));
    add(CodePlace::type, text_at(error, {"status"}));
    add(CodePlace::type, text_at(error, {"reason"}));
    add(CodePlace::type, text_at(error, {"http_code"}));
    add(CodePlace::exception, bare_word(text_at(error, {"__type"})));
    for (const char* name : {"innererror", "inner_error"}) {
      dom::object inner;
      if (error[name].get_object().get(inner)) continue;
      add(CodePlace::code, text_at(inner, {"code"}));
    }
    if (out_.param.empty()) out_.param = text_at(error, {"param"});
    say(text_at(error, {"message", "Message", "msg", "error_msg", "detail"}));
    read_waits(error);
    dom::array details;
    if (!error["details"].get_array().get(details)) read_details(details);
    dom::object more;
    if (!error["metadata"].get_object().get(more)) read_metadata(more);
    if (depth < depth_max && !error["error"].get_object().get(more)) read_object(more, depth + 1);
  }

  // Google's: https://cloud.google.com/apis/design/errors
  void read_details(const dom::array& details) {
    for (const dom::element& element : details) {
      dom::object one;
      if (element.get_object().get(one)) continue;
      add(CodePlace::type, text_at(one, {"reason"}));
      read_waits(one);
      if (const auto delay = parse_duration(text_at(one, {"retryDelay"}))) wait(*delay);
      dom::object metadata;
      if (!one["metadata"].get_object().get(metadata)) read_waits(metadata);
    }
  }

  void read_metadata(const dom::object& metadata) {
    read_waits(metadata);
    dom::object headers;
    if (!metadata["headers"].get_object().get(headers)) {
      if (const auto then = parse_moment(text_at(headers, {"X-RateLimit-Reset"}))) until(*then);
    }
    add(CodePlace::type, text_at(metadata, {"error_type"}));
    dom::element raw;
    if (metadata["raw"].get(raw)) return;
    out_.quotes = true;
    out_.quoted = text_of(raw);
    if (out_.quoted.empty() && raw.is_object()) out_.quoted = simdjson::to_string(raw);
  }

  // FastAPI's, of vLLM and many gateways: a text, an object, or a list that points into the
  // request.
  void read_detail(const dom::object& top) {
    dom::element detail;
    if (top["detail"].get(detail)) return;
    dom::object object;
    dom::array list;
    if (!detail.get_object().get(object)) {
      read_object(object, 0);
      say(text_at(object, {"error"}));
    } else if (!detail.get_array().get(list)) {
      dom::element first;
      if (list.at(0).get(first) || first.get_object().get(object)) return;
      out_.param = "body";
      say(text_at(object, {"msg"}));
    } else {
      say(text_of(detail));
    }
  }

  void read_waits(const dom::object& object) {
    const auto seconds_at = [&](const char* name, double unit) {
      dom::element found;
      double value = 0;
      if (object[name].get(found)) return;
      if (!found.get_double().get(value)) {
        if (value >= 0) wait(whole_duration(value * unit));
      } else if (const auto said = parse_duration(text_of(found))) {
        wait(*said);
      }
    };
    seconds_at("resets_in_seconds", 1);
    seconds_at("reset_in_seconds", 1);
    seconds_at("reset_after_seconds", 1);
    seconds_at("retry_after_seconds", 1);
    seconds_at("retry_after_ms", 0.001);
    seconds_at("retryAfterMs", 0.001);
    seconds_at("retry_after", 1);
    seconds_at("retryAfter", 1);
    seconds_at("retry_in", 1);
    seconds_at("quotaResetDelay", 1);
    for (const char* name : {"resets_at", "reset_at", "resetsAt", "resetAt", "reset_time",
                             "resetTime", "retry_at", "quotaResetTimeStamp", "next_reset_time"}) {
      if (const auto then = parse_moment(text_at(object, {name}))) until(*then);
    }
  }

  void wait(Duration said) { out_.wait = std::max(out_.wait.value_or(Duration(0)), said); }
  void until(WallTime then) { out_.until = std::max(out_.until.value_or(WallTime{}), then); }

 public:
  static std::string bare_word(std::string_view type) {
    type = type.substr(0, type.find(':'));
    if (const auto hash = type.rfind('#'); hash != std::string_view::npos) {
      type.remove_prefix(hash + 1);
    }
    if (const auto dot = type.rfind('.'); dot != std::string_view::npos)
      type.remove_prefix(dot + 1);
    return std::string(type);
  }

 private:
  ErrorBody& out_;
};

// Words with which gateways say that they repeat what another said. Lower case.
constexpr std::string_view quoting[] = {
    "error from provider",
    "provider returned error",
    "returned error from",
    "upstream error",
    "upstream returned",
    "upstream response",
    "error from upstream",
    "upstream request",
    "upstream:",
    "upstream status",
    "litellm.",
    "exception - ",
    "error code: ",
    "status_code=",
    "status code ",
    "provider error",
    "upstream api",
    "from upstream",
    "上游返回",
    "上游错误",
};
// And types that only they use.
constexpr std::string_view quoting_types[] = {
    "upstream_error", "bad_response_status_code", "provider_error", "openai_error",
    "claude_error",   "upstream_provider_error",
};

// The JSON document that a text ends with, and where it begins.
std::size_t json_in(std::string_view text) {
  const auto begin = text.find('{');
  if (begin == std::string_view::npos) return begin;
  const auto end = text.rfind('}');
  if (end == std::string_view::npos || end < begin) return std::string_view::npos;
  dom::parser parser;
  dom::element document;
  const std::string_view json = text.substr(begin, end - begin + 1);
  return parser.parse(json.data(), json.size()).get(document) ? std::string_view::npos : begin;
}

void find_quotes(ErrorBody& out) {
  const auto at = json_in(out.message);
  if (at != std::string::npos) {
    const auto end = out.message.rfind('}');
    out.quotes = true;
    out.quoted = out.message.substr(at, end - at + 1);
    out.message = std::string(trimmed(std::string_view(out.message).substr(0, at)));
    return;
  }
  const std::string lower = base::lower(out.message);
  for (const std::string_view words : quoting) {
    const auto found = lower.find(words);
    // Far in it is part of a sentence, not its beginning.
    if (found == std::string::npos || found > 64) continue;
    out.quotes = true;
    if (out.quoted.empty()) out.quoted = out.message.substr(found + words.size());
    return;
  }
  for (const SaidCode& code : out.codes) {
    for (const std::string_view type : quoting_types) {
      if (base::iequals(code.text, type)) out.quotes = true;
    }
  }
  if (out.quotes && out.quoted.empty()) out.quoted = out.message;
}

// "[1211][…" in front, "(1008)" behind.
void find_numbers(ErrorBody& out) {
  const std::string_view text = out.message;
  if (text.size() > 6 && text[0] == '[' && text[5] == ']' && is_number(text.substr(1, 4))) {
    out.codes.push_back({CodePlace::bracket, std::string(text.substr(1, 4))});
  }
  if (text.size() > 6 && text.back() == ')' && text[text.size() - 6] == '(' &&
      is_number(text.substr(text.size() - 5, 4))) {
    out.codes.push_back({CodePlace::base_resp, std::string(text.substr(text.size() - 5, 4))});
  }
}

void read_json(ErrorBody& out, std::string_view body, bool unwraps, int depth) {
  dom::parser parser;
  dom::element document;
  if (body.empty() || parser.parse(body.data(), body.size()).get(document)) return;
  out.is_json = true;
  Reader(out).read(document);
  const std::string_view message = trimmed(out.message);
  if (unwraps && depth < depth_max && message.substr(0, 1) == "{" && json_in(message) == 0) {
    const std::string inner = std::exchange(out.message, {});
    read_json(out, inner, unwraps, depth + 1);
  }
}

}  // namespace

ErrorBody read_error_body(const Headers& headers, std::string_view body, bool unwraps) {
  ErrorBody out;
  Reader reader(out);
  for (const char* name : {"x-amzn-errortype", ":exception-type", ":error-code"}) {
    if (const auto type = headers.get(name)) {
      reader.add(CodePlace::exception, Reader::bare_word(*type));
      out.is_error = true;
    }
  }
  const std::string_view content = trimmed(body);
  const auto type = headers.get("content-type").value_or("");
  out.is_page = base::istarts_with(content, "<!doctype html") ||
                base::istarts_with(content, "<html") ||
                (base::istarts_with(type, "text/html") && content.substr(0, 1) != "{");
  if (out.is_page) return out;
  read_json(out, content, unwraps, 0);
  if (!out.is_json) {
    out.message = std::string(content.substr(0, message_bytes_max));
    return out;
  }
  find_numbers(out);
  find_quotes(out);
  return out;
}

}  // namespace ccrelay::wire
