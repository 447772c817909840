#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wire/signature_scan.hpp"

namespace ccrelay::wire {

class UsageReader;

/// Type and message of an error as providers write it.
struct ProviderError {
  std::string type;     ///< `error.type`, such as "overloaded_error"
  std::string message;  ///< `error.message`
  std::string code;     ///< `error.code`, Z.AI's number in text
};

/// What a whole answer that is JSON comes to.
enum class JsonAnswer : std::uint8_t {
  message,     ///< of Anthropic's
  count,       ///< of tokens
  error,       ///< whatever its status was
  other,       ///< none of these, or no JSON
  unreadable,  ///< it may be one of these: JSON beyond what is read here, such as broken UTF-8
};

/// Reads what answers tell in passing. Keeps the parser's memory: one per worker.
class AnswerFacts {
 public:
  AnswerFacts();
  ~AnswerFacts();
  /// What a `message_start` or a `message_delta` says of usage, and of the model. False if that is
  /// nothing.
  bool read_usage(std::string_view json, UsageReader& usage);
  /// What Bedrock adds to the last event of a message (`amazon-bedrock-invocationMetrics`), as
  /// JSON; empty if there is none.
  std::string read_metrics(std::string_view json);
  /// In Anthropic's form or one of the others that are about: `{"error":"text"}`, `{"code":…,
  /// "msg":…}`, `{"base_resp":{"status_code":…}}`, an array of errors. False if this is none.
  bool read_error(std::string_view json, ProviderError& error);
  /// What a whole answer tells.
  struct Told {
    UsageReader& usage;                        ///< of a message
    std::vector<SignatureDigest>& signatures;  ///< of its thinking
    ProviderError& error;                      ///< that it is
  };
  /// A whole answer, in one reading: what it is, and what it tells.
  JsonAnswer read_answer(std::string_view json, const Told& told);
  /// The top-level `type`; empty if there is none.
  std::string read_type(std::string_view json);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ccrelay::wire
