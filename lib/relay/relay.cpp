#include <ccrelay/relay.hpp>

#include <utility>

#include "base/throw_log.hpp"
#include "relay/parts.hpp"

namespace ccrelay {

namespace {

// Most likely std::bad_alloc: nothing else is thrown on purpose.
template <class Call>
auto without_exceptions(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    return Error{ErrorCode::internal, "the relay ran into " + base::what_is_thrown()};
  }
}

}  // namespace

Relay::Relay(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Relay::~Relay() = default;

Result<std::unique_ptr<Relay>> Relay::start(Config config, RelayOptions options) {
  return without_exceptions([&]() -> Result<std::unique_ptr<Relay>> {
    auto parts = std::make_unique<Parts>(std::move(options));
    if (auto loaded = parts->load(std::move(config)); !loaded) return loaded.error();
    if (auto opened = parts->open(nullptr); !opened) return opened.error();
    if (auto running = parts->run_threads(); !running) return running.error();
    return std::unique_ptr<Relay>(new Relay(std::move(parts)));
  });
}

Result<std::unique_ptr<Relay>> Relay::attach(uv_loop_s& loop, Config config, RelayOptions options) {
  if (config.server.workers != 1) {
    return Error{ErrorCode::config,
                 "server.workers must be 1 for a relay on a loop of the caller's"};
  }
  return without_exceptions([&]() -> Result<std::unique_ptr<Relay>> {
    auto parts = std::make_unique<Parts>(std::move(options));
    if (auto loaded = parts->load(std::move(config)); !loaded) return loaded.error();
    if (auto opened = parts->open(&loop); !opened) return opened.error();
    return std::unique_ptr<Relay>(new Relay(std::move(parts)));
  });
}

std::uint16_t Relay::port() const {
  return parts_->addresses().empty() ? 0 : parts_->addresses().front().port();
}

std::vector<std::string> Relay::addresses() const {
  std::vector<std::string> out;
  for (const auto& address : parts_->addresses()) out.push_back(address.text());
  return out;
}

std::vector<std::string> Relay::manage_addresses() const {
  return parts_->manage_addresses();
}

void Relay::stop() {
  parts_->stop();
}
void Relay::wait() {
  parts_->wait();
}
bool Relay::stopped() const {
  return parts_->stopped();
}
std::size_t Relay::in_flight() const {
  return static_cast<std::size_t>(parts_->shared().admission.in_flight());
}

management::Manager& Relay::manager() {
  return parts_->manager();
}

Result<void> Relay::reload(Config config) {
  return without_exceptions([&] { return parts_->load(std::move(config)); });
}

void Relay::reload() {
  parts_->ask_reload([](const worker::ReloadOutcome&) {});
}

void Relay::when_turned(std::function<void()> turned) {
  parts_->when_turned(std::move(turned));
}

std::string_view version() {
  return CCRELAY_VERSION;
}

}  // namespace ccrelay
