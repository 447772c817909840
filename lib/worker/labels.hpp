#pragma once

#include <ccrelay/config.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ccrelay::price {
class Table;
}

namespace ccrelay::worker {

struct Snapshot;

/// A name that may stand in metrics, by its number. They are never taken back.
using LabelId = std::uint16_t;
/// All for whom there is no room.
inline constexpr LabelId other_label = 0;

enum class LabelKind : std::uint8_t { provider, model, client };
inline constexpr std::size_t label_kinds = 3;

/// Families of metrics, or several that have the same labels, whose series come as they are used.
enum class SeriesFamily : std::uint8_t {
  requests,
  attempts,
  models,
  tokens,
  clients,
  refusals,
  providers
};
inline constexpr std::size_t series_families = 7;

/// The labels of one series in one number, each in 16 bits.
constexpr std::uint64_t series_key(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0) {
  return a << 32 | b << 16 | c;
}
constexpr std::uint16_t series_part(std::uint64_t key, int part) {
  return static_cast<std::uint16_t>(key >> (32 - 16 * part));
}

/// Looks names up by text that is no std::string.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};
using NameNumbers = std::unordered_map<std::string, LabelId, NameHash, std::equal_to<>>;

/// What has a place in metrics: names and series, within bounds that no client can stretch. What
/// does not fit is counted as `other`. A name that a reload removed keeps its place. Shared by all
/// workers, so that their sum keeps the bounds too; each of them asks once for a name or series and
/// remembers. Thread-safe.
class Labels {
 public:
  static constexpr std::size_t names_max = 1000;   ///< of a kind
  static constexpr std::size_t series_max = 1000;  ///< of a family
  static constexpr std::size_t name_bytes_max = 128;
  /// Pairs of provider and model that a configuration names have their series from the start, as
  /// long as there are not more.
  static constexpr std::size_t configured_pairs_max = 40;
  /// The same of the reasons for which a client with a key of its own may be refused.
  static constexpr std::size_t configured_clients_max = 40;

  Labels();

  /// What a configuration names has its place from now on, and its series are there at 0.
  void configure(const Snapshot& snapshot);

  /// Another number than before: there may be names that were not known then.
  std::uint32_t version() const { return version_.load(std::memory_order_acquire); }
  /// A worker's copy.
  struct Known {
    std::uint32_t version = 0;
    std::array<NameNumbers, label_kinds> numbers;
    std::array<bool, label_kinds> full{};
    bool models_full = false;  ///< no more models that neither configuration nor prices name
    std::shared_ptr<const price::Table> prices;
  };
  void read(Known& known) const;

  /// Its number; `other` when there is no room.
  LabelId add(LabelKind kind, std::string_view name);
  /// The same for a model that a client has asked for and got an answer from
  /// ([metrics].models_max).
  LabelId add_asked_model(std::string_view name);

  /// Whether a series has its place.
  bool admit(SeriesFamily family, std::uint64_t key);
  std::vector<std::uint64_t> series(SeriesFamily family) const;
  /// By number.
  std::vector<std::string> names(LabelKind kind) const;

 private:
  struct Names {
    std::vector<std::string> texts;
    NameNumbers numbers;
  };
  LabelId add_locked(LabelKind kind, std::string_view name);
  bool admit_locked(SeriesFamily family, std::uint64_t key);
  void admit_provider(const ProviderConfig& provider, const Snapshot& snapshot);
  void admit_clients(const AuthConfig& auth);

  mutable std::mutex mutex_;
  std::atomic<std::uint32_t> version_{1};
  std::array<Names, label_kinds> names_;
  std::array<std::unordered_set<std::uint64_t>, series_families> series_;
  std::shared_ptr<const price::Table> prices_;
  std::size_t asked_models_ = 0;
  std::size_t asked_models_max_ = 50;
  std::size_t configured_pairs_ = 0;
  std::size_t configured_clients_ = 0;
};

/// Whether a client's word may stand in a metric: not too long, UTF-8, without control characters.
bool may_be_label(std::string_view text);

}  // namespace ccrelay::worker
