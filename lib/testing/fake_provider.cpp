#include <ccrelay/testing/fake_provider.hpp>

#include <uv.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "testing/broken_pipe.hpp"
#include "testing/fake_connection.hpp"
#include "testing/tls_filter.hpp"
#include "testing/uv_handle.hpp"

// Stands on raw libuv, llhttp and OpenSSL; see loop_harness.cpp for why.

namespace ccrelay::testing {
namespace {

bool asks_for_stream(std::string_view body) {
  constexpr std::string_view name = "\"stream\"";
  constexpr std::string_view space = " \t\r\n";
  for (std::size_t at = body.find(name); at != body.npos; at = body.find(name, at + 1)) {
    std::size_t next = body.find_first_not_of(space, at + name.size());
    if (next == body.npos || body[next] != ':') continue;
    next = body.find_first_not_of(space, next + 1);
    if (next != body.npos && body.substr(next, 4) == "true") return true;
  }
  return false;
}

Script default_answer(const RecordedRequest& request) {
  constexpr std::string_view text = "Hello from the fake provider.";
  constexpr std::string_view json = "application/json";
  constexpr std::string_view models =
      R"({"data":[{"type":"model","id":"claude-fake","display_name":"Claude Fake",)"
      R"("created_at":"2026-01-01T00:00:00Z"}],)"
      R"("has_more":false,"first_id":"claude-fake","last_id":"claude-fake"})";
  const std::string_view path = request.head.path();
  if (request.head.method == "HEAD") return Script().head(200, {{"content-length", "0"}});
  if (path.ends_with("/count_tokens")) return Script::reply(200, json, R"({"input_tokens":42})");
  if (request.head.method == "GET" && path == "/v1/models") return Script::reply(200, json, models);
  return asks_for_stream(request.body) ? Script::stream(text) : Script::message(text);
}

}  // namespace

/// The provider proper. Lists its connections, which free themselves (see FakeConnection).
class FakeProvider::Parts final : private ConnectionHost {
 public:
  Parts(uv_loop_t& loop, Options options);
  ~Parts() override;

  void release();
  void close_connections();
  void pause_reading(bool paused);

  const Options options;
  std::uint16_t port = 0;
  std::deque<Script> queue;
  std::function<Script(const RecordedRequest&)> responder;
  std::vector<RecordedRequest> requests;
  bool record = true;
  std::vector<FakeConnection*> connections;
  std::size_t accepted = 0;
  std::size_t cancelled = 0;

 private:
  Script answer(RecordedRequest request) override;
  void on_pause() override;
  void on_cancelled() override { ++cancelled; }
  void on_closed(FakeConnection& connection) override { std::erase(connections, &connection); }

  void listen();
  void accept();
  void wake();

