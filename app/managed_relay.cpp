#include "managed_relay.hpp"

#include <chrono>
#include <utility>

#include "top/place.hpp"
#include "top/read.hpp"

namespace ccrelay::app {
namespace {

// A socket of this machine is no word about a relay on another.
bool may_be_here(const RelayPlace& place) {
  return place.url.empty() || is_loopback(host_and_port(place.url).host);
}

}  // namespace

std::optional<ManagedRelay> ManagedRelay::find(const RelayContact& contact,
                                               std::chrono::milliseconds patience,
                                               std::string* silent) {
  using std::chrono::steady_clock;
  if (!may_be_here(contact.place)) return {};
  const auto end = steady_clock::now() + patience;
  for (top::Place& place : top::places_of(contact)) {
    auto api = std::make_unique<top::Api>(
        std::move(place),
        std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now()));
    top::Info info;
    const top::Reply told = top::ask(*api, "/info");
    const bool nobody = told.not_there || told.refused_here;
    if (told.status == 0 && !nobody && silent != nullptr)
      *silent = api->place().name + ": " + told.failure;
    if (!told.ok() || !top::read_info(told.body, info)) continue;
    api->set_patience(patience);
    // Another relay may have the same port at another address.
    if (!is_among(info.listen_addresses, contact.place)) continue;
    return ManagedRelay(std::move(api), std::move(info));
  }
  return {};
}

}  // namespace ccrelay::app
