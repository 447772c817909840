#pragma once

#include <ccrelay/checks.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "checks/cheap_call.hpp"
#include "checks/lookup.hpp"
#include "identity/desk.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"
#include "worker/snapshot.hpp"

namespace ccrelay::checks {

/// The look at one provider: its name is looked up, its cloud's identity is fetched where it needs
/// one, then all of its credentials are asked about at once. Loop's thread; the snapshot, the
/// client and the desk outlive it.
class Probe final : private identity::Waiter {
 public:
  struct Tools {
    loop::Loop& loop;
    upstream::Client& client;
    identity::Desk& desk;
  };

  /// `done` is called once, when nothing is left to wait for; it must not destroy the probe.
  Probe(Tools tools, const worker::Entry& entry, std::function<void()> done);
  ~Probe() override;

  /// What is known without asking anybody is in result() already.
  void begin();
  /// It has taken too long: whatever is still under way is said to be so.
  void give_up(milliseconds limit);
  const ProviderCheck& result() const { return result_; }

 private:
  class Call;
  enum class Topic { key, models, reach };

  void on_looked_up(const std::string& words);
  void ask_identity();
  void on_credentials(const Result<identity::Held>& result) override;
  void take_identity(const Result<identity::Held>& result);
  void ask_all();
  void ask(Topic topic, std::size_t key, const Credential& credential, CheapCalls::Way way,
           std::string_view page = {});
  Credential credential_of(std::size_t key) const;

  // Told by calls.
  void on_connected();
  void on_failed(const upstream::TransferResult& result);
  void on_answer(Call& call);
  void judge_key(Call& call);
  void read_models(const Call& call);
  void ended(Call& call);
  void finish_if_idle();

  Tools tools_;
  const worker::Entry& entry_;
  const CheapCalls calls_of_type_;
  std::function<void()> done_;
  ProviderCheck result_;
  std::unique_ptr<Lookup> lookup_;
  std::unique_ptr<identity::Ticket> ticket_;
  std::shared_ptr<const identity::Issued> identity_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<std::string> listed_;  // models on the pages that have come
  int pages_ = 0;
  bool told_ = false;
};

}  // namespace ccrelay::checks