  const Clock& clock_;
  std::optional<TlsIdentity> identity_;
  bool reading_paused_ = false;
  UvHandle<uv_tcp_t> listener_;
  // For pauses: a manual clock is looked at in every turn, any other arms the timer.
  UvHandle<uv_prepare_t> every_turn_;
  UvHandle<uv_timer_t> timer_;
};

FakeProvider::Parts::Parts(uv_loop_t& loop, Options given)
    : options(std::move(given)),
      clock_(options.clock != nullptr ? *options.clock : Clock::system()),
      listener_(loop, &uv_tcp_init, this),
      every_turn_(loop, &uv_prepare_init, this),
      timer_(loop, &uv_timer_init, this) {
  ignore_broken_pipe();
  if (!options.certificate_file.empty())
    identity_.emplace(options.certificate_file, options.key_file);
  listen();
  if (clock_.is_manual())
    uv_prepare_start(every_turn_.get(), [](uv_prepare_t* handle) noexcept {
      if (auto* self = static_cast<Parts*>(handle->data)) self->wake();
    });
  uv_unref(every_turn_.base());
  uv_unref(timer_.base());
}

FakeProvider::Parts::~Parts() {
  for (FakeConnection* connection : connections) connection->abandon();
}

void FakeProvider::Parts::listen() {
  const std::string where = "FakeProvider: cannot listen on " + options.address;
  sockaddr_storage address{};
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool is_v6 = options.address.find(':') != std::string::npos;
  check_uv(is_v6 ? uv_ip6_addr(options.address.c_str(), options.port,
                               reinterpret_cast<sockaddr_in6*>(&address))
                 : uv_ip4_addr(options.address.c_str(), options.port,
                               reinterpret_cast<sockaddr_in*>(&address)),
           where);
  check_uv(uv_tcp_bind(listener_.get(), any, 0), where);
  constexpr int backlog = 128;
  check_uv(uv_listen(listener_.stream(), backlog,
                     [](uv_stream_t* handle, int status) noexcept {
                       auto* self = static_cast<Parts*>(handle->data);
                       if (self != nullptr && status == 0) self->accept();
                     }),
           where);
  int size = sizeof address;
  check_uv(uv_tcp_getsockname(listener_.get(), any, &size), where);
  port = ntohs(is_v6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                     : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

void FakeProvider::Parts::accept() {
  FakeConnection* connection = FakeConnection::accept(listener_.stream(), *this, clock_,
                                                      identity_ ? &*identity_ : nullptr, accepted);
  if (connection == nullptr) return;
  ++accepted;
  connections.push_back(connection);
  connection->pause_reading(reading_paused_);
}

Script FakeProvider::Parts::answer(RecordedRequest request) {
  if (record) requests.push_back(request);
  if (!queue.empty()) {
    Script script = std::move(queue.front());
    queue.pop_front();
    return script;
  }
  return responder ? responder(request) : default_answer(request);
}

void FakeProvider::Parts::on_pause() {
  if (clock_.is_manual()) return;
  std::optional<TimePoint> next;
  for (const FakeConnection* connection : connections)
    if (const auto wake = connection->wakes_at(); wake && (!next || *wake < *next)) next = wake;
  if (!next) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.now());
  uv_update_time(timer_.get()->loop);  // else the time this turn has taken so far would be missing
  uv_timer_start(
      timer_.get(),
      [](uv_timer_t* handle) noexcept {
        auto* self = static_cast<Parts*>(handle->data);
        if (self == nullptr) return;
        self->wake();
        self->on_pause();  // for those that wait longer
      },
      static_cast<std::uint64_t>(std::max<std::chrono::milliseconds::rep>(wait.count(), 0)), 0);
}

// What a connection does next may close others and thus change the list; none is freed meanwhile.
void FakeProvider::Parts::wake() {
  for (FakeConnection* connection : std::vector(connections)) connection->on_time();
}

void FakeProvider::Parts::release() {
  for (FakeConnection* connection : std::vector(connections)) connection->release();
}

void FakeProvider::Parts::close_connections() {
  for (FakeConnection* connection : std::vector(connections)) connection->finish();
}

void FakeProvider::Parts::pause_reading(bool paused) {
  reading_paused_ = paused;
  for (FakeConnection* connection : connections) connection->pause_reading(paused);
}

FakeProvider::FakeProvider(uv_loop_s& loop) : FakeProvider(loop, Options()) {}

FakeProvider::FakeProvider(uv_loop_s& loop, Options options)
    : parts_(std::make_unique<Parts>(loop, std::move(options))) {}

FakeProvider::~FakeProvider() = default;

std::uint16_t FakeProvider::port() const {
  return parts_->port;
}

std::string FakeProvider::url() const {
  const Options& options = parts_->options;
  const bool is_v6 = options.address.find(':') != std::string::npos;
  std::string url = options.certificate_file.empty() ? "http://" : "https://";
  url.append(is_v6 ? "[" : "").append(options.address).append(is_v6 ? "]" : "");
  return url.append(":").append(std::to_string(parts_->port));
}

void FakeProvider::enqueue(Script script) {
  parts_->queue.push_back(std::move(script));
}

void FakeProvider::respond_with(std::function<Script(const RecordedRequest&)> responder) {
  parts_->responder = std::move(responder);
}

void FakeProvider::release() {
  parts_->release();
}

const std::vector<RecordedRequest>& FakeProvider::requests() const {
  return parts_->requests;
}

void FakeProvider::record(bool on) {
  parts_->record = on;
}

std::size_t FakeProvider::connections_accepted() const {
  return parts_->accepted;
}

std::size_t FakeProvider::connections_open() const {
  return parts_->connections.size();
}

std::size_t FakeProvider::cancelled() const {
  return parts_->cancelled;
}

void FakeProvider::close_connections() {
  parts_->close_connections();
}

void FakeProvider::pause_reading(bool paused) {
  parts_->pause_reading(paused);
}

}  // namespace ccrelay::testing
