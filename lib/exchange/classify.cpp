#include "exchange/classify.hpp"

#include "base/ascii.hpp"

namespace ccrelay::exchange {

Meaning classify(Operation operation, Authority authority, int status,
                 std::string_view content_type) {
  // A client that followed a redirect would take the relay's key along. 304 is none.
  if (status >= 300 && status < 400 && status != 304) return {Outcome::failed, false};
  // Of other endpoints a good key may well be refused (those for administrators): it says nothing.
  if (operation == Operation::other) {
    return {status < 400 ? Outcome::success : Outcome::rejected, true};
  }
  const bool is_refusal = status == 401 || status == 403;
  // The operator's credential; what a client's own is not good for is the client's to know.
  const bool is_ours = authority == Authority::key || authority == Authority::identity;
  if (is_refusal && is_ours) return {Outcome::key_refused, false};
  if (status >= 200 && status < 300) {
    // A captive portal or a wrong base_url answers with a page.
    if (base::istarts_with(content_type, "text/html")) return {Outcome::failed, false};
    return {Outcome::success, true};
  }
  switch (status) {
    case 429:
      return {Outcome::rate_limited, false};
    case 503:
    case 529:
      return {Outcome::overloaded, false};
    case 404:
      return {Outcome::not_here, false};
    case 405:
    case 501:
      // How a provider without token counting may say so.
      if (operation == Operation::count_tokens) return {Outcome::not_here, false};
      break;
    default:
      break;
  }
  if (status >= 500 || status == 304) return {Outcome::failed, false};
  return {Outcome::rejected, true};
}

Outcome outcome_of(ErrorAbout about, Operation operation, Authority authority, int status) {
  // How a provider without token counting may say so.
  const bool counts = operation == Operation::count_tokens;
  if (counts && (status == 404 || status == 405 || status == 501)) return Outcome::not_here;
  switch (about) {
    case ErrorAbout::none:
      return Outcome::success;
    // What a client's own credential is not good for is the client's to know.
    case ErrorAbout::account:
      return has_record(authority) ? Outcome::exhausted : Outcome::rejected;
    case ErrorAbout::key:
      return has_record(authority) ? Outcome::key_refused : Outcome::rejected;
    case ErrorAbout::key_and_model:
      return has_record(authority) ? Outcome::no_access : Outcome::rejected;
    case ErrorAbout::model:
      return Outcome::not_here;
    case ErrorAbout::limit:
      return Outcome::rate_limited;
    case ErrorAbout::request:
    case ErrorAbout::request_healable:
      return Outcome::rejected;
    case ErrorAbout::overload:
      return Outcome::overloaded;
    case ErrorAbout::provider:
      // An address that does not know the path is no failure of whoever lives there.
      return status == 404 ? Outcome::not_here : Outcome::failed;
  }
  return Outcome::failed;
}

}  // namespace ccrelay::exchange
