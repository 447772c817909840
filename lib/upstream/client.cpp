#include "upstream/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/assert.hpp"
#include "upstream/easy.hpp"
#include "upstream/shard.hpp"
#include "upstream/shard_choice.hpp"
#include "upstream/trust_stores.hpp"

namespace ccrelay::upstream {

namespace {

// Handles that wait to be used again; each holds about 6 KB.
constexpr std::size_t pooled_max = 256;

void initialize_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  CCRELAY_ASSERT(code == CURLE_OK, "libcurl can be initialized");
}

// What all shards of a worker have in common. One thread uses it, so curl needs no locks.
CURLSH* make_share() {
  initialize_curl();
  CURLSH* share = curl_share_init();
  CCRELAY_ASSERT(share != nullptr, "curl has memory for a share");
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  return share;
}

struct CloseShare {
  void operator()(CURLSH* share) const { curl_share_cleanup(share); }
};

}  // namespace

/// Queues what may not be done while curl is on the stack, and does it when the turn ends. Whatever
/// ends a transfer passes through left_curl(), drop() or begin(), and nothing else removes one.
class Client::Parts final : private loop::TurnTask, private ShardHost {
 public:
  explicit Parts(loop::Loop& loop) : TurnTask(loop), share_(make_share()), choice_(loop, *this) {}
  ~Parts() override { CCRELAY_ASSERT(running_ == 0, "a client outlives its transfers"); }

  std::unique_ptr<Transfer> start(const Request& request, TransferSink& sink);
  std::size_t running() const { return running_; }
  std::size_t shards() const { return choice_.size(); }

 private:
  /// Our half of a transfer; the other is Easy. The one that ends first cuts the link.
  class Half final : public Transfer {
   public:
    Half(Parts& parts, Easy& easy) : parts_(parts), easy_(&easy) {}
    ~Half() override {
      if (easy_) parts_.drop(*easy_);
    }
    void resume() override {
      if (easy_) parts_.resume(*easy_);
    }
    bool needs_body() const override { return easy_ && easy_->needs_body(); }
    void detach() { easy_ = nullptr; }

   private:
    Parts& parts_;
    Easy* easy_;
  };

  void run_at_turn_end() override;
  void begin_queued();
  void begin(std::unique_ptr<Easy> easy);
  void resume_waiting();

  void drop(Easy& easy);
  void resume(Easy& easy);
  void finish(Easy& easy, CURLcode code);
  std::unique_ptr<Easy> get_easy();
  void recycle(std::unique_ptr<Easy> easy);

  void enter_curl() override {
    CCRELAY_ASSERT(!inside_curl_, "a sink neither turns the loop nor calls curl");
    inside_curl_ = true;
  }
  void left_curl(Shard& shard) override;
  void connections_changed(Shard& shard, Origin& origin) override {
    choice_.connections_changed(shard, origin);
  }

  std::unique_ptr<CURLSH, CloseShare> share_;
  TrustStores trust_stores_;
  std::vector<std::unique_ptr<Easy>> pool_;
  ShardChoice choice_;
  std::vector<std::unique_ptr<Easy>> queued_;
  std::vector<Easy*> resuming_;
  std::vector<Easy*> cut_;  // destroyed while curl was on the stack
  bool inside_curl_ = false;
  std::size_t running_ = 0;
};

Client::Client(loop::Loop& loop) : parts_(std::make_unique<Parts>(loop)) {}
Client::~Client() = default;

std::unique_ptr<Transfer> Client::start(const Request& request, TransferSink& sink) {
  return parts_->start(request, sink);
}

std::size_t Client::running() const {
  return parts_->running();
}
std::size_t Client::shards() const {
  return parts_->shards();
}

// ---- Called by the relay, at any moment

std::unique_ptr<Transfer> Client::Parts::start(const Request& request, TransferSink& sink) {
  std::unique_ptr<Easy> easy = get_easy();
  auto half = std::make_unique<Half>(*this, *easy);
  easy->prepare(request, sink, half.get());
  queued_.push_back(std::move(easy));
  ++running_;
  schedule();
  return half;
}

void Client::Parts::resume(Easy& easy) {
  if (easy.resume_wanted) return;
  easy.resume_wanted = true;
  resuming_.push_back(&easy);
  schedule();
}

void Client::Parts::drop(Easy& easy) {
  --running_;
  easy.cut();
  if (!easy.shard) return;  // still queued: found cut when the turn ends
  if (inside_curl_) {
    // Also if curl is busy with another shard: everything cut goes before anything else happens.
    cut_.push_back(&easy);
  } else {
    recycle(easy.shard->remove(easy));
  }
}

// ---- The end of a turn: curl is not on the stack

void Client::Parts::run_at_turn_end() {
  begin_queued();
  resume_waiting();
}

void Client::Parts::begin_queued() {
  std::vector<std::unique_ptr<Easy>> queued;
  queued.swap(queued_);
  for (std::unique_ptr<Easy>& easy : queued) {
    if (easy->sink()) {
      begin(std::move(easy));
    } else {
      recycle(std::move(easy));
    }
  }
}

void Client::Parts::begin(std::unique_ptr<Easy> easy) {
  const Endpoint& endpoint = easy->endpoint();
  Origin& origin = choice_.origin(endpoint);
  Shard& shard = choice_.choose(endpoint, origin);
  CURLcode code = easy->configure(shard);
  if (code == CURLE_OK) {
    easy = shard.add(std::move(easy), origin);
    if (!easy) return;
    code = CURLE_FAILED_INIT;
  }
  // Cannot go on: tell it as any other end.
  finish(*easy, code);
  recycle(std::move(easy));
}

void Client::Parts::resume_waiting() {
  // By index: what is delivered may pause and resume again, and may end others, which leaves null.
  for (std::size_t i = 0; i < resuming_.size(); ++i) {
    Easy* easy = resuming_[i];
    if (!easy) continue;
    resuming_[i] = nullptr;
    easy->resume_wanted = false;
    if (!easy->paused) continue;
    easy->paused = false;
    easy->shard->resume(*easy);
  }
  resuming_.clear();
}

// ---- The end of a transfer

// Runs after each outermost call into curl.
void Client::Parts::left_curl(Shard& shard) {
  inside_curl_ = false;
  while (!cut_.empty()) {
    Easy& easy = *cut_.back();
    cut_.pop_back();
    recycle(easy.shard->remove(easy));
  }
  while (const auto finished = shard.next_finished()) finish(*finished->easy, finished->code);
}

void Client::Parts::finish(Easy& easy, CURLcode code) {
  TransferSink& sink = *easy.sink();
  const TransferResult result = easy.result(code);
  static_cast<Half*>(easy.owner())->detach();
  --running_;
  easy.cut();
  if (easy.shard) recycle(easy.shard->remove(easy));
  sink.on_done(result);
}

std::unique_ptr<Easy> Client::Parts::get_easy() {
  if (pool_.empty()) return std::make_unique<Easy>(share_.get(), trust_stores_);
  std::unique_ptr<Easy> easy = std::move(pool_.back());
  pool_.pop_back();
  return easy;
}

void Client::Parts::recycle(std::unique_ptr<Easy> easy) {
  if (easy->resume_wanted)
    std::replace(resuming_.begin(), resuming_.end(), easy.get(), static_cast<Easy*>(nullptr));
  if (!easy->reusable() || pool_.size() >= pooled_max) return;
  easy->clear();
  pool_.push_back(std::move(easy));
}

}  // namespace ccrelay::upstream
