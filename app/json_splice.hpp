#pragma once

#include <ccrelay/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app {

/// Edits of a JSON text that leave every byte beside the edit as it was. Pure.

/// What some editors put before a text; it may stand before JSON too.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// `name: value` inside an object, by offsets into the text.
struct JsonMember {
  std::string name;     ///< decoded
  std::size_t key = 0;  ///< the key's opening quote
  std::size_t key_end = 0;
  std::size_t value = 0;
  std::size_t value_end = 0;
};

/// One object of a text. Valid until the text is edited.
struct JsonObject {
  std::size_t open = 0;   ///< of `{`
  std::size_t close = 0;  ///< of `}`
  std::vector<JsonMember> members;

  /// The member that counts: of several with one name JSON.parse keeps the last.
  const JsonMember* find(std::string_view name) const;
};

/// How members stand in an object that has none yet.
struct JsonLayout {
  std::string newline;  ///< between members; empty = all on one line
  std::string indent;   ///< before the object's closing brace
  std::string unit;     ///< one more step inwards
};

/// Whether `//` to the end of a line and `/* */` may stand where white space may, as in the
/// settings of some clients.
enum class JsonComments { refused, allowed };

/// Checks the whole text (strict RFC 8259 but for `comments`; a byte order mark before it is
/// allowed) and reads its root object. The error ends in ` at line L, column C`.
Result<JsonObject> read_root(std::string_view text, JsonComments comments = JsonComments::refused);
/// The object that begins at `open` of a text read_root() has accepted.
JsonObject read_object(std::string_view text, std::size_t open);

/// ` at line L, column C`.
std::string place_in(std::string_view text, std::size_t at);

/// Whether nothing is in the text but an object without members, and white space.
bool is_empty_object(std::string_view text);

bool is_object(std::string_view text, const JsonMember& member);
std::string_view raw_value(std::string_view text, const JsonMember& member);
/// The decoded string; empty if the value is not a string.
std::optional<std::string> string_value(std::string_view text, const JsonMember& member);

/// The value's bytes replaced by `raw`.
std::string with_value(std::string_view text, const JsonMember& member, std::string_view raw);
/// A member added behind the last one, set like that one; `layout` is for an object without
/// members.
std::string with_member(std::string_view text, const JsonObject& object, std::string_view name,
                        std::string_view raw, const JsonLayout& layout);
/// A member taken out with its comma. Of an object's only member `inside` remains between the
/// braces.
std::string without_member(std::string_view text, const JsonObject& object,
                           const JsonMember& member, std::string_view inside);

/// How the file sets its members: line ends and indent taken from the root object.
JsonLayout layout_of(std::string_view text, const JsonObject& root);
/// The layout of an object that stands inside one with `outer`.
JsonLayout inner_layout(const JsonLayout& outer);

/// `text` in quotes, escaped.
std::string json_quoted(std::string_view text);

}  // namespace ccrelay::app
