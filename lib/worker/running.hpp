#pragma once

#include <ccrelay/manage_types.hpp>

#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <string_view>
#include <vector>

namespace ccrelay::worker {

/// A request that is being relayed, for whoever looks or steers. On its worker's thread.
class RunningRequest {
 public:
  /// Among all of the process, from 1.
  virtual std::uint64_t number() const = 0;
  virtual management::Request told() const = 0;
  /// The decisions about it, as far as they were recorded.
  virtual std::vector<management::TraceStep> trace() const { return {}; }
  /// Ends it; `words` are for the client and the log.
  virtual void cancel(std::string_view words) = 0;
  /// What of it runs at that provider ends there; what has not sent a byte goes on elsewhere.
  virtual void leave(std::string_view provider, std::string_view words) = 0;

 protected:
  ~RunningRequest() = default;
};

/// Those of one worker, the oldest first. On its thread.
class Running {
 public:
  using Place = std::list<RunningRequest*>::iterator;

  Place enter(RunningRequest& request) { return requests_->insert(requests_->end(), &request); }
  void leave(Place place) { requests_->erase(place); }

  /// Walks through all that there are, a few at a time: what begins and ends meanwhile may be met
  /// or not, none twice.
  class Walk {
   public:
    explicit Walk(Running& running)
        : all_(running.requests_), here_(all_->insert(all_->begin(), nullptr)) {}
    ~Walk() { all_->erase(here_); }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;

    /// The next one; null behind the last. It may be destroyed by whoever gets it.
    RunningRequest* next() {
      auto& all = *all_;
      auto ahead = std::next(here_);
      while (ahead != all.end() && *ahead == nullptr) ++ahead;  // other walks
      if (ahead == all.end()) return nullptr;
      all.splice(std::next(ahead), all, here_);
      return *ahead;
    }

   private:
    const std::shared_ptr<std::list<RunningRequest*>> all_;  // may outlive the worker
    std::list<RunningRequest*>::iterator here_;              // holds null: where this walk is
  };

 private:
  const std::shared_ptr<std::list<RunningRequest*>> requests_ =
      std::make_shared<std::list<RunningRequest*>>();
};

}  // namespace ccrelay::worker
