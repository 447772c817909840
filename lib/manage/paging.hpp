#pragma once

#include <ccrelay/manage_page.hpp>
#include <ccrelay/manage_types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ccrelay::manage {

/// Lists by pages. Pure. What a list is of, with all that is asked of it but the page, is one text:
/// a token fits that alone. It names the last item that was shown, and where that stood.

/// Texts one behind the other, so that no two lists of them are alike.
std::string joined(const std::vector<std::string>& texts);
/// All that a filter says.
std::string text_of(const management::RequestFilter& filter);

/// Where a page begins and how long it is at most.
struct PageBegin {
  std::size_t size = 0;
  bool is_first = true;
  std::string last;       ///< the item before it
  std::size_t index = 0;  ///< where it began when the token was made
};
/// invalid_argument for a size or a token that can't be.
management::Reply<PageBegin> begin_of(const management::PageAsk& ask, std::string_view of);
std::string token_for(std::string_view of, std::string_view last, std::size_t index);

/// `all` from `from` on. `name_of` gives an item's name.
template <class Item, class NameOf>
management::Page<Item> page_from(std::vector<Item> all, std::size_t from, std::size_t size,
                                 std::string_view of, NameOf name_of) {
  management::Page<Item> page;
  const std::size_t end = std::min(all.size(), from + size);
  for (std::size_t i = std::min(from, end); i < end; ++i) page.items.push_back(std::move(all[i]));
  if (end < all.size() && !page.items.empty()) {
    page.next_page_token = token_for(of, name_of(page.items.back()), end);
  }
  return page;
}

/// A page of a list in an order of its own: behind the item that was the last, or, where that has
/// gone, where it stood.
template <class Item, class NameOf>
management::Reply<management::Page<Item>> page_of(std::vector<Item> all,
                                                  const management::PageAsk& ask,
                                                  std::string_view of, NameOf name_of) {
  const auto begin = begin_of(ask, of);
  if (!begin) return begin.refusal();
  std::size_t from = begin->index;
  if (!begin->is_first) {
    const auto last = std::find_if(all.begin(), all.end(),
                                   [&](const Item& item) { return name_of(item) == begin->last; });
    if (last != all.end()) from = static_cast<std::size_t>(last - all.begin()) + 1;
  }
  return page_from(std::move(all), from, begin->size, of, name_of);
}

}  // namespace ccrelay::manage
