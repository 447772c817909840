#include "provider/capabilities.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/ascii.hpp"
#include "provider/body_path.hpp"

namespace ccrelay::provider {
namespace {

using namespace std::string_view_literals;

// A beta without its date, and the field that comes with it
// (https://docs.claude.com/en/api/beta-headers and the pages of each feature).
struct Pair {
  std::string_view beta;
  std::string_view field;
};
constexpr std::array pairs{
    Pair{"context-management-", "context_management"},
    Pair{"effort-", "output_config"},
    Pair{"structured-outputs-", "output_config"},
    Pair{"structured-outputs-", "output_format"},
    Pair{"mcp-client-", "mcp_servers"},
    Pair{"code-execution-", "container"},
    Pair{"skills-", "container"},
    Pair{"advanced-tool-use-", "tools[].defer_loading"},
    Pair{"advanced-tool-use-", "tools[].allowed_callers"},
    Pair{"advanced-tool-use-", "tools[].input_examples"},
    Pair{"tool-search-tool-", "tools[].defer_loading"},
    Pair{"tool-examples-", "tools[].input_examples"},
    Pair{"structured-outputs-", "tools[].strict"},
    Pair{"fine-grained-tool-streaming-", "tools[].eager_input_streaming"},
    Pair{"fast-mode-", "speed"},
};

// Offered by Anthropic's own API alone: https://docs.claude.com/en/docs/build-with-claude/overview,
// the column of each cloud.
struct Known {
  std::string_view type;
  std::string_view beta;
};
constexpr std::array known{
    Known{"bedrock", "files-api-2025-04-14"},     Known{"bedrock", "mcp-client-2025-04-04"},
    Known{"bedrock", "mcp-client-2025-11-20"},    Known{"bedrock", "code-execution-2025-08-25"},
    Known{"bedrock", "skills-2025-10-02"},        Known{"vertex", "files-api-2025-04-14"},
    Known{"vertex", "mcp-client-2025-04-04"},     Known{"vertex", "mcp-client-2025-11-20"},
    Known{"vertex", "code-execution-2025-08-25"}, Known{"vertex", "skills-2025-10-02"},
};

// What Bedrock's page lists as taken, for the 400 that does not say which beta it means:
// https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html
constexpr std::array taken_by_bedrock{
    "computer-use-2024-10-22"sv,
    "computer-use-2025-01-24"sv,
    "computer-use-2025-11-24"sv,
    "token-efficient-tools-2025-02-19"sv,
    "interleaved-thinking-2025-05-14"sv,
    "output-128k-2025-02-19"sv,
    "dev-full-thinking-2025-05-14"sv,
    "context-1m-2025-08-07"sv,
    "context-management-2025-06-27"sv,
    "effort-2025-11-24"sv,
    "tool-search-tool-2025-10-19"sv,
    "tool-examples-2025-10-29"sv,
    "fine-grained-tool-streaming-2025-05-14"sv,
};

// What every request means by these no provider may be let off: the client must be told. Beside the
// parameters that Anthropic's reference documents for good, what makes a turn, a block or a tool
// what it is (https://docs.claude.com/en/api/messages).
constexpr std::array indispensable{"model"sv,
                                   "messages"sv,
                                   "system"sv,
                                   "max_tokens"sv,
                                   "tools"sv,
                                   "thinking"sv,
                                   "safeguards"sv,
                                   "stream"sv,
                                   "anthropic_version"sv,
                                   "tool_choice"sv,
                                   "temperature"sv,
                                   "top_p"sv,
                                   "top_k"sv,
                                   "stop_sequences"sv,
                                   "metadata"sv,
                                   "thinking.type"sv,
                                   "thinking.budget_tokens"sv,
                                   "metadata.user_id"sv,
                                   "tool_choice.type"sv,
                                   "tool_choice.name"sv,
                                   "tools[].name"sv,
                                   "tools[].input_schema"sv,
                                   "tools[].type"sv,
                                   "tools[].description"sv,
                                   "system[].type"sv,
                                   "system[].text"sv,
                                   "messages[].role"sv,
                                   "messages[].content"sv};
// Of a block, wherever it stands.
constexpr std::array of_blocks{"type"sv,  "text"sv,        "source"sv,  "id"sv,       "name"sv,
                               "input"sv, "tool_use_id"sv, "content"sv, "thinking"sv, "signature"sv,
                               "data"sv,  "is_error"sv,    "title"sv,   "context"sv};

// Of a message that may quote a client's text.
constexpr std::size_t message_bytes_max = 16 * 1024;
// Of a path in it.
constexpr std::size_t path_bytes_max = 512;
// Named at once.
constexpr std::size_t names_max = 64;

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void add(std::vector<std::string>& list, std::string_view word) {
  if (!among(list, word)) list.emplace_back(word);
}

constexpr bool is_part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

constexpr bool is_part_of_path(char c) {
  return is_part_of_name(c) || c == '/' || c == '[' || c == ']';
}

// Nothing that a client must be told of, nor a piece of the schema or the arguments of its tools,
// which are its own words.
bool may_be_left_out(std::string_view path) {
  if (among(indispensable, path)) return false;
  if (path.find(".input_schema") != std::string_view::npos ||
      path.find("].input.") != std::string_view::npos) {
    return false;
  }
  constexpr std::string_view blocks = "content[].";
  const auto at = path.rfind(blocks);
  return at == std::string_view::npos || !among(of_blocks, path.substr(at + blocks.size()));
}

/// Finds in a message what it says is not known, as far as the body has it.
class Names {
 public:
  Names(std::string_view message, std::string_view body)
      : message_(message), lower_(base::lower(message)), body_(body) {}

