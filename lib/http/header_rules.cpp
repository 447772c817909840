#include "http/header_rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.hpp"
#include "base/header_name.hpp"

namespace ccrelay::http {
namespace {

// Besides names that are known: what the client's own proxies and its browser say.
bool is_private(std::string_view name) {
  switch (name.empty() ? ' ' : base::to_lower(name.front())) {
    case 'p':
      return base::istarts_with(name, "proxy-");
    case 's':
      return base::istarts_with(name, "sec-");
    case 'x':
      if (name.size() < 3) return false;
      // Most that begin with x- are told apart by their next character.
      switch (base::to_lower(name[2])) {
        case 'c':
          return base::istarts_with(name, "x-cc-relay-");
        case 'f':
          return base::istarts_with(name, "x-forwarded-");
        default:
          return false;
      }
    default:
      return false;
  }
}

// The fields that `Connection` names. Hardly any does: the usual two words name none.
class ConnectionFields {
 public:
  explicit ConnectionFields(const Headers& headers) {
    bool names_some = false;
    for (std::size_t i = 0; i < headers.size(); ++i) {
      if (headers.known_name(i) != base::HeaderName::connection) continue;
      const std::string_view value = headers[i].value;
      names_some =
          names_some || (!base::iequals(value, "keep-alive") && !base::iequals(value, "close"));
    }
    if (names_some) collect(headers);
  }

  bool contain(std::string_view name) const {
    return !names_.empty() && std::binary_search(names_.begin(), names_.end(), base::lower(name));
  }

 private:
  void collect(const Headers& headers) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
      if (headers.known_name(i) != base::HeaderName::connection) continue;
      std::string_view list = headers[i].value;
      while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        names_.push_back(base::lower(base::trim(list.substr(0, comma))));
        list.remove_prefix(std::min(comma + 1, list.size()));
      }
    }
    std::sort(names_.begin(), names_.end());
  }

  std::vector<std::string> names_;  // in lower case, sorted: there may be as many as fields
};

// Of a provider's fields those that say something of the answer, of limits, or of the request as
// its support wants to know. Everything else speaks of the provider's own host, or to a server in
// front of it, and would be taken for the relay's: cookies, other services, policies, redirects.
constexpr std::array<std::string_view, 25> answer_names{"content-type",
                                                        "content-length",
                                                        "content-encoding",
                                                        "content-language",
                                                        "content-disposition",
                                                        "content-range",
                                                        "accept-ranges",
                                                        "etag",
                                                        "last-modified",
                                                        "cache-control",
                                                        "expires",
                                                        "vary",
                                                        "age",
                                                        "date",
                                                        "allow",
                                                        "retry-after",
                                                        "retry-after-ms",
                                                        "x-should-retry",
                                                        "ratelimit",
                                                        "ratelimit-policy",
                                                        "deprecation",
                                                        "sunset",
                                                        "warning",
                                                        "cf-ray",
                                                        "x-content-type-options"};
constexpr std::array<std::string_view, 8> answer_prefixes{
    "anthropic-", "openai-", "x-ratelimit-", "ratelimit-",
    "x-amzn-",    "x-ms-",   "x-stainless-", "x-claude-"};
// What providers call the number under which they find a request again.
constexpr std::array<std::string_view, 5> answer_suffixes{"request-id", "requestid", "trace-id",
                                                          "log-id", "generation-id"};

bool iends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && base::iequals(text.substr(text.size() - end.size()), end);
}

bool is_for_clients(std::string_view name) {
  const auto is_name = [name](std::string_view known) { return base::iequals(name, known); };
  const auto begins = [name](std::string_view known) { return base::istarts_with(name, known); };
  const auto ends = [name](std::string_view known) { return iends_with(name, known); };
  // Whose account the operator's key is of.
  if (is_name("openai-organization") || is_name("openai-project")) return false;
  return std::any_of(answer_names.begin(), answer_names.end(), is_name) ||
         std::any_of(answer_prefixes.begin(), answer_prefixes.end(), begins) ||
         std::any_of(answer_suffixes.begin(), answer_suffixes.end(), ends);
}

// Those that are known by number are asked once, not in each answer.
bool is_for_clients(const Headers& headers, std::size_t index) {
  static const auto known_ones = [] {
    std::array<bool, base::known_headers.size()> out{};
    for (std::size_t i = 1; i < out.size(); ++i) {
      out[i] = is_for_clients(base::known_headers[i].text);
    }
    return out;
  }();
  const base::HeaderName known = headers.known_name(index);
  return known == base::HeaderName::other ? is_for_clients(headers[index].name)
                                          : known_ones[static_cast<std::size_t>(known)];
}

bool lengths_agree(const Headers& headers) {
  std::optional<std::string_view> first;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (headers.known_name(i) != base::HeaderName::content_length) continue;
    if (!first) first = headers[i].value;
    if (headers[i].value != *first) return false;
  }
  return true;
}

}  // namespace

Headers forwardable_request_headers(const Headers& from_client) {
  Headers out;
  out.reserve_for(from_client);
  const ConnectionFields of_connection(from_client);
  for (std::size_t i = 0; i < from_client.size(); ++i) {
    const base::HeaderName known = from_client.known_name(i);
    if (base::has_flag(known, base::hop_by_hop | base::not_for_providers)) continue;
    const std::string_view name = from_client[i].name;
    if (known == base::HeaderName::other && is_private(name)) continue;
    if (!of_connection.contain(name)) out.add(from_client, i);
  }
  return out;
}

Headers forwardable_response_headers(const Headers& from_provider, bool body_unchanged) {
  Headers out;
  out.reserve_for(from_provider);
  const ConnectionFields of_connection(from_provider);
  // RFC 9112 section 6.3: with Transfer-Encoding a length means nothing, and neither do two.
  bool takes_length = body_unchanged &&
                      !from_provider.contains(base::HeaderName::transfer_encoding) &&
                      lengths_agree(from_provider);
  for (std::size_t i = 0; i < from_provider.size(); ++i) {
    const base::HeaderName known = from_provider.known_name(i);
    if (base::has_flag(known, base::hop_by_hop | base::not_for_clients)) continue;
    if (known == base::HeaderName::content_length && !takes_length) continue;
    if (!is_for_clients(from_provider, i)) continue;
    if (of_connection.contain(from_provider[i].name)) continue;
    if (known == base::HeaderName::content_length) takes_length = false;  // once is enough
    out.add(from_provider, i);
  }
  return out;
}

}  // namespace ccrelay::http
