#pragma once

#include <ccrelay/language.hpp>

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace ccrelay::management {

class Manager;

/// The management of a relay over gRPC: the services of `ccrelay.management.v1`, whose .proto file
/// is installed with the library, `grpc.health.v1` and reflection. It is a library of its own,
/// libccrelay-grpc, since gRPC's cost a program 9 MB and its start 20 ms; whoever wants it links it
/// beside libccrelay or the archive (pkg-config: ccrelay-grpc; CMake: ccrelay::grpc). A program
/// must not have code of its own for the same .proto: protobuf knows a message once in a process.
///
/// Threads of its own answer, and those of gRPC; no loop that relays pays for a call but for what
/// it asks. Members are thread-safe.
class GrpcServer {
 public:
  /// As stop().
  virtual ~GrpcServer() = default;
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  /// `grpc://127.0.0.1:9090`, `grpcs://…` with TLS, or `grpc+unix:/path`.
  virtual std::string address() const = 0;
  /// The relay will stop: health says NOT_SERVING from now on. Before Relay::stop().
  virtual void drain() = 0;
  /// Streams end with UNAVAILABLE behind what they have queued, and what still runs after a second
  /// is cancelled. Returns when all calls have ended; further calls do nothing.
  virtual void stop() = 0;

 protected:
  GrpcServer() = default;
};

/// Serves at `config.grpc.listen`, with `config.manage.tls` where that is no Unix socket; who may
/// come in is asked of Manager::access(). Files of TLS are read again when they change. The error
/// says what is wrong with the address or a file. The server must be gone before the relay is.
/// `host` is what version() says in the program's own libccrelay: with another one than this
/// library was built with nothing is served.
[[gnu::visibility("default")]] Result<std::unique_ptr<GrpcServer>> serve_grpc(
    Manager& manager, const Config& config, std::string_view host);

/// The same for programs that open the library themselves (dlopen): the symbol
/// `ccrelay_serve_grpc`, of this type.
using ServeGrpc = Result<std::unique_ptr<GrpcServer>>(Manager& manager, const Config& config,
                                                      std::string_view host);

}  // namespace ccrelay::management
