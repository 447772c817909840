#include <fmt/format.h>

#include <chrono>

#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"
#include "json_splice.hpp"
#include "provider_list.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds patience{5};

int not_running(const std::string& listen, const Error& why, bool json) {
  if (json) {
    fmt::print("{{\"running\":false,\"listen\":{},\"error\":{}}}\n", json_quoted(listen),
               json_quoted(why.message));
  } else {
    fmt::print("cc-relay is not running ({})\n", why.message);
  }
  return 1;
}

}  // namespace

int status(const AskedRelay& asked, bool json) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  const RelayPlace& place = contact->place;
  const std::string& listen = place.name();
  const Result<Meeting> meeting = meet(*contact, patience);
  if (!meeting) return not_running(listen, meeting.error(), json);
  if (meeting->standing == Standing::stranger) {
    return not_running(listen, not_trusted(*contact, *meeting), json);
  }
  const Result<std::string> health = relay_health(place, patience);
  if (!health) return not_running(listen, health.error(), json);

  // The relay's key is for one that has shown who it is.
  const auto providers =
      provider_list(place, meeting->trusted() ? contact->token : std::string(), patience);
  if (json) {
    fmt::print("{{\"running\":true,\"listen\":{},\"status\":{},\"providers\":{}}}\n",
               json_quoted(listen), json_quoted(*health),
               providers ? providers->json : std::string("null"));
  } else {
    fmt::print("cc-relay is running on {} ({})\n{}", listen, *health,
               providers ? providers->table : std::string());
  }
  if (!providers) say(fmt::format("cc-relay: {}\n", providers.error().message));
  return 0;
}

}  // namespace ccrelay::app
