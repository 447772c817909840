#pragma once

#include <ccrelay/manage_access.hpp>

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace ccrelay::rpc {

/// What a call changes.
enum class Needs : std::uint8_t { viewer, operator_ };

/// What a call says of who makes it, copied out of what grpc frees when the call ends.
struct Presented {
  std::string peer;                  ///< `127.0.0.1:50412`, `[::1]:50412` or `unix`
  std::optional<std::uint32_t> uid;  ///< on a Unix socket: whose process it is
  std::optional<std::string> token;  ///< behind `authorization: Bearer`
  std::string subject;               ///< of a certificate that was verified; or empty
};

/// Who may call: asks Access about what a call presents. Thread-safe.
class Gate {
 public:
  explicit Gate(management::Access& access) : access_(access) {}

  /// grpc tells of a connection that was handed over as a descriptor its number alone. Said before
  /// it is handed over, since numbers come again.
  void comes_in(int descriptor, std::uint32_t uid);
  Presented presented(const ::grpc::ServerContextBase& context) const;
  /// Who it is, or why it may not. May look into the system's users.
  std::variant<management::Caller, ::grpc::Status> admit(const Presented& presented, Needs needs);

 private:
  ::grpc::Status refuse(const Presented& presented, ::grpc::StatusCode code,
                        const std::string& words, std::string_view why);

  management::Access& access_;
  mutable std::mutex mutex_;
  std::unordered_map<int, std::uint32_t>
      uids_;  // by descriptor; as many as there ever were at once
};

/// `ipv6:%5B::1%5D:50412`, as grpc has it -> `[::1]:50412`; anything else as it is.
std::string address_of(std::string_view peer);

}  // namespace ccrelay::rpc
