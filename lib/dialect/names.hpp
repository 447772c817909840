#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace ccrelay::dialect {

/// What may stand in a tool's name.
enum class NameForm : std::uint8_t {
  openai,     ///< chat and responses: [A-Za-z0-9_-]{1,64}
  anthropic,  ///< [A-Za-z0-9_-]{1,128}
  gemini,     ///< [A-Za-z0-9_.:-]{1,64}, the first a letter or _
};

/// The names of one request's tools on their way to whom has other rules, and back in the answer.
/// A name that fits stays; another becomes its first 55 characters with `_` for what is not
/// allowed, `_`, and 8 hex digits of its SHA-256: always the same, so that a prompt's prefix stays.
/// A value type, pure.
class Names {
 public:
  explicit Names(NameForm form = NameForm::anthropic) : form_(form) {}

  bool fits(std::string_view name) const;
  /// As it goes out. What was changed is remembered for back().
  std::string out(std::string_view name);
  /// As it was before out(); a name that was not changed, or never went out, is itself. Refers to
  /// this object or to `name`.
  std::string_view back(std::string_view name) const;
  /// Names went out through these, then through `later`: back() goes both steps from now on.
  void chain(const Names& later);

 private:
  NameForm form_;
  std::map<std::string, std::string, std::less<>> back_;  // by the name that went out
};

}  // namespace ccrelay::dialect
