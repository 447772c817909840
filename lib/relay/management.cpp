#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "api/front.hpp"
#include "relay/parts.hpp"

namespace ccrelay {

Result<std::optional<tls::Context>> Relay::Parts::manage_certificate(const ManageConfig& manage) {
  const bool is_first = workers_.empty();
  const bool speaks_tls = is_first ? !manage.listen.empty() : front_ && front_->speaks_tls();
  if (!manage.tls.enabled() || !speaks_tls) return std::optional<tls::Context>();
  auto read = tls::load_context(manage.tls, true, clock_.wall(), "manage.tls");
  if (!read) return read.error();
  return std::optional(std::move(*read));
}

Result<std::optional<std::vector<std::string>>> Relay::Parts::renew_manage_certificate() {
  const std::lock_guard one_at_a_time(load_mutex_);
  const auto snapshot = shared_.snapshot();
  const ManageConfig& manage = snapshot->config.manage;
  auto certificate = manage_certificate(manage);
  if (!certificate) return certificate.error();
  if (!*certificate) return std::optional<std::vector<std::string>>();
  std::vector<std::string> warnings = (*certificate)->warnings;
  front_->took(manage, std::move(*certificate));
  return std::optional(std::move(warnings));
}

// Nothing of it costs anything where nobody has asked for it.
Result<void> Relay::Parts::open_management() {
  const auto snapshot = shared_.snapshot();
  const ManageConfig& manage = snapshot->config.manage;
  const ManagePlace place = manage_place(manage, shared_.addresses.front(), shared_.environment);
  if (place.socket.empty() && manage.listen.empty()) return {};
  auto config = [this] {
    auto now = shared_.snapshot();
    return std::shared_ptr<const Config>(now, &now->config);
  };
  auto note = [this](Level level, std::string event, std::string message) {
    shared_.directory.tell_first(
        [level, event = std::move(event), message = std::move(message)](auto& worker) {
          worker.report().note(level, event, message);
        });
  };
  front_ = std::make_unique<api::Front>(
      api::FrontOptions{manager(), std::move(config), std::move(note)});
  return front_->start(place, std::exchange(manage_certificate_, {}));
}

std::vector<std::string> Relay::Parts::manage_addresses() const {
  return front_ ? front_->addresses() : std::vector<std::string>();
}

void Relay::Parts::worker_done() {
  if (--running_ > 0) return;
  shared_.watchers->close();
  if (front_) {
    front_->end([this] { tell_stopped(); });
  } else {
    tell_stopped();
  }
}

void Relay::Parts::tell_stopped() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  if (farewell_) {
    farewell_->say();
  } else {
    relay::call_guarded(options_.stopped);
  }
  const std::lock_guard lock(mutex_);
  told_ = true;
  done_.notify_all();
}

}  // namespace ccrelay
