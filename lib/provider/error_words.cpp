#include "provider/error_words.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ccrelay::provider {
namespace {

// What is said further on may well be a repetition of the prompt.
constexpr std::size_t words_bytes_max = 600;
// Between the parts of a phrase, as in "account org-0a1b2c <ak-a1b2c3> is suspended".
constexpr std::size_t gap_bytes_max = 110;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_word(char c) {
  return is_upper(c) || is_lower(c) || c == '_' || c == '-';
}

std::string snake(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_upper(c)) {
      const bool after_small = i > 0 && is_lower(text[i - 1]);
      const bool before_small = i > 0 && is_upper(text[i - 1]) && i + 1 < text.size() &&
                                text[i + 1] >= 'a' && text[i + 1] <= 'z';
      if ((after_small || before_small) && !out.empty() && out.back() != '_') out += '_';
      out += base::to_lower(c);
    } else if (c == '-' || c == ' ' || c == '.' || c == ':' || c == '/' || c == '#') {
      if (!out.empty() && out.back() != '_') out += '_';
    } else {
      out += c;
    }
  }
  for (const std::string_view end : {"_exception", "_error", "_err"}) {
    if (out.size() > end.size() && out.ends_with(end)) out.resize(out.size() - end.size());
  }
  return out;
}

std::string_view next_part(std::string_view& list, char separator) {
  const auto end = list.find(separator);
  const std::string_view part = list.substr(0, end);
  list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  return part;
}

// Where the part stands as words of its own, from `from` on.
std::size_t find_words(std::string_view words, std::string_view part, std::size_t from) {
  for (auto at = words.find(part, from); at != std::string_view::npos;
       at = words.find(part, at + 1)) {
    const std::size_t end = at + part.size();
    const bool begins = !is_word(part.front()) || at == 0 || !is_word(words[at - 1]);
    // "insufficient-balance-3b" is a name.
    const bool ends =
        end >= words.size() || !is_word(part.back()) || (words[end] != '-' && words[end] != '_');
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

bool crosses_sentence(std::string_view between) {
  for (std::size_t i = 0; i < between.size(); ++i) {
    if (between[i] == '\n') return true;
    if ((between[i] == '.' || between[i] == '!' || between[i] == '?') && i + 1 < between.size() &&
        between[i + 1] == ' ') {
      return true;
    }
  }
  return false;
}

bool says_one(std::string_view words, std::string_view phrase) {
  std::string_view first_rest = phrase;
  const std::string_view first = next_part(first_rest, '*');
  for (auto at = find_words(words, first, 0); at != std::string_view::npos;
       at = find_words(words, first, at + 1)) {
    std::size_t end = at + first.size();
    std::string_view rest = first_rest;
    bool fits = true;
    while (fits && !rest.empty()) {
      const std::string_view part = next_part(rest, '*');
      const auto next = find_words(words, part, end);
      fits = next != std::string_view::npos && next - end <= gap_bytes_max &&
             !crosses_sentence(words.substr(end, next - end));
      end = next + part.size();
    }
    if (fits) return true;
  }
  return false;
}

void erase_all(std::string& text, std::string_view what) {
  if (what.size() < 3) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), "~");
    ++at;
  }
}

// The end of what a quote at `at` opens; npos where it is an apostrophe or opens nothing.
std::size_t quote_end(std::string_view text, std::size_t at) {
  struct Pair {
    std::string_view open;
    std::string_view close;
  };
  static constexpr std::array pairs{Pair{"\"", "\""}, Pair{"`", "`"},   Pair{"'", "'"},
                                    Pair{"“", "”"},   Pair{"「", "」"}, Pair{"«", "»"}};
  for (const Pair& pair : pairs) {
    if (!text.substr(at).starts_with(pair.open)) continue;
    if (pair.open == "'" && at > 0 && is_word(text[at - 1])) return std::string_view::npos;
    auto end = text.find(pair.close, at + pair.open.size());
    // "'it's'"
    while (pair.open == "'" && end != std::string_view::npos && end + 1 < text.size() &&
           is_lower(text[end + 1])) {
      end = text.find(pair.close, end + 1);
    }
    return end == std::string_view::npos ? text.size() : end + pair.close.size();
  }
  return std::string_view::npos;
}

}  // namespace

