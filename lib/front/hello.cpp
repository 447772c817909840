#include "front/hello.hpp"

#include <fmt/format.h>
#include <ccrelay/relay.hpp>

#include <algorithm>

#include "front/this_machine.hpp"
#include "wire/json_text.hpp"

namespace ccrelay::front {
namespace {

constexpr std::string_view nonce_parameter = "nonce=";

// Nothing but letters and digits, so that what is signed means nothing anywhere else.
bool is_nonce(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

exchange::Answer hello(
    std::string_view query, std::string_view peer,
    const std::function<std::vector<std::string>(std::string_view nonce)>& proofs) {
  std::string shown;
  if (proofs && query.starts_with(nonce_parameter) && is_on_this_machine(peer)) {
    query.remove_prefix(nonce_parameter.size());
    if (is_nonce(query)) {
      for (const std::string& proof : proofs(query)) {
        shown += (shown.empty() ? "" : ",") + wire::json_string(proof);
      }
      shown = R"(,"proofs":[)" + shown + ']';
    }
  }
  return exchange::json_answer(
      200, fmt::format(R"({{"name":"cc-relay","version":"{}"{}}})", version(), shown));
}

}  // namespace ccrelay::front
