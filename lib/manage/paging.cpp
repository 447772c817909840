#include "manage/paging.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/base64.hpp"
#include "base/stable_hash.hpp"

namespace ccrelay::manage {
namespace {

constexpr std::size_t size_default = 100;
constexpr std::size_t size_max = 1000;
constexpr std::size_t token_bytes_max = 4096;

std::string digest_of(std::string_view text) {
  return fmt::format("{:016x}", base::stable_hash(text));
}

management::Refusal strange() {
  return {management::Code::invalid_argument,
          "page_token: it is none that was told for this request; begin again without one"};
}

}  // namespace

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("{}:{},", text.size(), text);
  return out + ';';
}

std::string text_of(const management::RequestFilter& filter) {
  std::string out;
  for (const auto* list :
       {&filter.providers, &filter.keys, &filter.clients, &filter.models, &filter.sessions}) {
    out += joined(*list);
  }
  for (const auto state : filter.states) out += fmt::format("{},", static_cast<int>(state));
  return out + fmt::format(";{};{}", filter.troubled_only, filter.min_duration_ms);
}

// `digest of the list, digest of what follows, index:last`
std::string token_for(std::string_view of, std::string_view last, std::size_t index) {
  const std::string place = fmt::format("{}:{}", index, last);
  return base::base64url_encoded(digest_of(of) + digest_of(place) + place);
}

management::Reply<PageBegin> begin_of(const management::PageAsk& ask, std::string_view of) {
  PageBegin out;
  if (ask.page_size < 0) {
    return management::Refusal{management::Code::invalid_argument,
                               fmt::format("page_size: {} is below 0", ask.page_size)};
  }
  out.size = ask.page_size == 0 ? size_default
                                : std::min(static_cast<std::size_t>(ask.page_size), size_max);
  if (ask.page_token.empty()) return out;
  if (ask.page_token.size() > token_bytes_max) return strange();
  const auto token = base::base64url_decoded(ask.page_token);
  constexpr std::size_t digest = 16;
  if (!token || token->size() < 2 * digest) return strange();
  const std::string_view place = std::string_view(*token).substr(2 * digest);
  if (token->substr(0, digest) != digest_of(of)) return strange();
  if (token->substr(digest, digest) != digest_of(place)) return strange();
  const auto colon = place.find(':');
  if (colon == std::string_view::npos) return strange();
  const auto read = std::from_chars(place.data(), place.data() + colon, out.index);
  if (read.ec != std::errc() || read.ptr != place.data() + colon) return strange();
  out.last = place.substr(colon + 1);
  out.is_first = false;
  return out;
}

}  // namespace ccrelay::manage
