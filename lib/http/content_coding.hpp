#pragma once

#include <ccrelay/http.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "http/refusal.hpp"

namespace ccrelay::http {

/// Decodes a request's body while it comes: gzip, x-gzip and deflate (RFC 9110 section 8.4.1), one
/// or some over each other. Nothing more is decoded than is allowed, however much would come of it.
/// Of one request; pure.
class ContentDecoder {
 public:
  /// The codings that are understood, as `Accept-Encoding` names them.
  static constexpr std::string_view understood = "gzip, deflate, identity";
  /// Over each other; more has no use.
  static constexpr std::size_t codings_max = 3;

  ContentDecoder();
  ~ContentDecoder();
  ContentDecoder(const ContentDecoder&) = delete;
  ContentDecoder& operator=(const ContentDecoder&) = delete;

  /// Takes what Content-Encoding says. A status of 0: it is understood.
  Refusal begin(const Headers& headers);
  /// Whether there is anything to decode.
  bool active() const { return !stages_.empty(); }

  /// Gets what was decoded, piece by piece; a status that is not 0 ends it.
  using Take = std::function<Refusal(std::string_view)>;
  Refusal feed(std::string_view bytes, const Take& take) { return feed_from(0, bytes, take); }
  /// All of it has come.
  Refusal end() const;

 private:
  class Stage;
  Refusal feed_from(std::size_t stage, std::string_view bytes, const Take& take);

  std::vector<std::unique_ptr<Stage>> stages_;  // the coding applied last first
};

}  // namespace ccrelay::http
