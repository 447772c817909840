#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// Text of a conversation, as it stands in JSON: the same each time, with nothing in it that
/// compresses the work away.
class Words {
 public:
  std::uint32_t next() { return state_ = state_ * 1664525U + 1013904223U; }

  std::string prose(std::size_t bytes) {
    constexpr std::string_view words[] = {"the ",  "function ", "returns ", "a ",        "value ",
                                          "when ", "parsing ",  "fails; ",  "check ",    "tests, ",
                                          "then ", "rename ",   "it.\\n",   "\\\"x\\\" "};
    std::string out;
    while (out.size() < bytes) out += words[(next() >> 16) % std::size(words)];
    return out;
  }

  /// Lines of a program as JSON has them: a quarter of the characters are escaped or indentation.
  std::string source(std::size_t bytes) {
    constexpr std::string_view lines[] = {
        "  if (found == end()) {\\n",           "    return Error{\\\"not found\\\"};\\n",
        "\\t\\tfor (auto& each : list_) {\\n",  "  }\\n",
        "  const auto size = bytes.size();\\n", "    log(\\\"%s: %d\\\\n\\\", name, count);\\n",
        "// \\u00e9t\\u00e9: see above\\n",     "  std::string name = \\\"value\\\";\\n"};
    std::string out;
    while (out.size() < bytes) out += lines[(next() >> 16) % std::size(lines)];
    return out;
  }

  std::string base64(std::size_t bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    while (out.size() < bytes) out += digits[(next() >> 16) % digits.size()];
    return out;
  }

 private:
  std::uint32_t state_ = 7;
};

}  // namespace bench
