#include "identity/desk.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace ccrelay::identity {

Desk::Desk(loop::Loop& loop, upstream::Client& client)
    : loop_(loop), client_(client), alive_(std::make_shared<Desk*>(this)) {}

Desk::~Desk() {
  CCRELAY_ASSERT(tickets_.empty(), "a desk outlives its tickets");
  const auto fetches = std::exchange(fetches_, {});
  for (const auto& [key, running] : fetches) running.vault->abandon(*this);
}

std::optional<Fetched> Desk::fetch(std::shared_ptr<Vault> vault) {
  auto fetch = std::make_unique<Fetch>(
      loop_, client_, vault->chain_, vault->route_,
      [this, key = vault.get()](Fetched outcome) { on_fetched(*key, std::move(outcome)); });
  auto outcome = fetch->begin();
  if (!outcome) {
    const Vault* key = vault.get();
    fetches_.emplace(key, Running{std::move(vault), std::move(fetch)});
  }
  return outcome;
}

void Desk::on_fetched(Vault& vault, Fetched outcome) {
  const auto found = fetches_.find(&vault);
  Running running = std::move(found->second);
  fetches_.erase(found);
  loop_.bury(std::move(running.fetch));  // it is on the stack
  vault.finish(*this, std::move(outcome));
}

std::unique_ptr<Ticket> Desk::wait(std::shared_ptr<Vault> vault, std::uint64_t number,
                                   Waiter& waiter) {
  return std::unique_ptr<Ticket>(new Ticket(*this, std::move(vault), number, waiter));
}

// Who is told may end and begin waits: the search starts anew after each. New ones have a higher
// number, so it comes to an end.
void Desk::deliver(Vault& vault, std::uint64_t number, const Result<Held>& result) {
  for (;;) {
    const auto found = std::find_if(tickets_.begin(), tickets_.end(), [&](const Ticket* ticket) {
      return ticket->vault_.get() == &vault && ticket->number_ <= number;
    });
    if (found == tickets_.end()) return;
    Ticket& ticket = **found;
    tickets_.erase(found);
    ticket.desk_ = nullptr;
    ticket.waiter_.on_credentials(result);
  }
}

void Desk::post_delivery(std::shared_ptr<Vault> vault, std::uint64_t number,
                         std::shared_ptr<const Result<Held>> result) {
  loop_.post([desk = std::weak_ptr<Desk*>(alive_), vault = std::move(vault), number,
              result = std::move(result)] {
    if (const auto alive = desk.lock()) (*alive)->deliver(*vault, number, *result);
  });
}

void Desk::post_take_over(std::shared_ptr<Vault> vault) {
  loop_.post([desk = std::weak_ptr<Desk*>(alive_), vault = std::move(vault)] {
    if (const auto alive = desk.lock()) vault->take_over(**alive);
  });
}

Ticket::Ticket(Desk& desk, std::shared_ptr<Vault> vault, std::uint64_t number, Waiter& waiter)
    : desk_(&desk), vault_(std::move(vault)), number_(number), waiter_(waiter) {
  place_ = desk.tickets_.insert(desk.tickets_.end(), this);
}

Ticket::~Ticket() {
  if (!desk_) return;
  desk_->tickets_.erase(place_);
  vault_->forget(*desk_, number_);
}

}  // namespace ccrelay::identity
