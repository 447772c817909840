#include <ccrelay/checks.hpp>

#include <uv.h>

#include "loop/tcp.hpp"

namespace ccrelay {
namespace {

/// Whoever connects in this moment is closed.
class Nobody final : public loop::AcceptSink {
 private:
  void on_connection(std::unique_ptr<loop::Stream>) override {}
  void on_accept_failed(int) override {}
};

Result<void> listen_at_all(uv_loop_t& uv, const ServerConfig& server) {
  auto addresses = loop::resolve_listen(server.listen);
  if (!addresses) return addresses.error();
  Nobody sink;
  loop::Loop loop(uv, Clock::system());
  for (const loop::ListenAddress& address : *addresses) {
    const auto acceptor = loop::Acceptor::listen(loop, address, {}, sink);
    if (!acceptor) return acceptor.error();
  }
  return {};
}

}  // namespace

Result<void> check_listen(const ServerConfig& server) {
  uv_loop_t uv;
  if (auto made = loop::init_loop(uv); !made) return made;
  Result<void> result = listen_at_all(uv, server);
  uv_run(&uv, UV_RUN_DEFAULT);  // the handles' close callbacks
  uv_loop_close(&uv);
  return result;
}

}  // namespace ccrelay
