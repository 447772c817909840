#pragma once

#include <ccrelay/observer.hpp>

#include <cstdint>
#include <string>
#include <string_view>

#include "state/client_limits.hpp"
#include "worker/counts.hpp"
#include "worker/labels.hpp"

namespace ccrelay::worker {

/// What one worker counts for GET /metrics: plain numbers, without a lock and, once a series has
/// been used, without taking memory. On the worker's thread.
class Figures {
 public:
  explicit Figures(Labels& labels) : labels_(labels) { labels_.read(known_); }
  Figures(const Figures&) = delete;
  Figures& operator=(const Figures&) = delete;

  void request_finished(const RequestSummary& request);
  /// Of a request that was relayed.
  void relayed(Ending ending) { ++counts_.endings[static_cast<std::size_t>(ending)]; }
  /// A credential was asked for: none came, or one that opens nothing.
  void turned_away(bool presented) { ++(presented ? counts_.auth_unknown : counts_.auth_missing); }
  /// A client with a key of its own was refused.
  void refused(std::string_view client, ClientBar why);
  void refused(std::string_view client, state::ClientLimit why) {
    refused(client, static_cast<ClientBar>(why));
  }
  void pinged() { ++counts_.pings; }
  void lagged(Duration lateness) { counts_.lag.observe(lateness); }
  /// At a provider: a connection was made; an attempt failed and another candidate was asked; it
  /// was silent inside an answer for timeouts.stream_idle_ms; its breaker opened.
  void connected(std::string_view provider, Duration took);
  void failed_over(std::string_view provider);
  void stalled(std::string_view provider);
  void breaker_opened(std::string_view provider);

  const Counts& counts() const { return counts_; }

 private:
  void attempt_finished(const RequestSummary& request, const AttemptSummary& attempt,
                        ClientCounts& client);
  void charge(const AttemptSummary& attempt, const Charge& charge, LabelId provider,
              LabelId model_sent, ClientCounts& client);
  ModelCounts& model_at(LabelId provider, LabelId model);

  LabelId provider_label(std::string_view name);
  LabelId client_label(std::string_view name);
  LabelId model_label(std::string_view name, bool answered);
  const LabelId* find(LabelKind kind, std::string_view name);
  LabelId priced_model(std::string_view name);
  ProviderCounts& provider_at(std::string_view name);

  // The cell of a series, or of `overflow` when there is no room for it.
  template <class Cell>
  Cell& at(Cells<Cell>& cells, SeriesFamily family, std::uint64_t key, std::uint64_t overflow);

  Labels& labels_;
  Labels::Known known_;
  NameNumbers priced_;  // models that fit a pattern of the price table; some are remembered
  std::array<bool, series_families> closed_{};  // all series there will ever be are in its cells
  Counts counts_;
};

}  // namespace ccrelay::worker
