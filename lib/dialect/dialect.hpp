#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dialect/known_strings.hpp"
#include "dialect/names.hpp"

namespace ccrelay::dialect {

struct Profile;

/// Whose words a request or an answer is written in. Anthropic's are the hub: every translation
/// goes to them or comes from them, and one between two others takes two steps.
enum class Dialect : std::uint8_t { anthropic, chat, responses, gemini };
/// `anthropic`, `chat`, `responses`, `gemini`: as in tags and headers.
std::string_view to_string(Dialect dialect);

/// Why a request is not translated. In the hub's words; an envelope is put around it last.
struct Refused {
  int status = 400;
  std::string type = "invalid_request_error";
  std::string code;   ///< OpenAI's, such as previous_response_not_found; empty: the type's own
  std::string param;  ///< the field, as the client wrote it
  std::string message;
};
/// A 400 about a field.
Refused refused(std::string param, std::string message);
/// What a provider cannot carry (`translation.unsupported = "route"`): another one may. The status
/// is 400 where there is none.
struct NotCarriable {
  std::string param;
  std::string what;  ///< a few words: "a file by id"
};

/// A tool of a responses or chat client that is no function, by the name it has in the hub.
struct ClientTool {
  std::string kind;        ///< `function`, `custom`, `tool_search`, `local_shell`, `shell`, …
  std::string name_space;  ///< empty: of none
  std::string name;        ///< as the client said it
};

/// What the provider itself said that an answer cost; nothing while it has not.
struct ToldCost {
  std::optional<std::int64_t> nano_usd;
};

/// With which status an error that stood in a good answer would have come; 0 while there is none.
struct ToldStatus {
  int status = 0;
};

/// What the translation of an answer needs of its request; its own copies, for the request's bytes
/// are gone by then. Each of two steps (client to hub, hub to provider) has one.
struct AnswerContext {
  Names names;
  std::map<std::string, ClientTool, std::less<>> tools;
  /// Members of the request that the answer repeats, with their JSON text.
  std::vector<std::pair<std::string, std::string>> echo;
  std::string model;       ///< as the client asked for it
  std::string sent_model;  ///< as the provider was asked for it
  std::string seed;
  std::string issuer;  ///< of the provider's tags, see tags.hpp
  std::int64_t now_s = 0;
  bool stream = false;
  bool include_usage = false;  ///< chat: the client wants usage in its stream
  bool show_thinking = true;   ///< gemini: includeThoughts
  bool web_search = false;     ///< the request had a hosted search
  bool native = false;  ///< the client gets the provider's bytes: only broken ones are errors
  const Profile* profile = nullptr;
  /// Where a reader puts these; null: nobody asks.
  std::shared_ptr<ToldCost> cost = {};
  std::shared_ptr<ToldStatus> failed = {};

  /// What a reader tells of the model: `told` is the provider's word, if it has one.
  std::string named(std::string told) const {
    if (!model.empty()) return model;
    return or_sent(std::move(told));
  }
  /// The same of a writer, to whom the hub tells it.
  std::string or_sent(std::string told) const {
    if (!told.empty()) return told;
    return sent_model.empty() ? model : sent_model;
  }
};

/// Reasoning that the relay remembers for clients that do not send it back.
class Recall {
 public:
  virtual ~Recall() = default;
  /// The tags (tags.hpp) of the reasoning in front of the call with this id, with a space between
  /// them; empty: not known.
  virtual std::string reasoning_of(std::string_view call_id) const = 0;
};

/// What a translation is told beside the bytes. Everything is borrowed and outlives the call, the
/// profile also the answer.
struct TranslateOptions {
  const Profile* profile = nullptr;         ///< of the provider and model; null: generic
  std::string seed;                         ///< of made ids
  std::string model;                        ///< as it goes out, or as it came in the path (gemini)
  std::string issuer;                       ///< of the provider: tags of others are foreign
  std::string cache_key;                    ///< for prompt_cache_key, where the profile has it
  std::int64_t now_s = 0;                   ///< since 1970
  std::int64_t default_max_tokens = 32000;  ///< 0: the provider needs none
  std::int64_t max_output_tokens = 0;  ///< the provider's own limit, over the profile's; 0: none
  bool stream = false;                 ///< gemini: the verb says it
  bool auto_cache = true;
  bool drop_unsupported = false;  ///< `translation.unsupported = "drop"`
  std::string web_search = "alone";
  const Recall* recall = nullptr;
  bool without_reasoning = false;       ///< not even what may be the provider's own: it was refused
  const KnownStrings* known = nullptr;  ///< of the body, where another step has written it
};

struct Translated {
  std::string body;
  std::vector<std::string> dropped;  ///< what was left out, in the client's words
  AnswerContext context;
  KnownStrings known = {};  ///< of the body
};
using Translation = std::variant<Translated, Refused, NotCarriable>;

/// Translates a stream of bytes. What it writes depends on what it reads, not on how that is cut.
/// Whoever made it owns it; one thread. After failed() or the last event it writes no more.
class StreamTranslator {
 public:
  /// One event, and all that is held back of a stream.
  static constexpr std::size_t buffered_bytes_max = std::size_t{16} << 20;

  virtual ~StreamTranslator() = default;
  /// Appends what can be said by now to `out`.
  virtual void feed(std::string_view in, std::string& out) = 0;
  /// The input is over, cleanly or not: the last events, or those of a stream that was cut.
  virtual void end(std::string& out) = 0;
  /// The stream was cut, told an error, or had more in one event than is kept.
  virtual bool failed() const = 0;
  /// The last event is written; what comes behind it is not looked at.
  virtual bool finished() const = 0;
  /// What is kept beyond the call: what can't be said yet, and what will be said once more.
  virtual std::size_t kept_bytes() const = 0;
};

}  // namespace ccrelay::dialect
