#pragma once

#include <ccrelay/language.hpp>

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>

namespace ccrelay {

/// A key, token or password. Printing one writes `***`; the text is had by asking for it by name,
/// so that every place that handles the real characters can be found with one search.
/// A value type; comparing two is not offered, because it would not be constant-time.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// The real characters; valid as long as this object is neither changed nor destroyed.
  std::string_view reveal() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  /// What may be shown in place of the secret.
  static constexpr std::string_view mask = "***";

 private:
  std::string text_;
};

/// Writes the mask, or nothing for an empty one.
[[gnu::visibility("default")]] std::ostream& operator<<(std::ostream& out, const Secret& secret);

}  // namespace ccrelay
