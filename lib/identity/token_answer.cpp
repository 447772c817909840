#include "identity/token_answer.hpp"

#include <algorithm>

#include "identity/refusal.hpp"
#include "wire/json_members.hpp"

namespace ccrelay::identity {
namespace {

// Far more than any token lives, and far from where adding it would overflow.
constexpr std::int64_t seconds_max = 366LL * 24 * 60 * 60;

std::optional<WallTime> expiry(const wire::JsonMembers& members, WallTime now) {
  if (const auto seconds = members.integer("expires_in"))
    return now + std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, seconds_max));
  if (const auto since_1970 = members.integer("expires_on")) {
    const auto today = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    const std::int64_t left = *since_1970 - today.count();
    if (*since_1970 < 0 || left > seconds_max) return now + std::chrono::seconds(seconds_max);
    return WallTime(std::chrono::seconds(*since_1970));
  }
  return std::nullopt;
}

}  // namespace

Step token_answered(const Answer& answer, std::string_view what_to_do) {
  if (!succeeded(answer)) return refused(answer, what_to_do);
  const auto members = wire::JsonMembers::read(answer.body);
  if (!members) return unusable(answer, "with something that is " + members.error().message);
  const auto token = members->string("access_token");
  if (!token || token->empty()) return unusable(answer, "without an access_token");
  const auto until = expiry(*members, answer.now);
  if (!until) return unusable(answer, "without saying when the token expires (expires_in)");
  return Issued(IssuedToken{{Secret(*token)}, until});
}

}  // namespace ccrelay::identity
