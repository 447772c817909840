#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::wire {

/// Where a value stands in a body, quotes included.
struct Span {
  std::size_t offset = 0;
  std::size_t length = 0;
};

/// What the relay needs to know of a request's body.
struct RequestView {
  std::string model;
  /// Every top-level "model" (a provider may take the first or the last of duplicates).
  std::vector<Span> model_spans;
  bool stream = false;
  std::string user_id;  ///< metadata.user_id
};

/// Reads bodies with one pass of simdjson. Keeps the parser's memory between calls: one per worker.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  /// Empty string on success, else what is wrong with the body. `body` gets spare capacity behind
  /// its end if it has none (simdjson reads there).
  std::string read(std::string& body, RequestView& view);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::wire
