#include "grpc_module.hpp"

#include <ccrelay/relay.hpp>

#include <dlfcn.h>
#include <fmt/format.h>

#include <string_view>

namespace ccrelay::app {
namespace {

// Found by the program's own runpath, or where the system looks for libraries. What it needs of
// libccrelay it finds in this program.
constexpr const char* library = "libccrelay-grpc.so.0";

Result<management::ServeGrpc*> opened() {
  // Never closed: gRPC has threads that outlive its servers.
  void* const handle = ::dlopen(library, RTLD_NOW | RTLD_LOCAL);
  const void* const symbol = handle ? ::dlsym(handle, "ccrelay_serve_grpc") : nullptr;
  if (symbol) return *static_cast<management::ServeGrpc* const*>(symbol);
  const char* const why = ::dlerror();
  return Error{
      ErrorCode::config,
      fmt::format("grpc.listen needs {}, which can't be had: {}; install it (on Debian the "
                  "package libccrelay-grpc0; a build of the source makes it with "
                  "-Dgrpc=enabled), or leave grpc.listen empty",
                  library, why ? why : "it has no ccrelay_serve_grpc")};
}

}  // namespace

std::string missing_grpc(const Config& config) {
  if (config.grpc.listen.empty()) return {};
  const auto serve = opened();
  return serve ? std::string() : serve.error().message;
}

Result<std::unique_ptr<management::GrpcServer>> serve_grpc(management::Manager& manager,
                                                           const Config& config) {
  if (config.grpc.listen.empty()) return std::unique_ptr<management::GrpcServer>();
  const auto serve = opened();
  if (!serve) return serve.error();
  return (*serve)(manager, config, version());
}

}  // namespace ccrelay::app
