#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::base {

/// Base64 as RFC 4648 has it. Decoding is strict (its sections 3.2, 3.3 and 3.5): no byte outside
/// of the alphabet, no white space, padding as it has to be and no bits set that are thrown away,
/// so a text has one meaning and a meaning one text. What is wrong gives nothing.

/// Section 4, with padding.
std::string base64_encoded(std::string_view bytes);
std::optional<std::string> base64_decoded(std::string_view text);
/// The same, behind what `out` has; it stays as it was when the text is wrong.
bool append_base64_decoded(std::string& out, std::string_view text);

/// Section 5, the alphabet for URLs, without padding (as RFC 7515 section 2 wants it).
std::string base64url_encoded(std::string_view bytes);
std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace ccrelay::base
