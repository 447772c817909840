#include "collect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "figures.hpp"
#include "keys.hpp"
#include "read.hpp"
#include "states.hpp"
#include "table.hpp"
#include "text.hpp"
#include "why.hpp"

namespace ccrelay::app::top {
namespace {

// The elements of all pages, as one list of JSON.
template <class Item>
std::string ask_list(Api& api, const std::string& name, std::vector<Item>& into,
                     bool (*read)(std::string_view, std::vector<Item>&, std::string&)) {
  std::string elements;
  std::string token;
  do {
    std::string path = "/" + name + "?page_size=1000";
    if (!token.empty()) path += "&page_token=" + path_part(token);
    const Reply reply = ask(api, path);
    token.clear();
    if (!reply.ok() || !read(reply.body, into, token)) return "null";
    const std::string list = raw_member(reply.body, name);
    if (list.size() > 2 && list.front() == '[') {
      elements += (elements.empty() ? "" : ",") + list.substr(1, list.size() - 2);
    }
  } while (!token.empty());
  return "[" + elements + "]";
}

}  // namespace

Collected collect(Api& api) {
  Collected out;
  Model& model = out.model;
  model.address = api.place().name;
  const Reply info = ask(api, "/info");
  if (!info.ok() || !read_info(info.body, model.info)) {
    out.why = why_not(api.place(), info);
    return out;
  }
  const Reply status = ask(api, "/status");
  if (!status.ok() || !read_status(status.body, model)) {
    out.why = why_not(api.place(), status);
    return out;
  }
  model.link = Link::live;
  model.last_seen = model.status.time;
  out.json = fmt::format("{{\"info\":{},\"status\":{}", raw_member(info.body, "info"),
                         raw_member(status.body, "status"));
  out.json += ",\"providers\":" + ask_list(api, "providers", model.providers, &read_providers);
  out.json += ",\"keys\":" + ask_list(api, "keys", model.keys, &read_keys);
  out.json += ",\"clients\":" + ask_list(api, "clients", model.clients, &read_clients);
  out.json += ",\"requests\":" + ask_list(api, "requests", model.running, &read_requests) + "}";
  take_last_errors(model);
  return out;
}

std::string summary_text(const Model& model) {
  const Status& status = model.status;
  return fmt::format(
      "{} {}  requests/s {}  failed/s {}  tokens out/s {}  in flight {}  streams {}\n",
      clock(status.time), server_state(status.state).word, rate(status.requests_per_second),
      rate(status.failures_per_second), brief(status.output_tokens_per_second),
      grouped(status.in_flight), grouped(status.streaming));
}

std::string tables_text(const Model& model) {
  const Status& status = model.status;
  const Totals& sums = status.today ? *status.today : status.totals;
  std::string listens;
  for (const std::string& each : model.info.listen_addresses) listens += " " + shown(each);
  std::string out = fmt::format("cc-relay {} {}  up {}\n", shown(model.info.version),
                                listens.empty() ? "" : listens.substr(1),
                                status.uptime_ms ? uptime(*status.uptime_ms) : "n/a");
  out += summary_text(model);
  out += fmt::format("{}: {} requests, {} failed, {} retried, in {}, out {}, {}\n",
                     status.today ? "today" : "since the start", grouped(sums.requests),
                     grouped(sums.failed), grouped(sums.retried), brief(sums.usage.input_tokens),
                     brief(sums.usage.output_tokens), money(sums.nano_usd));
  out += fmt::format("process: {}, CPU {}, {} connections, bodies {}\n", memory(status.rss_bytes),
                     model.cpu ? whole_percent(*model.cpu) : "n/a",
                     grouped(status.client_connections), memory(status.buffered_body_bytes));
  View view;
  for (const Screen screen : {Screen::providers, Screen::keys, Screen::clients, Screen::requests}) {
    view.screen = screen;
    const Table table = table_of(model, view);
    static constexpr const char* names[] = {"", "providers", "keys", "clients", "requests"};
    out += table.rows.empty() ? fmt::format("\nno {}\n", names[static_cast<std::size_t>(screen)])
                              : "\n" + table_text(table);
  }
  return out;
}

std::vector<std::string> news(const Model& before, const Model& now) {
  std::vector<std::string> out;
  const std::string time = clock(now.status.time);
  for (const Provider& provider : now.providers) {
    const auto known =
        std::find_if(before.providers.begin(), before.providers.end(),
                     [&](const Provider& each) { return each.name == provider.name; });
    const bool same = known != before.providers.end() && known->health == provider.health &&
                      known->admin_state == provider.admin_state;
    if (!same) {
      out.push_back(
          fmt::format("{} provider {} {}", time, shown(provider.name), state_of(provider).word));
    }
  }
  for (const Key& key : now.keys) {
    const auto known = std::find_if(before.keys.begin(), before.keys.end(), [&](const Key& each) {
      return each.fingerprint == key.fingerprint;
    });
    const bool same = known != before.keys.end() && known->state == key.state &&
                      known->admin_state == key.admin_state;
    if (!same) {
      out.push_back(
          fmt::format("{} key {} {}", time, shown(key.fingerprint), state_of(key, now.now()).word));
    }
  }
  for (auto each = now.troubles.rbegin(); each != now.troubles.rend(); ++each) {
    const bool known =
        std::any_of(before.troubles.begin(), before.troubles.end(), [&](const Trouble& other) {
          return other.time == each->time && other.provider == each->provider;
        });
    if (known) continue;
    out.push_back(fmt::format("{} trouble {} {} {}", clock(each->time), shown(each->provider),
                              lower_case(shown(each->outcome)), shown(each->text)));
  }
  return out;
}

}  // namespace ccrelay::app::top
