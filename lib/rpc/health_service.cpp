#include "rpc/health_service.hpp"

#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "rpc/bytes.hpp"
#include "rpc/stream.hpp"

namespace ccrelay::rpc {
namespace {

using ::grpc::ByteBuffer;
using Context = ::grpc::CallbackServerContext;
using Method = ::grpc::internal::RpcMethod::RpcType;

// HealthCheckRequest: string service = 1.
std::string service_in(const ByteBuffer& request) {
  std::string service;
  each_field(bytes_of(request), [&](int number, std::string_view content) {
    if (number == 1) service = content;
  });
  return service;
}

// HealthCheckResponse: ServingStatus status = 1.
ByteBuffer response_of(HealthService::Serving state) {
  std::string message;
  add_field(message, 1, static_cast<std::uint64_t>(state));
  return buffer_of(message);
}

}  // namespace

// Tells the state of a service whenever it is another one.
class HealthSource final : public Source<ByteBuffer> {
 public:
  HealthSource(HealthService& health, std::string service)
      : health_(health), service_(std::move(service)) {
    health_.watch(*this);
  }
  ~HealthSource() override { health_.forget(*this); }
  HealthSource(const HealthSource&) = delete;
  HealthSource& operator=(const HealthSource&) = delete;

  bool next(ByteBuffer& into) override {
    const auto state = health_.state_of(service_);
    if (state == told_) return false;
    told_ = state;
    into = response_of(state);
    return true;
  }
  bool is_over() const override { return false; }
  void on_ready(std::function<void()> wake) override {
    const std::lock_guard lock(health_.mutex_);
    wake_ = std::move(wake);
  }
  /// Under the health's mutex.
  void wake() const {
    if (wake_) wake_();
  }

 private:
  HealthService& health_;
  const std::string service_;
  std::optional<HealthService::Serving> told_;
  std::function<void()> wake_;
};

HealthService::HealthService(std::vector<std::string> services, const std::shared_ptr<Pool>& pool,
                             RunningStreams& streams)
    : services_(std::move(services)) {
  const std::string path = "/" + std::string(name);
  // A method keeps the pointer to its name.
  static const std::string check = path + "/Check", watch = path + "/Watch";
  AddMethod(new ::grpc::internal::RpcServiceMethod(check.c_str(), Method::NORMAL_RPC, nullptr));
  MarkMethodCallback(
      0, new ::grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
             [this](Context* context, const ByteBuffer* request, ByteBuffer* response) {
               auto* const reactor = context->DefaultReactor();
               const auto state = state_of(service_in(*request));
               *response = response_of(state);
               reactor->Finish(
                   state == Serving::service_unknown
                       ? ::grpc::Status(::grpc::StatusCode::NOT_FOUND, "there is no such service")
                       : ::grpc::Status::OK);
               return reactor;
             }));
  AddMethod(
      new ::grpc::internal::RpcServiceMethod(watch.c_str(), Method::SERVER_STREAMING, nullptr));
  MarkMethodCallback(
      1, new ::grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>(
             [this, pool, &streams](Context*, const ByteBuffer* request) {
               auto* const call = new StreamCall<ByteBuffer>(pool);
               const auto stream = call->stream();
               auto source = std::make_unique<HealthSource>(*this, service_in(*request));
               bool is_one_too_many = false;
               {
                 const std::lock_guard lock(mutex_);
                 is_one_too_many = sources_.size() > watches_max;
               }
               if (is_one_too_many) {
                 stream->refuse(::grpc::Status(::grpc::StatusCode::RESOURCE_EXHAUSTED,
                                               "too many watch the health already"));
               } else {
                 stream->begin(std::move(source));
                 streams.add(stream);
               }
               return call;
             }));
}

void HealthService::drain() {
  const std::lock_guard lock(mutex_);
  is_draining_ = true;
  for (const HealthSource* source : sources_) source->wake();
}

HealthService::Serving HealthService::state_of(std::string_view service) const {
  if (!service.empty() &&
      std::find(services_.begin(), services_.end(), service) == services_.end()) {
    return Serving::service_unknown;
  }
  const std::lock_guard lock(mutex_);
  return is_draining_ ? Serving::not_serving : Serving::serving;
}

void HealthService::watch(HealthSource& source) {
  const std::lock_guard lock(mutex_);
  sources_.insert(&source);
}

void HealthService::forget(HealthSource& source) {
  const std::lock_guard lock(mutex_);
  sources_.erase(&source);
}

}  // namespace ccrelay::rpc
