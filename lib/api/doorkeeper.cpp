#include "api/doorkeeper.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/page.hpp"
#include "base/ascii.hpp"
#include "base/clipped.hpp"
#include "base/header_name.hpp"

namespace ccrelay::api {
namespace {

using management::Access;
using management::Caller;

constexpr std::string_view api_prefix = "/api/v1";
constexpr std::string_view methods = "GET, HEAD, POST";
constexpr std::size_t path_shown_max = 100;

Answer with_status(int status, std::string_view code, std::string_view message) {
  Answer answer = error_answer(code, message);
  answer.status = status;
  return answer;
}

TurnedAway forbidden(std::string_view message) {
  return {error_answer("PERMISSION_DENIED", message), true};
}

// RFC 6750 section 2.1: that header and no other, once; never a query, never a cookie. Nothing
// where there is none; empty where what there is is no token.
std::optional<std::string_view> bearer_token(const Headers& headers) {
  std::optional<std::string_view> token;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::authorization) continue;
    if (token) return std::string_view();
    const std::string_view value = headers[i].value;
    token = base::istarts_with(value, "bearer ") ? base::trim(value.substr(7)) : std::string_view();
  }
  return token;
}

std::variant<Caller, TurnedAway> identify(const Headers& headers, const Visitor& visitor,
                                          const Access& access) {
  if (visitor.local) {
    const auto caller = visitor.user ? access.by_uid(*visitor.user) : std::nullopt;
    if (caller) return *caller;
    return forbidden(visitor.user ? Access::refused_user(*visitor.user)
                                  : std::string("the system does not tell whose process this is"));
  }
  const auto token = bearer_token(headers);
  const auto caller =
      token ? access.by_token(*token) : access.by_certificate(visitor.certificate_subject);
  if (caller) return *caller;
  return TurnedAway{error_answer("UNAUTHENTICATED", Access::unauthenticated()), true};
}

// What a form or a picture on another site can have a browser send is none of these.
bool is_plain_post(const Headers& headers) {
  const std::string_view whole = headers.get(base::HeaderName::content_type).value_or("");
  const std::string_view type = base::trim(whole.substr(0, whole.find(';')));
  return !base::iequals(type, "application/json") && !base::iequals(type, "application/toml");
}

std::optional<Answer> wrong_form(const RequestHead& head) {
  if (head.method != "POST") return {};
  if (is_plain_post(head.headers)) {
    return with_status(415, "INVALID_ARGUMENT",
                       "a POST needs content-type: application/json (or application/toml, where a "
                       "configuration is sent)");
  }
  const auto length = head.headers.get(base::HeaderName::content_length);
  if (length && base::parse_number(*length).value_or(body_bytes_max + 1) > body_bytes_max) {
    return too_large();
  }
  return {};
}

}  // namespace

std::optional<std::string_view> api_path(std::string_view path) {
  if (!path.starts_with(api_prefix)) return {};
  path.remove_prefix(api_prefix.size());
  return path.starts_with('/') ? std::optional(path) : std::nullopt;
}

Answer not_found(std::string_view path) {
  return error_answer("NOT_FOUND", fmt::format("there is no {}; the API is below /api/v1",
                                               base::clipped(path, path_shown_max)));
}

Answer too_large() {
  return with_status(
      413, "RESOURCE_EXHAUSTED",
      fmt::format("the body of a request has at most {} MiB here", body_bytes_max >> 20));
}

std::variant<Admitted, TurnedAway> admit(const RequestHead& head, const Visitor& visitor,
                                         const House* house, const Access& access) {
  if (house) {
    if (const std::string why = foreign_page(*house, head.headers); !why.empty()) {
      return forbidden(why);
    }
  }
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (!api_path(head.path())) {
    if (!page_file(head.path())) return TurnedAway{not_found(head.path())};
    if (reads) return Admitted{Admitted::To::page, {}};
    Answer answer = with_status(405, "INVALID_ARGUMENT", "the page is read with GET");
    answer.allow = "GET, HEAD";
    return TurnedAway{std::move(answer)};
  }
  auto who = identify(head.headers, visitor, access);
  if (auto* turned_away = std::get_if<TurnedAway>(&who)) return std::move(*turned_away);
  if (!reads && head.method != "POST") {
    Answer answer = with_status(405, "INVALID_ARGUMENT",
                                fmt::format("{} is no method of the API; it has {}",
                                            base::clipped(head.method, 20), methods));
    answer.allow = methods;
    return TurnedAway{std::move(answer)};
  }
  if (auto answer = wrong_form(head)) return TurnedAway{std::move(*answer)};
  return Admitted{Admitted::To::api, std::get<Caller>(std::move(who))};
}

}  // namespace ccrelay::api
