#pragma once

#include <ccrelay/language.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace ccrelay {

/// Who should react to an error. The words a person needs are in Error::message.
enum class ErrorCode : std::uint8_t {
  config,    ///< a setting is wrong: the operator edits the configuration
  client,    ///< the request is wrong: the client sends another one
  provider,  ///< a provider answered with a failure
  network,   ///< a connection could not be made or was lost
  timeout,   ///< something took longer than its configured limit
  limit,     ///< a configured limit, or the process's own (descriptors), was reached
  internal,  ///< a fault of the relay itself
};

/// What went wrong. `message` says what happened, where, and what to do; it never holds a secret.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
};

/// A value or an Error. The member names are a subset of std::expected's.
/// A value type: copies and moves with its content; not thread-safe.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Only valid when has_value(); anything else throws std::bad_variant_access.
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  /// The error. Only valid when !has_value().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }
  const Error& error() const& { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace ccrelay
