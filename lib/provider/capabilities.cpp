#include "provider/capabilities.hpp"

#include <algorithm>
#include <array>

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

constexpr std::array indispensable{"model"sv,          "messages"sv,   "system"sv,
                                   "max_tokens"sv,     "tools"sv,      "thinking"sv,
                                   "safeguards"sv,     "stream"sv,     "anthropic_version"sv,
                                   "anthropic_beta"sv, "tool_choice"sv};

template <class List>
bool among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void add(std::vector<std::string>& list, std::string_view word) {
  if (!among(list, word)) list.emplace_back(word);
}

constexpr bool is_part_of_path(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '/' || c == '-';
}

// `tools.0.custom.strict` is `tools[].strict`; what stands deeper in anything else is that.
void add_path(Unsupported& out, std::string_view path) {
  while (!path.empty() && (path.front() == '.' || path.front() == '/')) path.remove_prefix(1);
  const auto first_end = path.find_first_of("./");
  const std::string_view first = path.substr(0, first_end);
  if (first.empty()) return;
  if (first == "tools" && first_end != std::string_view::npos) {
    const std::string_view last = path.substr(path.find_last_of("./") + 1);
    const bool is_index = last.find_first_not_of("0123456789") == std::string_view::npos;
    static constexpr std::array of_each_tool{"name"sv, "input_schema"sv, "type"sv};
    if (!is_index && !among(of_each_tool, last)) {
      add(out.fields, "tools[]." + std::string(last));
    }
  } else if (!among(indispensable, first)) {
    add(out.fields, first);
  }
}

// "a.b: Extra inputs are not permitted", as Anthropic words it.
void read_extra_inputs(std::string_view message, Unsupported& out) {
  constexpr std::string_view words = ": Extra inputs are not permitted";
  for (auto at = message.find(words); at != std::string_view::npos;
       at = message.find(words, at + words.size())) {
    auto begin = at;
    while (begin > 0 && is_part_of_path(message[begin - 1])) --begin;
    add_path(out, message.substr(begin, at - begin));
  }
}

// "#/tools/0: extraneous key [strict] is not permitted", as Bedrock does.
void read_extraneous_keys(std::string_view message, Unsupported& out) {
  constexpr std::string_view words = "extraneous key [";
  for (auto at = message.find(words); at != std::string_view::npos;
       at = message.find(words, at + words.size())) {
    const auto name_begin = at + words.size();
    const auto name_end = message.find(']', name_begin);
    if (name_end == std::string_view::npos) return;
    std::string path;
    const auto pointer = message.substr(0, at).rfind('#');
    if (pointer != std::string_view::npos) {
      const std::string_view where = message.substr(pointer + 1, at - pointer - 1);
      const auto colon = where.find(": ");
      // Another text between them: this "#" belongs to something else.
      if (colon != std::string_view::npos && colon + 2 == where.size())
        path = where.substr(0, colon);
    }
    path += '/';
    path += message.substr(name_begin, name_end - name_begin);
    add_path(out, path);
  }
}

}  // namespace

Unsupported known_unsupported(std::string_view type) {
  Unsupported out;
  for (const Known& one : known) {
    if (one.type == type) add(out.betas, one.beta);
  }
  return out;
}

Unsupported in_pairs(Unsupported unsupported, const std::vector<std::string_view>& sent) {
  const Unsupported named = unsupported;
  for (const Pair& pair : pairs) {
    for (const std::string_view beta : sent) {
      if (!beta.starts_with(pair.beta)) continue;
      // The other half is only half of this pair while both may be meant.
      if (among(named.betas, beta)) add(unsupported.fields, pair.field);
      if (among(named.fields, pair.field)) add(unsupported.betas, beta);
    }
  }
  return unsupported;
}

bool is_half_a_pair(std::string_view field, const std::vector<std::string_view>& sent) {
  bool has_beta = false;
  for (const Pair& pair : pairs) {
    if (pair.field != field) continue;
    has_beta = true;
    for (const std::string_view beta : sent) {
      if (beta.starts_with(pair.beta)) return false;
    }
  }
  return has_beta;
}

Unsupported named_in(std::string_view message, const std::vector<std::string_view>& sent,
                     std::string_view type) {
  Unsupported out;
  read_extra_inputs(message, out);
  read_extraneous_keys(message, out);
  out.fields.erase(
      std::remove_if(out.fields.begin(), out.fields.end(),
                     [&](const std::string& field) { return is_half_a_pair(field, sent); }),
      out.fields.end());
  if (message.find("beta") == std::string_view::npos) return out;
  for (const std::string_view beta : sent) {
    if (message.find(beta) != std::string_view::npos) add(out.betas, beta);
  }
  if (out.betas.empty() && type == "bedrock" &&
      message.find("invalid beta flag") != std::string_view::npos) {
    for (const std::string_view beta : sent) {
      if (!among(taken_by_bedrock, beta)) add(out.betas, beta);
    }
  }
  return out;
}

}  // namespace ccrelay::provider
