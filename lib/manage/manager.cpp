#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "manage/core.hpp"
#include "manage/filter.hpp"
#include "manage/subscriber.hpp"
#include "manage/told.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::management {
namespace {

constexpr int history_max = 300;

// What the workers tell, in whichever order; whoever comes late finds it here as well.
struct Found {
  std::mutex mutex;
  std::vector<Request> requests;
};

template <class Item, class Name>
Reply<Item> one_of(std::vector<Item> items, std::string_view kind, const std::string& name,
                   Name member) {
  std::vector<std::string> names;
  for (Item& item : items) {
    if (item.*member == name) return std::move(item);
    names.push_back(item.*member);
  }
  return manage::unknown(kind, name, names);
}

Request in_order(Request request) {
  std::sort(request.attempts.begin(), request.attempts.end(),
            [](const Attempt& a, const Attempt& b) { return a.number < b.number; });
  return request;
}

std::optional<Refusal> check(const RequestWatch& watch) {
  using manage::invalid;
  const std::int32_t interval = watch.progress_interval_ms;
  if (interval != 0 && (interval < 100 || interval > 60'000)) {
    return invalid(
        fmt::format("progress_interval_ms: {} is neither 0 nor from 100 to 60000", interval));
  }
  const std::int32_t events = watch.queue_events;
  if (events != 0 && (events < 16 || events > 65'536)) {
    return invalid(fmt::format("queue_events: {} is neither 0 nor from 16 to 65536", events));
  }
  for (const RequestEventKind kind : watch.kinds) {
    if (kind == RequestEventKind::unspecified) return invalid("kinds: unspecified is no kind");
    if (kind > RequestEventKind::ended) {
      return invalid(fmt::format("kinds: {} is no kind of event", static_cast<int>(kind)));
    }
  }
  return {};
}

bool began_before(const Request& a, const Request& b) {
  return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
}

}  // namespace

ServerInfo Manager::info() const {
  return manage::told_info(core_);
}

void Manager::serves_at(std::string address) {
  core_.serves_at(std::move(address));
}

Reply<Status> Manager::status(int history_seconds) const {
  if (history_seconds < 0 || history_seconds > history_max) {
    return Refusal{Code::invalid_argument, fmt::format("history_seconds: {} is not from 0 to {}",
                                                       history_seconds, history_max)};
  }
  return manage::told_status(core_, history_seconds);
}

std::vector<Provider> Manager::providers() const {
  return manage::told_providers(core_);
}
Reply<Provider> Manager::provider(const std::string& name) const {
  return one_of(providers(), "provider", name, &Provider::name);
}
std::vector<Key> Manager::keys() const {
  return manage::told_keys(core_);
}
Reply<Key> Manager::key(const std::string& fingerprint) const {
  return one_of(keys(), "key with the fingerprint", fingerprint, &Key::fingerprint);
}
std::vector<Client> Manager::clients() const {
  return manage::told_clients(core_);
}
Reply<Client> Manager::client(const std::string& name) const {
  return one_of(clients(), "client", name, &Client::name);
}

Reply<std::vector<Request>> Manager::requests(const RequestFilter& filter, bool ended) const {
  if (const auto refusal = manage::check(filter, *core_.shared().snapshot())) return *refusal;
  std::vector<Request> out;
  if (ended) {
    out = core_.shared().recent.all();
    for (Request& one : out) {
      one.traced = !core_.shared().traces.of(worker::number_of(one.id)).empty();
    }
    std::erase_if(out, [&](const Request& one) { return !manage::matches(filter, one); });
  } else {
    const auto found = std::make_shared<Found>();
    const bool all = core_.each_running([found, filter](worker::RunningRequest& request) {
      Request told = request.told();
      if (!manage::matches(filter, told)) return;
      const std::lock_guard lock(found->mutex);
      found->requests.push_back(std::move(told));
    });
    if (!all) return manage::no_answer();
    const std::lock_guard lock(found->mutex);
    out = std::move(found->requests);
    std::sort(out.begin(), out.end(), began_before);
  }
  for (Request& one : out) one.attempts.clear();
  return out;
}

Reply<Request> Manager::request(const std::string& id) const {
  worker::Shared& shared = core_.shared();
  shared.traces.looked(core_.now());
  const auto found = std::make_shared<Found>();
  const bool all = core_.each_running([found, id](worker::RunningRequest& request) {
    Request told = request.told();
    if (told.id != id && told.request_id != id) return;
    told.trace = request.trace();
    const std::lock_guard lock(found->mutex);
    found->requests.push_back(std::move(told));
  });
  if (!all) return manage::no_answer();
  std::vector<Request> running;
  {
    const std::lock_guard lock(found->mutex);
    running = std::move(found->requests);
  }
  std::sort(running.begin(), running.end(), began_before);
  for (Request& one : running) {
    if (one.id == id) return in_order(std::move(one));
  }
  const auto with_trace = [&](Request ended) {
    ended.trace = shared.traces.of(worker::number_of(ended.id));
    ended.traced = !ended.trace.empty();
    return in_order(std::move(ended));
  };
  const worker::Recent& recent = shared.recent;
  if (auto ended = recent.find(id, false)) return with_trace(*std::move(ended));
  if (!running.empty()) return in_order(std::move(running.back()));
  if (auto ended = recent.find(id, true)) return with_trace(*std::move(ended));
  return Refusal{Code::not_found,
                 fmt::format("there is no request \"{}\" that runs or ended lately", id)};
}

Reply<std::unique_ptr<Subscription>> Manager::watch(const RequestWatch& watch) {
  worker::Shared& shared = core_.shared();
  if (const auto refusal = check(watch)) return *refusal;
  if (const auto refusal = manage::check(watch.filter, *shared.snapshot())) return *refusal;
  auto seat = core_.seat();
  if (!seat) return seat.refusal();
  const auto subscriber =
      std::make_shared<manage::Subscriber>(watch, shared.watchers, std::move(*seat));
  if (!shared.watchers->add(subscriber, watch.progress_interval_ms)) return manage::has_stopped();
  auto subscription = std::make_unique<Subscription>(subscriber);
  if (watch.include_existing) {
    const WallTime now = core_.clock().wall();
    const bool all = core_.each_running([subscriber, now](worker::RunningRequest& request) {
      subscriber->existing(request.told(), now);
    });
    if (!all) return manage::no_answer();
  }
  subscriber->synced(core_.clock().wall());
  return subscription;
}

}  // namespace ccrelay::management