void add_names(std::vector<std::string>& names, std::string_view code) {
  const auto add = [&](std::string name) {
    if (name.size() < 3 || std::find(names.begin(), names.end(), name) != names.end()) return;
    names.push_back(std::move(name));
  };
  add(snake(code));
  for (const char separator : {'.', ':'}) {
    if (code.find(separator) == std::string_view::npos) continue;
    for (std::string_view rest = code; !rest.empty();) add(snake(next_part(rest, separator)));
  }
}

bool lists(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    std::string_view one = next_part(list, ' ');
    const bool any_begin = one.starts_with('*');
    const bool any_end = one.size() > 1 && one.ends_with('*');
    if (any_begin) one.remove_prefix(1);
    if (any_end) one.remove_suffix(1);
    if (any_begin && any_end ? name.find(one) != std::string_view::npos
        : any_begin          ? name.ends_with(one)
        : any_end            ? name.starts_with(one)
                             : name == one) {
      return true;
    }
  }
  return false;
}

std::string own_words(std::string_view message, std::string_view model) {
  std::string out;
  for (std::size_t i = 0; i < message.size() && out.size() < words_bytes_max;) {
    const auto end = quote_end(message, i);
    if (end != std::string_view::npos) {
      out += '~';
      i = end;
    } else if (message.substr(i).starts_with("’")) {
      out += '\'';
      i += 3;
    } else {
      out += base::to_lower(message[i++]);
    }
  }
  erase_all(out, base::lower(model));
  // Behind these it is what the client sent.
  static constexpr std::array<std::string_view, 11> repeating{
      " received: ", " got: ",    " but got ", " but received ", "input_value",   "input: ",
      "prompt: ",    "content: ", "text: ",    "request body: ", "your message: "};
  for (const std::string_view words : repeating) {
    if (const auto at = out.find(words); at != std::string::npos) out.resize(at);
  }
  return out;
}

bool says(std::string_view words, std::string_view phrases) {
  while (!phrases.empty()) {
    if (says_one(words, next_part(phrases, '|'))) return true;
  }
  return false;
}

bool names_model(std::string_view words, std::string_view model) {
  (void)model;  // its name is "~" by now
  return words.find("model ~") != std::string_view::npos ||
         words.find("model: ~") != std::string_view::npos ||
         words.find("~ model") != std::string_view::npos ||
         words.find("foundation-model/") != std::string_view::npos ||
         words.find("inference-profile/") != std::string_view::npos ||
         find_words(words, "model", 0) != std::string_view::npos;
}

bool points_into_request(std::string_view message, std::string_view param) {
  static constexpr std::array<std::string_view, 12> places{
      "messages", "system",   "tools",       "input",          "prompt",   "content",
      "body",     "metadata", "tool_choice", "stop_sequences", "thinking", "max_tokens"};
  for (const std::string_view place : places) {
    if (param.starts_with(place)) return true;
    if (!message.starts_with(place)) continue;
    const std::string_view rest = message.substr(place.size());
    if (rest.starts_with('.') || rest.starts_with('[') || rest.starts_with(": ")) return true;
  }
  return message.starts_with("#/") || message.starts_with("$.");
}

bool is_numbered_error(const wire::ErrorBody& body) {
  const bool has_number =
      body.status != 0 ||
      std::any_of(body.codes.begin(), body.codes.end(), [](const wire::SaidCode& code) {
        return code.place == wire::CodePlace::top_code && code.text != "0" && code.text != "200";
      });
  return has_number && !body.message.empty();
}

}  // namespace ccrelay::provider
