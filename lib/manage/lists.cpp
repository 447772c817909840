#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "manage/core.hpp"
#include "manage/paging.hpp"
#include "manage/told.hpp"

// Lists by pages.

namespace ccrelay::management {
namespace {

const std::string& name_of(const Provider& one) {
  return one.name;
}
const std::string& name_of(const Key& one) {
  return one.fingerprint;
}
const std::string& name_of(const Client& one) {
  return one.name;
}

template <class Item>
Reply<Page<Item>> by_name(std::vector<Item> all, const PageAsk& page, std::string_view of) {
  return manage::page_of(std::move(all), page, of,
                         [](const Item& item) -> const std::string& { return name_of(item); });
}

}  // namespace

Reply<Page<Provider>> Manager::list_providers(const PageAsk& page) const {
  return by_name(providers(), page, "providers");
}

Reply<Page<Key>> Manager::list_keys(const std::string& provider, const PageAsk& page) const {
  std::vector<Key> all = keys();
  if (!provider.empty()) {
    if (const auto known = this->provider(provider); !known) return known.refusal();
    std::erase_if(all, [&](const Key& key) {
      return std::find(key.providers.begin(), key.providers.end(), provider) == key.providers.end();
    });
  }
  return by_name(std::move(all), page, "keys" + manage::joined({provider}));
}

Reply<Page<Client>> Manager::list_clients(const PageAsk& page) const {
  return by_name(clients(), page, "clients");
}

Reply<Page<Request>> Manager::list_requests(const RequestFilter& filter, bool ended,
                                            const PageAsk& page) const {
  const std::string of = (ended ? "ended" : "running") + manage::text_of(filter);
  const auto begin = manage::begin_of(page, of);
  if (!begin) return begin.refusal();
  auto found = requests(filter, ended);
  if (!found) return found.refusal();
  std::size_t from = 0;
  if (!begin->is_first && ended) {
    // Newer ones stand before it. Where it is forgotten, so are those behind it.
    while (from < found->size() && (*found)[from].id != begin->last) ++from;
    from = std::min(from + 1, found->size());
  } else if (!begin->is_first) {
    const auto is_behind = [&](const std::string& id) {
      return id.size() != begin->last.size() ? id.size() > begin->last.size() : id > begin->last;
    };
    while (from < found->size() && !is_behind((*found)[from].id)) ++from;
  }
  return manage::page_from(std::move(*found), from, begin->size, of,
                           [](const Request& one) -> const std::string& { return one.id; });
}

}  // namespace ccrelay::management
