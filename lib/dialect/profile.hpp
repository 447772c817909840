#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::dialect {

/// What one model at one provider takes: data, so that what a vendor changes is a line of
/// profiles.toml and none of code. As find_profile() tells it, the rows for the model already put
/// over the provider's; a translator looks at nothing else. A member's name is its key in the TOML.
/// A value type; the defaults are those of a server that nobody knows (`generic`).
struct Profile {
  std::string name = "generic";
  std::string api = "chat";  ///< `chat` or `responses`; what `api = "auto"` means
  std::string max_tokens_field = "max_tokens";
  /// A larger limit of a client is lowered to it; 0: as the client says.
  std::int64_t max_output_tokens = 0;
  std::string system_role = "system";
  bool one_system_message = false;  ///< only one, and first: later ones become user text
  /// Fields of the request, in the provider's words, that are left out: `temperature`, `top_p`…
  std::vector<std::string> drop;
  /// Of `drop`, those that are only left out when the model thinks: with effort `none` they go.
  std::vector<std::string> drop_when_thinking;

  /// The words of effort the model has, lowest first, of none, minimal, low, medium, high, xhigh,
  /// max. Empty: none is sent.
  std::vector<std::string> efforts;
  /// Where the effort goes: `reasoning_effort`; `reasoning`: {effort}; `thinking`: {type};
  /// `thinking+effort`: {type} and reasoning_effort; `thinkingLevel`, `thinkingBudget` (gemini);
  /// empty: nowhere.
  std::string effort_field;
  /// Over chat beside function tools: empty: like without; `omit`: none may be sent; else the only
  /// word that is taken, and that must be sent.
  std::string effort_with_tools;
  std::int64_t thinking_budget_min = 0;  ///< of `thinkingBudget`, for thinking disabled
  bool adaptive_thinking = true;         ///< Anthropic: `adaptive` is known
  bool enabled_thinking = true;          ///< Anthropic: `enabled` with a budget is taken
  bool disabled_thinking = true;         ///< Anthropic: `disabled` is taken

  /// The member of an assistant's message in which a chat server gets its reasoning back: `none`,
  /// `reasoning_content`, `reasoning`, `reasoning_details`.
  std::string reasoning_back = "none";
  bool reasoning_required = false;  ///< in every message with calls, also an empty one
  bool reasoning_extra = false;     ///< completion_tokens leave the reasoning tokens out
  /// The member of `usage` in which it tells what the answer cost: `cost` (OpenRouter's, in USD),
  /// `cost_in_usd_ticks` (x.ai's, of which 10^10 are one USD); empty: it does not.
  std::string told_cost;

  std::string tool_ids;  ///< `alnum9`, or empty: any
  /// The words of tool_choice it has; a missing `required` is `any` where that is here, else auto.
  std::vector<std::string> tool_choice{"auto", "none", "required", "function"};
  bool forced_tool_choice = true;   ///< Anthropic: any and tool are taken
  bool parallel_tool_calls = true;  ///< the field is known
  bool strict = false;              ///< `strict` of a function is known
  /// Chat: a call may be forced while the model thinks; false: such a request goes without
  /// thinking.
  bool forced_thinking = true;
  std::int64_t tools_max = 0;  ///< so many tools in a list, 0: any number
  /// Calls carry `extra_content.google.thought_signature`, and must bring it back.
  bool google_signatures = false;
  bool user_after_tool = true;  ///< false: an assistant's `.` between a tool's message and a user's

  bool stream_usage = true;  ///< stream_options is known
  bool images = true;
  bool image_urls = true;  ///< images may be URLs that are no `data:`
  bool files = false;
  bool web_search = false;
  bool prefill = true;                          ///< a last message of the assistant is gone on with
  std::string response_format = "json_schema";  ///< or `json_object`; empty: none
  std::int64_t stop_max = 4;                    ///< stop sequences; 0: none are taken
  bool cache_key = false;                       ///< prompt_cache_key is known
  bool think_tags = false;  ///< `<think>…</think>` at the start of the content is reasoning
  bool sampling = true;     ///< temperature, top_p and top_k are taken
  std::string schema;       ///< `openapi`: gemini's subset; empty: JSON Schema
  std::string tool_media;   ///< `sibling`: media beside a function's response; empty: in it

  bool drops(std::string_view field) const;
  bool has_effort(std::string_view word) const;
  bool has_tool_choice(std::string_view word) const;
};

/// The profile, or that of a server that nobody knows where there is none; that one is forever.
const Profile& or_generic(const Profile* profile);

}  // namespace ccrelay::dialect
