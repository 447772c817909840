#pragma once

#include <ccrelay/http.hpp>
#include <ccrelay/manage_access.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "api/call.hpp"
#include "api/origin_rules.hpp"

namespace ccrelay::api {

/// A body may have so many bytes.
inline constexpr std::size_t body_bytes_max = 2 << 20;

/// Who is at the other end of a connection.
struct Visitor {
  std::string peer;                   ///< `127.0.0.1:50412`, or `unix`
  bool local = false;                 ///< on the Unix socket
  std::optional<std::uint32_t> user;  ///< then, whose process it is
  std::string certificate_subject;    ///< over TLS, of one that was found good
};

/// Why a request is answered before it is whole, and whether that is to be told to the operator.
struct TurnedAway {
  Answer answer;
  bool suspicious = false;
};

/// What a request may ask for, by its head.
struct Admitted {
  enum class To : std::uint8_t { page, api };
  To to = To::api;
  management::Caller caller;  ///< of `api`
};

/// Decides in this order: whether a web page of somebody else's may be behind it (`house`, which is
/// null on the Unix socket), what is asked for, who asks, and in which form.
std::variant<Admitted, TurnedAway> admit(const RequestHead& head, const Visitor& visitor,
                                         const House* house, const management::Access& access);

/// A path that has neither the API nor the page, a body that is too long.
Answer not_found(std::string_view path);
Answer too_large();

/// What stands behind `/api/v1`, with the slash that it begins with; nothing for another path.
std::optional<std::string_view> api_path(std::string_view path);

}  // namespace ccrelay::api
