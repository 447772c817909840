#include <ccrelay/config.hpp>
#include <ccrelay/observer.hpp>
#include <ccrelay/provider.hpp>
#include <ccrelay/usage.hpp>

namespace ccrelay {

[[gnu::visibility("default")]] std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::transport:
      return "transport";
    case Outcome::rate_limited:
      return "rate_limited";
    case Outcome::overloaded:
      return "overloaded";
    case Outcome::failed:
      return "failed";
    case Outcome::timed_out:
      return "timed_out";
    case Outcome::key_refused:
      return "key_refused";
    case Outcome::no_access:
      return "no_access";
    case Outcome::exhausted:
      return "exhausted";
    case Outcome::not_here:
      return "not_here";
    case Outcome::rejected:
      return "rejected";
    case Outcome::stream_broken:
      return "stream_broken";
    case Outcome::cancelled:
      return "cancelled";
  }
  return "unknown";
}

[[gnu::visibility("default")]] std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::anthropic:
      return "anthropic";
    case Dialect::bedrock:
      return "bedrock";
    case Dialect::vertex:
      return "vertex";
    case Dialect::chat:
      return "chat";
    case Dialect::responses:
      return "responses";
    case Dialect::gemini:
      return "gemini";
  }
  return "unknown";
}

[[gnu::visibility("default")]] std::string_view to_string(ErrorAbout about) {
  switch (about) {
    case ErrorAbout::none:
      return "none";
    case ErrorAbout::account:
      return "account";
    case ErrorAbout::key:
      return "key";
    case ErrorAbout::key_and_model:
      return "key_and_model";
    case ErrorAbout::model:
      return "model";
    case ErrorAbout::limit:
      return "limit";
    case ErrorAbout::request:
      return "request";
    case ErrorAbout::request_healable:
      return "request_healable";
    case ErrorAbout::overload:
      return "overload";
    case ErrorAbout::provider:
      return "provider";
  }
  return "unknown";
}

[[gnu::visibility("default")]] std::string_view to_string(Ending ending) {
  switch (ending) {
    case Ending::complete:
      return "complete";
    case Ending::client_gone:
      return "client_gone";
    case Ending::client_stalled:
      return "client_stalled";
    case Ending::broken:
      return "broken";
    case Ending::shutdown:
      return "shutdown";
    case Ending::by_operator:
      return "operator";
  }
  return "unknown";
}

std::string_view to_string(Payer payer) {
  return payer == Payer::the_client ? "client" : "operator";
}

[[gnu::visibility("default")]] std::string_view to_string(ChargeKind kind) {
  switch (kind) {
    case ChargeKind::message:
      return "message";
    case ChargeKind::compaction:
      return "compaction";
    case ChargeKind::advisor:
      return "advisor";
    case ChargeKind::fallback:
      return "fallback";
    case ChargeKind::other:
      return "other";
  }
  return "unknown";
}

[[gnu::visibility("default")]] std::string_view to_string(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "unknown";
}

}  // namespace ccrelay
