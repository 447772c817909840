#pragma once

#include <ccrelay/observer.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "otel/conventions.hpp"

namespace ccrelay::otel {

/// What is exported of a request: a copy without anything that a prompt, an answer, a person's
/// address or the words of an error could stand in. A value type.
struct Record {
  struct Attempt {
    std::string provider;
    std::string provider_type;
    std::string host;  ///< of the provider
    int port = 0;
    std::string key;  ///< fingerprint, `client`, or empty
    std::string model;
    Outcome outcome = Outcome::success;
    int status = 0;
    Duration after{};  ///< start of the request to start of the attempt
    Duration first_byte{};
    Duration total{};
    std::string traceparent;
    std::string response_id;
    std::string stop_reason;
    UsageReport usage;
  };
  WallTime began{};
  Duration total{};
  std::string traceparent;      ///< of the client
  std::string tracestate;       ///< of the client
  std::string own_traceparent;  ///< empty: not traced
  const names::Route* route = nullptr;
  std::string method;
  std::string request_id;
  std::string client;
  std::string session;
  int status = 0;
  Ending ending = Ending::complete;
  bool stream = false;
  std::vector<Attempt> attempts;

  /// Whether its spans are wanted.
  bool is_sampled() const;
};

/// Not of requests that open nothing, nor of looks at the relay's own health.
bool is_exported(const RequestSummary& request);
Record record_of(const RequestSummary& request);

/// `error.type`; empty when nothing went wrong.
std::string_view error_of(const Record::Attempt& attempt);
/// `gen_ai.provider.name`.
std::string_view provider_name(const Record::Attempt& attempt);

/// Tokens as the conventions count them: each absent when nobody told it.
struct Counted {
  std::optional<std::uint64_t> input;  ///< cache reads and writes included
  std::optional<std::uint64_t> output;
  std::optional<std::uint64_t> cache_read;
  std::optional<std::uint64_t> cache_creation;
};
Counted counted(const Tokens& tokens);

}  // namespace ccrelay::otel
