#include "relay/prober.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/settle.hpp"

namespace ccrelay::relay {
namespace {

using std::chrono::milliseconds;

// For the whole of a check; it is asked again at the next interval anyway.
constexpr milliseconds check_limit{5000};

}  // namespace

class Prober::Probe final : public upstream::TransferSink {
 public:
  Probe(Prober& owner, std::shared_ptr<const worker::Snapshot> snapshot, const worker::Entry& entry,
        OutboundRequest request)
      : owner_(owner),
        snapshot_(std::move(snapshot)),
        entry_(entry),
        request_(std::move(request)),
        limit_(owner.tools_.loop.timers(), [this] { end("no answer within 5000 ms"); }) {
    limit_.arm(owner.tools_.loop.now() + check_limit);
    transfer_ = owner.tools_.upstream.start(
        {entry.destination, request_.method, request_.url, request_.headers, {}}, *this);
  }

  const std::string& provider() const { return entry_.config->name; }

 private:
  void on_connected(bool) override {}
  void on_head(ResponseHead head) override {
    if (head.status >= 500) {
      end(fmt::format("answered {}", head.status));
      return;
    }
    worker::Tools& tools = owner_.tools_;
    const auto transition = tools.shared.providers.check_succeeded(provider(), tools.loop.now());
    if (transition) exchange::report(tools, provider(), *transition, {});
    end(fmt::format("well again: answered {}", head.status));
  }
  upstream::Flow on_body(std::string_view) override { return upstream::Flow::taken; }
  void on_done(const upstream::TransferResult& result) override { end(result.detail); }

  void end(std::string_view how) {
    limit_.cancel();
    transfer_.reset();
    owner_.tools_.report.note(Level::debug, "health_check", fmt::format("{}: {}", provider(), how),
                              {}, {{"provider", provider()}});
    owner_.ended(*this);
  }

  Prober& owner_;
  const std::shared_ptr<const worker::Snapshot> snapshot_;
  const worker::Entry& entry_;
  const OutboundRequest request_;
  std::unique_ptr<upstream::Transfer> transfer_;
  base::Timer limit_;
};

Prober::Prober(worker::Tools& tools)
    : tools_(tools), timer_(tools.loop.timers(), [this] { run(); }) {}
Prober::~Prober() = default;

void Prober::start() {
  arm();
}

void Prober::stop() {
  timer_.cancel();
  running_.clear();
}

// A fifth more or less, so that many relays don't ask together.
void Prober::arm() {
  const auto interval = tools_.shared.snapshot()->config.health.check_interval;
  const auto fifth = interval / 5;
  const milliseconds jitter(tools_.rng.below(static_cast<std::uint64_t>(2 * fifth.count()) + 1));
  timer_.arm(tools_.loop.now() + interval - fifth + jitter);
}

void Prober::run() {
  arm();
  const auto snapshot = tools_.shared.snapshot();
  if (!snapshot->config.health.checks) return;
  for (const worker::Entry& entry : snapshot->entries) {
    const std::string& name = entry.config->name;
    const auto view = tools_.shared.providers.view(name, tools_.loop.now());
    if (view.state != state::Breaker::State::open) continue;
    if (view.admin == state::Admin::disabled) continue;  // it gets no request, this one neither
    const bool asked = std::any_of(running_.begin(), running_.end(),
                                   [&](const auto& probe) { return probe->provider() == name; });
    if (asked) continue;
    Credential credential;
    if (!entry.config->keys.empty()) credential = ApiKey{entry.config->keys.front().key};
    auto request = entry.provider->health_check(credential);
    if (!request) continue;
    running_.push_back(std::make_unique<Probe>(*this, snapshot, entry, std::move(*request)));
  }
}

void Prober::ended(Probe& probe) {
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& one) { return one.get() == &probe; });
  // It is on the stack.
  tools_.loop.bury(std::move(*found));
  running_.erase(found);
}

}  // namespace ccrelay::relay
