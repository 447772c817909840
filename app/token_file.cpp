#include "token_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

namespace ccrelay::app {
namespace {

Error of_token(std::string message) {
  return {ErrorCode::config, std::move(message)};
}

}  // namespace

Result<std::string> token_in(const std::string& file, std::size_t most) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string token(most + 1, '\0');
  // A folder can be opened, and not read.
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    if (errno == 0) return of_token("is empty");
    return of_token("can't be read: " + std::generic_category().message(errno));
  }
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty()) return of_token("is empty");
  if (token.size() > most) return of_token(fmt::format("has more than {} bytes", most));
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (!plain) return of_token("has more in it than a token: spaces, lines or letters beyond ASCII");
  return token;
}

}  // namespace ccrelay::app
