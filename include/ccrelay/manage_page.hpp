#pragma once

#include <ccrelay/language.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ccrelay::management {

/// Which part of a list.
struct PageAsk {
  std::int32_t page_size = 0;  ///< 0 means 100; above 1000 it is 1000; below 0 is a mistake
  /// Of the page before; empty for the first. Opaque; it belongs to the rest of what it was told
  /// for, and with anything else it is a mistake.
  std::string page_token = {};
};

/// A part of a list.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next_page_token;  ///< empty when there is none
};

}  // namespace ccrelay::management
