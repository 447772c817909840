#include "identity/refusal.hpp"

#include "identity/limits.hpp"
#include "identity/url.hpp"
#include "identity/xml.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::identity {
namespace {

void hide(std::string& text, std::string_view secret) {
  // A short one would be found in words that have nothing to do with it.
  if (secret.size() < 4) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;) {
    text.replace(at, secret.size(), Secret::mask);
    at += Secret::mask.size();
  }
}

void cut(std::string& text) {
  if (text.size() <= words_bytes_max) return;
  std::size_t end = words_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

std::string joined(const std::string& code, const std::string& description) {
  if (code.empty() || description.empty()) return code + description;
  return code + ": " + description;
}

std::string first_string(const wire::JsonMembers& members,
                         std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto text = members.string(name); text && !text->empty()) return *std::move(text);
  }
  return {};
}

std::string json_words(const wire::JsonMembers& members) {
  // Google's APIs: {"error":{"code":403,"status":"PERMISSION_DENIED","message":…}}
  if (const auto error = members.inside("error"))
    return joined(first_string(*error, {"status", "code"}), first_string(*error, {"message"}));
  // OAuth (RFC 6749 section 5.2), then AWS's container and metadata services, App Service.
  return joined(first_string(members, {"error", "Code", "code"}),
                first_string(members, {"error_description", "Message", "message"}));
}

}  // namespace

std::string vendor_words(std::string_view body, const std::vector<Secret>& secrets) {
  std::string words;
  if (const auto members = wire::JsonMembers::read(body)) {
    words = json_words(*members);
  } else {
    words = joined(xml_text(body, "Code").value_or(""), xml_text(body, "Message").value_or(""));
  }
  for (const Secret& secret : secrets) {
    hide(words, secret.reveal());
    hide(words, percent_encoded(secret.reveal()));
  }
  for (char& c : words) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  cut(words);
  return words;
}

bool succeeded(const Answer& answer) {
  return answer.status >= 200 && answer.status < 300;
}

Error refused(const Answer& answer, std::string_view what_to_do) {
  std::string message = answer.asked + " answered " + std::to_string(answer.status);
  const std::string words = vendor_words(answer.body, answer.secrets);
  if (!words.empty()) message += ": " + words;
  if (answer.status >= 300 && answer.status < 400) message += " (redirects are not followed)";
  if (!what_to_do.empty()) message.append("; ").append(what_to_do);
  // What is refused with one of these is refused until somebody mends it.
  const bool for_person = answer.status == 400 || answer.status == 401 || answer.status == 403;
  return {for_person ? ErrorCode::config : ErrorCode::provider, std::move(message)};
}

Error unusable(const Answer& answer, std::string_view what) {
  return {ErrorCode::provider,
          answer.asked + " answered " + std::to_string(answer.status) + " " + std::string(what)};
}

Error config_error(std::string message) {
  return {ErrorCode::config, std::move(message)};
}

}  // namespace ccrelay::identity
