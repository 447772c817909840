#include "checks/words.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/clipped.hpp"
#include "wire/error_body.hpp"

namespace ccrelay::checks {
namespace {

constexpr std::size_t words_bytes_max = 400;

void take_out(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + Secret::mask.size())) {
    text.replace(at, secret.size(), Secret::mask);
  }
}

}  // namespace

std::string without_secrets(std::string text, const ProviderConfig& entry) {
  std::vector<std::string_view> secrets{entry.aws_secret_access_key.reveal(),
                                        entry.aws_session_token.reveal(),
                                        entry.azure_client_secret.reveal()};
  for (const KeyConfig& key : entry.keys) secrets.push_back(key.key.reveal());
  for (const auto& header : entry.headers) secrets.push_back(header.second.reveal());
  // Of one that is the beginning of another, the longer goes first.
  std::sort(secrets.begin(), secrets.end(),
            [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  for (const std::string_view secret : secrets) take_out(text, secret);
  return text;
}

std::string said_in(const ResponseHead& head, std::string_view body, bool unwraps,
                    const ProviderConfig& entry) {
  const wire::ErrorBody read = wire::read_error_body(head.headers, body, unwraps);
  std::string words = read.message;
  if (words.empty()) words = reason_phrase(head.status);
  // Before it is cut: a part of a secret would not be found.
  words = without_secrets(std::move(words), entry);
  base::clip(words, words_bytes_max);
  return words;
}

}  // namespace ccrelay::checks
