#pragma once

#include <ccrelay/provider.hpp>

#include <simdjson.h>

#include "fuzz/input.hpp"

namespace ccrelay::fuzz {

inline std::string spliced(std::string_view body, const std::vector<Splice>& splices) {
  std::string out;
  std::size_t at = 0;
  for (const Splice& splice : splices) {
    FUZZ_CHECK(splice.offset >= at);
    FUZZ_CHECK(splice.offset + splice.length <= body.size());
    out.append(body.substr(at, splice.offset - at)).append(splice.replacement);
    at = splice.offset + splice.length;
  }
  return out.append(body.substr(at));
}

/// Every byte of it is looked at, which reading on the go does not do.
inline bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  return parser.parse(text.data(), text.size()).get(document) == simdjson::SUCCESS;
}

}  // namespace ccrelay::fuzz
