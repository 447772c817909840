#include "token_file.hpp"

#include <algorithm>
#include <fstream>

namespace ccrelay::app {

std::optional<std::string> token_in(const std::string& file, std::size_t most) {
  std::ifstream in(file, std::ios::binary);
  std::string token(most + 1, '\0');
  in.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.empty() || !plain || token.size() > most) return std::nullopt;
  return token;
}

}  // namespace ccrelay::app