  std::vector<std::string> read() {
    // "a.b: Extra inputs are not permitted", as Anthropic words it, and others.
    for (const std::string_view words :
         {": extra inputs are not permitted", ": extra fields not permitted", ": unknown field",
          ": unrecognized field", ": unexpected field", ": unsupported field",
          ": unknown parameter"}) {
      each(words, [&](std::size_t at, std::size_t) {
        std::size_t begin = at;
        if (begin > 0 && is_quote(message_[begin - 1])) at = --begin;
        while (begin > 0 && is_part_of_path(message_[begin - 1])) --begin;
        take(message_.substr(begin, at - begin));
      });
    }
    // "#/tools/0: extraneous key [strict] is not permitted", as Bedrock does.
    each("extraneous key [", [&](std::size_t at, std::size_t end) {
      const std::string_view named = message_.substr(end, path_bytes_max);
      const auto close = named.find(']');
      if (close == std::string_view::npos) return;
      take(pointer_before(at) + '/' + std::string(named.substr(0, close)));
    });
    // `Unknown name "scope" at 'system[1].cache_control': Cannot find field.`, as Google does, and
    // "Unknown parameter: 'x'", as OpenAI's front.
    for (const std::string_view words :
         {"unknown name ", "unknown parameter", "unknown field", "unexpected field",
          "unrecognized field", "unsupported parameter", "unsupported field",
          "unrecognized request argument supplied"}) {
      each(words, [&](std::size_t, std::size_t end) { take_behind(end); });
    }
    return std::move(found_);
  }

 private:
  static bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }

  template <class Do>
  void each(std::string_view words, Do what) const {
    for (auto at = lower_.find(words); at != std::string::npos;
         at = lower_.find(words, at + words.size())) {
      what(at, at + words.size());
    }
  }

  void take(std::string_view named) {
    // Each has the body read for it, and the message may repeat a client's text.
    if (named.empty() || ++looked_for_ > names_max) return;
    const std::string path = path_in(body_, named);
    if (!path.empty() && may_be_left_out(path)) add(found_, path);
  }

  std::string pointer_before(std::size_t at) const {
    const std::string_view before =
        message_.substr(at - std::min(at, path_bytes_max), std::min(at, path_bytes_max));
    const auto pointer = before.rfind('#');
    if (pointer == std::string_view::npos) return {};
    const std::string_view where = before.substr(pointer + 1);
    const auto colon = where.find(": ");
    // Another text between them: this "#" belongs to something else.
    const bool is_its = colon != std::string_view::npos && colon + 2 == where.size();
    return std::string(is_its ? where.substr(0, colon) : std::string_view());
  }

  std::string_view path_at(std::size_t at) const {
    std::size_t end = at;
    while (end < message_.size() && is_part_of_path(message_[end])) ++end;
    return message_.substr(at, end - at);
  }

  void take_behind(std::size_t at) {
    while (at < message_.size() && (message_[at] == ' ' || message_[at] == ':')) ++at;
    // JSON inside of JSON has its quotes escaped.
    while (at < message_.size() && (message_[at] == '\\' || is_quote(message_[at]))) ++at;
    std::string name(path_at(at));
    at += name.size();
    while (at < message_.size() && (message_[at] == '\\' || is_quote(message_[at]))) ++at;
    if (message_.substr(at).starts_with(" at ")) {
      at += 4;
      while (at < message_.size() && (message_[at] == '\\' || is_quote(message_[at]))) ++at;
      name = std::string(path_at(at)) + '.' + name;
    }
    while (name.ends_with('.')) name.pop_back();
    take(name);
  }

