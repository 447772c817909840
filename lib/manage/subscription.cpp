#include <ccrelay/manage_events.hpp>

#include <utility>

#include "manage/subscriber.hpp"

namespace ccrelay::management {

Subscription::Subscription(std::shared_ptr<manage::Subscriber> subscriber)
    : subscriber_(std::move(subscriber)) {}

Subscription::~Subscription() {
  subscriber_->on_ready(nullptr);
  subscriber_->end();
}

std::size_t Subscription::take(std::vector<Event>& into, std::size_t most) {
  return subscriber_->take(into, most);
}
void Subscription::on_ready(std::function<void()> wake) {
  subscriber_->on_ready(std::move(wake));
}
bool Subscription::wait(std::chrono::milliseconds longest) {
  return subscriber_->wait(longest);
}
bool Subscription::is_over() const {
  return subscriber_->is_over();
}

}  // namespace ccrelay::management
