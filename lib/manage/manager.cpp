#include <ccrelay/config_load.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "manage/core.hpp"
#include "manage/filter.hpp"
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

bool began_before(const Request& a, const Request& b) {
  return a.id.size() != b.id.size() ? a.id.size() < b.id.size() : a.id < b.id;
}

}  // namespace

ServerInfo Manager::info() const {
  return manage::told_info(core_);
}

Reply<Status> Manager::status(int history_seconds) const {
  if (history_seconds < 0 || history_seconds > history_max) {
    return Refusal{Code::invalid_argument, fmt::format("history_seconds: {} is not from 0 to {}",
                                                       history_seconds, history_max)};
  }
  return manage::told_status(core_, history_seconds);
}

EffectiveConfig Manager::config() const {
  const auto snapshot = core_.shared().snapshot();
  return {show_config(snapshot->config), snapshot->config.source, core_.shared().generation,
          core_.shared().reloads.figures().last_success};
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
  const auto found = std::make_shared<Found>();
  const bool all = core_.each_running([found, id](worker::RunningRequest& request) {
    Request told = request.told();
    if (told.id != id && told.request_id != id) return;
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
    if (one.id == id) return std::move(one);
  }
  const worker::Recent& recent = core_.shared().recent;
  if (auto ended = recent.find(id, false)) return *std::move(ended);
  if (!running.empty()) return std::move(running.back());
  if (auto ended = recent.find(id, true)) return *std::move(ended);
  return Refusal{Code::not_found,
                 fmt::format("there is no request \"{}\" that runs or ended lately", id)};
}

}  // namespace ccrelay::management
