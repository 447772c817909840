#include "manage/core.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.hpp"
#include "base/utf8.hpp"
#include "config/nearest_name.hpp"

namespace ccrelay::manage {
namespace {

constexpr std::size_t reason_bytes_max = 200;
constexpr std::chrono::hours ttl_max{24 * 365 * 10};
// A list of ten thousand streams must not hold a loop up.
constexpr int requests_a_turn = 200;
constexpr std::size_t names_told_max = 20;

}  // namespace

std::optional<management::Refusal> Core::check(management::Order& order) const {
  if (shared_.draining) {
    return management::Refusal{management::Code::unavailable,
                               "the relay stops, and takes no orders any more"};
  }
  if (order.reason.size() > reason_bytes_max) {
    return management::Refusal{management::Code::invalid_argument,
                               fmt::format("reason: it has {} bytes; at most {} are kept",
                                           order.reason.size(), reason_bytes_max)};
  }
  if (order.ttl.count() < 0 || order.ttl > ttl_max) {
    return management::Refusal{
        management::Code::invalid_argument,
        fmt::format("ttl_ms: {} is not from 0 (until told) to ten years", order.ttl.count())};
  }
  if (order.by.empty()) order.by = "the program";
  order.reason = base::as_utf8(std::move(order.reason));
  for (char& c : order.reason) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return {};
}

void Core::note(const management::Order& order, std::string_view verb, std::string_view kind,
                const std::string& subject, bool changed) {
  std::string message = fmt::format("{} {} {} {}{}{}", order.by, verb, kind, base::clipped(subject),
                                    changed ? "" : ", which it was already",
                                    order.reason.empty() ? "" : ": " + order.reason);
  std::vector<Note::Field> fields{{"by", order.by},
                                  {"action", std::string(verb)},
                                  {"subject", base::clipped(subject)},
                                  {"changed", changed ? "true" : "false"}};
  if (!order.reason.empty()) fields.push_back({"reason", order.reason});
  shared_.directory.tell_first(
      [message = std::move(message), fields = std::move(fields)](auto& worker) {
        worker.report().note(Level::info, "managed", message, {}, fields);
      });
}

management::Reply<worker::Seat> Core::seat() {
  const auto most = static_cast<std::size_t>(shared_.snapshot()->config.manage.max_subscribers);
  worker::Seat seat = worker::Seat::take(shared_.seats, most);
  if (seat) return seat;
  return management::Refusal{
      management::Code::resource_exhausted,
      fmt::format("{} watch already (manage.max_subscribers); one of them has to end first", most)};
}

bool Core::each_running(const std::function<void(worker::RunningRequest&)>& call) {
  return shared_.directory.ask([&call] {
    return [call, walk = std::shared_ptr<worker::Running::Walk>()](auto& worker) mutable {
      if (!walk) walk = std::make_shared<worker::Running::Walk>(worker.running());
      for (int i = 0; i < requests_a_turn; ++i) {
        worker::RunningRequest* const request = walk->next();
        if (!request) {
          walk.reset();
          return true;
        }
        call(*request);
      }
      return false;
    };
  });
}

std::optional<management::AdminOverride> told(const state::OperatorWord& word, TimePoint now) {
  if (word.at(now) == state::Admin::enabled) return {};
  management::AdminOverride out{told(word.at(now)), word.by, word.reason, word.given, {}};
  if (word.until && now < *word.until) out.expire_time = word.until_wall;
  return out;
}

management::AdminState told(state::Admin admin) {
  switch (admin) {
    case state::Admin::enabled:
      return management::AdminState::enabled;
    case state::Admin::draining:
      return management::AdminState::draining;
    case state::Admin::disabled:
      return management::AdminState::disabled;
  }
  return management::AdminState::unspecified;
}

std::string perhaps(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  const std::string_view nearest = config::nearest_name(name, names);
  return nearest.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", nearest);
}

management::Refusal unknown(std::string_view kind, const std::string& name,
                            const std::vector<std::string>& known) {
  std::string names;
  for (std::size_t i = 0; i < std::min(known.size(), names_told_max); ++i) {
    names += (i > 0 ? ", " : "") + known[i];
  }
  const std::string near = perhaps(name, known);
  return {management::Code::not_found,
          fmt::format("there is no {} \"{}\"{}{} {}", kind, base::as_utf8(base::clipped(name)),
                      near, near.empty() ? ";" : "",
                      names.empty() ? "there is none" : "there are: " + names)};
}

management::Refusal invalid(std::string message) {
  return {management::Code::invalid_argument, std::move(message)};
}

management::Refusal has_stopped() {
  return {management::Code::unavailable, "the relay has stopped"};
}

management::Refusal no_answer() {
  return {management::Code::deadline_exceeded,
          "a worker of the relay did not answer within a second; what was asked may still happen, "
          "and asking again is safe"};
}

}  // namespace ccrelay::manage