  std::string_view message_;
  std::string lower_;
  std::string_view body_;
  std::vector<std::string> found_;
  std::size_t looked_for_ = 0;
};

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

// The betas that stand in the message as words of their own: one may begin as another does.
std::vector<std::string> betas_in(std::string_view message,
                                  const std::vector<std::string_view>& sent) {
  std::unordered_set<std::string_view> words;
  while (!message.empty()) {
    std::size_t begin = 0;
    while (begin < message.size() && !is_part_of_name(message[begin])) ++begin;
    std::size_t end = begin;
    while (end < message.size() && is_part_of_name(message[end])) ++end;
    const std::string_view word = message.substr(begin, end - begin);
    words.insert(word);
    words.insert(word.substr(0, word.find_last_not_of(".-") + 1));
    message.remove_prefix(end);
  }
  std::vector<std::string> out;
  for (const std::string_view beta : sent) {
    if (out.size() < names_max && words.count(beta) > 0) out.emplace_back(beta);
  }
  return out;
}

std::vector<std::string> refused_betas(std::string_view message,
                                       const std::vector<std::string_view>& sent) {
  const std::string lower = base::lower(message);
  if (sent.empty() || lower.find("beta") == std::string::npos) return {};
  if (!has_any(lower, {"invalid", "unexpected", "unknown", "unrecognized", "unsupported", "not ",
                       "extraneous"})) {
    return {};
  }
  // Where the relay has put them they are not wanted at all.
  if (has_any(lower, {"anthropic_beta: extra inputs", "extraneous key [anthropic_beta]"})) {
    return {std::string(every_beta)};
  }
  if (auto named = betas_in(message, sent); !named.empty()) return named;
  if (lower.find("long context beta") != std::string::npos) {
    std::vector<std::string> out;
    for (const std::string_view beta : sent) {
      if (beta.starts_with("context-1m-")) out.emplace_back(beta);
    }
    return out;
  }
  const bool is_unnamed = has_any(lower, {"beta flag", "beta header", "anthropic-beta",
                                          "anthropic_beta", "beta feature", "beta value"}) &&
                          has_any(lower, {"invalid", "unexpected value", "unknown", "unrecognized",
                                          "unsupported", "not supported"});
  return is_unnamed ? std::vector<std::string>{std::string(some_beta)} : std::vector<std::string>();
}

}  // namespace

Unsupported known_unsupported(std::string_view type) {
  Unsupported out;
  for (const Known& one : known) {
    if (one.type == type) add(out.betas, one.beta);
  }
  return out;
}

namespace {

std::string_view last_name(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

}  // namespace

Unsupported in_pairs(Unsupported unsupported, const std::vector<std::string_view>& sent,
                     std::string_view body) {
  const Unsupported named = unsupported;
  const auto goes_on_with = [&](std::string_view field) {
    return std::any_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
      return pair.field == field &&
             std::any_of(sent.begin(), sent.end(), [&](std::string_view beta) {
               return beta.starts_with(pair.beta) && !among(named.betas, beta);
             });
    });
  };
  for (const Pair& pair : pairs) {
    const bool is_only_field = std::count_if(pairs.begin(), pairs.end(), [&](const Pair& other) {
                                 return other.beta == pair.beta;
                               }) == 1;
    const bool field_goes =
        is_only_field && among(named.fields, pair.field) &&
        body.find('"' + std::string(last_name(pair.field)) + '"') != std::string::npos;
    for (const std::string_view beta : sent) {
      if (!beta.starts_with(pair.beta)) continue;
      if (among(named.betas, beta) && !goes_on_with(pair.field)) {
        add(unsupported.fields, pair.field);
      }
      if (field_goes) add(unsupported.betas, beta);
    }
  }
  return unsupported;
}

std::vector<std::string_view> documented_betas(std::string_view type) {
  if (type != "bedrock") return {};
  return {taken_by_bedrock.begin(), taken_by_bedrock.end()};
}

Unsupported named_in(std::string_view message, const std::vector<std::string_view>& sent,
                     std::string_view body) {
  message = message.substr(0, message_bytes_max);
  Unsupported out;
  out.fields = Names(message, body).read();
  out.betas = refused_betas(message, sent);
  return out;
}

}  // namespace ccrelay::provider
