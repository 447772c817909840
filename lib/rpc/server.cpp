#include "rpc/server.hpp"

#include <grpc/grpc.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

#include <chrono>
#include <utility>

#include "rpc/credentials.hpp"
#include "rpc/services.hpp"

namespace ccrelay::rpc {
namespace {

constexpr std::string_view unix_scheme = "unix:";
constexpr int send_bytes_max = 4 << 20;
constexpr int receive_bytes_max = 2 << 20;
// What grpc's connections and calls may hold before it takes no more.
constexpr std::size_t memory_max = 32 << 20;
constexpr int threads_max = 4;
constexpr int calls_a_connection = 100;
constexpr int ping_after_ms = 20'000;
constexpr int answered_within_ms = 20'000;
constexpr std::chrono::seconds end_longest{1};

// ":9090", all addresses, is no address to grpc.
std::string address_for_grpc(const std::string& listen) {
  return listen.front() == ':' ? "[::]" + listen : listen;
}

std::string with_port(const std::string& listen, int port) {
  return listen.substr(0, listen.rfind(':') + 1) + std::to_string(port);
}

void set_limits(::grpc::ServerBuilder& builder) {
  ::grpc::ResourceQuota quota("cc-relay");
  quota.Resize(memory_max).SetMaxThreads(threads_max);
  builder.SetResourceQuota(quota);
  builder.SetMaxSendMessageSize(send_bytes_max);
  builder.SetMaxReceiveMessageSize(receive_bytes_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, calls_a_connection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, ping_after_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, answered_within_ms);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Clients may ping us as often.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             ping_after_ms / 2);
  // An address that is in use is a mistake, and not half of the calls for each of two.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

Server::Server(management::Manager& manager)
    : front_(manager),
      health_(management_services(), front_.pool, front_.streams),
      reflection_(front_, described_, "v1"),
      reflection_alpha_(front_, described_, "v1alpha") {
  for (const auto make :
       {make_server_service, make_provider_service, make_key_service, make_client_service,
        make_request_service, make_usage_service, make_config_service, make_log_service}) {
    services_.push_back(make(front_));
  }
}

Server::~Server() {
  stop();
}

Result<void> Server::listen(const Config& config) {
  const std::string& listen = config.grpc.listen;
  const bool is_unix = listen.substr(0, unix_scheme.size()) == unix_scheme;
  if (auto listens = is_unix ? listen_on_unix(listen.substr(unix_scheme.size()))
                             : listen_on_tcp(listen, config.manage.tls);
      !listens) {
    return listens;
  }
  front_.manager.serves_at(address_);
  return {};
}

void Server::start(::grpc::ServerBuilder& builder) {
  set_limits(builder);
  for (const auto& service : services_) builder.RegisterService(service.get());
  builder.RegisterService(&health_);
  builder.RegisterService(&reflection_);
  builder.RegisterService(&reflection_alpha_);
  server_ = builder.BuildAndStart();
}

Result<void> Server::listen_on_unix(const std::string& path) {
  ::grpc::ServerBuilder builder;
  start(builder);
  if (!server_) {
    return Error{ErrorCode::internal, "grpc.listen: the server of gRPC does not start"};
  }
  auto door = UnixDoor::open(path, [this](int descriptor, std::uint32_t uid) {
    front_.gate.comes_in(descriptor, uid);
    ::grpc::AddInsecureChannelFromFd(server_.get(), descriptor);
  });
  if (!door) return door.error();
  door_ = *std::move(door);
  address_ = "grpc+unix:" + path;
  return {};
}

Result<void> Server::listen_on_tcp(const std::string& listen, const TlsConfig& tls) {
  if (const auto made = front_.manager.access().make_token(); !made) return made.error();
  auto credentials = server_credentials(tls);
  if (!credentials) return credentials.error();
  ::grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             static_cast<int>(tls.handshake_timeout.count()));
  int port = 0;
  builder.AddListeningPort(address_for_grpc(listen), *credentials, &port);
  start(builder);
  if (!server_ || port == 0) {
    return Error{ErrorCode::config,
                 "grpc.listen: " + listen +
                     " can't be listened on: it may be in use, or no address of this machine"};
  }
  address_ = (tls.enabled() ? "grpcs://" : "grpc://") + with_port(listen, port);
  return {};
}

void Server::drain() {
  health_.drain();
}

void Server::stop() {
  const std::lock_guard lock(stopping_);
  health_.drain();
  door_.reset();
  if (server_) {
    front_.streams.stop_all();
    server_->Shutdown(std::chrono::system_clock::now() + end_longest);
  }
  front_.pool->stop();
  server_.reset();
}

}  // namespace ccrelay::rpc
