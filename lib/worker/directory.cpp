#include "worker/directory.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace ccrelay::worker {
namespace {
constexpr std::chrono::seconds patience{1};
}

struct Directory::Round {
  std::size_t missing = 0;  // under the lock
};

Directory::Member::Member(Directory& directory, loop::Loop& loop, Reporter& report)
    : directory_(directory), loop_(loop), report_(report) {
  const std::lock_guard lock(directory_.mutex_);
  directory_.members_.push_back(this);
}

void Directory::Member::bind() {
  const std::lock_guard lock(directory_.mutex_);
  thread_ = std::this_thread::get_id();
}

void Directory::Member::retire() {
  const std::lock_guard lock(directory_.mutex_);
  if (!std::exchange(listed_, false)) return;
  std::erase(directory_.members_, this);
  for (const auto& round : std::exchange(asked_, {})) --round->missing;
  directory_.answered_.notify_all();
}

bool Directory::ask(const std::function<Step()>& make_steps) {
  const auto round = std::make_shared<Round>();
  Member* own = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (Member* member : members_) {
      if (member->thread_ == std::this_thread::get_id()) {
        own = member;
        continue;
      }
      ++round->missing;
      member->asked_.push_back(round);
      // Dropped with the loop if its turn never comes; then the member has retired before.
      member->loop_.post([member, round, step = std::make_shared<Step>(make_steps())] {
        go_on(*member, round, step);
      });
    }
  }
  if (own) {
    const Step step = make_steps();
    while (!step(*own)) {
    }
  }
  std::unique_lock lock(mutex_);
  return answered_.wait_for(lock, patience, [&] { return round->missing == 0; });
}

void Directory::go_on(Member& member, const std::shared_ptr<Round>& round,
                      const std::shared_ptr<Step>& step) {
  if ((*step)(member)) {
    member.directory_.settle(member, round);
    return;
  }
  member.loop_.post([&member, round, step] { go_on(member, round, step); });
}

void Directory::settle(Member& member, const std::shared_ptr<Round>& round) {
  const std::lock_guard lock(mutex_);
  const auto asked = std::find(member.asked_.begin(), member.asked_.end(), round);
  if (asked == member.asked_.end()) return;  // it has retired meanwhile
  member.asked_.erase(asked);
  --round->missing;
  answered_.notify_all();
}

bool Directory::is_workers_thread() {
  const std::lock_guard lock(mutex_);
  return std::any_of(members_.begin(), members_.end(), [](const Member* member) {
    return member->thread_ == std::this_thread::get_id();
  });
}

void Directory::tell_first(std::function<void(Member&)> call) {
  const std::lock_guard lock(mutex_);
  if (members_.empty()) return;
  Member* first = members_.front();
  first->loop_.post([first, call = std::move(call)] { call(*first); });
}

}  // namespace ccrelay::worker
