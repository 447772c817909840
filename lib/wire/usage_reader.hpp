#pragma once

#include <ccrelay/usage.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/told_cost.hpp"

namespace ccrelay::wire {

/// What an answer calls itself, and why it ended: `id` and `stop_reason` of the message.
struct AnswerNames {
  std::string id;
  std::string stop_reason;
};

/// Puts together what one answer tells of its use. Figures of a stream are cumulative: a later one
/// replaces an earlier one and is never added to it (platform.claude.com, "Streaming messages").
class UsageReader {
 public:
  UsageReader();
  ~UsageReader();
  UsageReader(UsageReader&&) noexcept;
  UsageReader& operator=(UsageReader&&) noexcept;

  /// The text of a `usage` object: of a message, a `message_start` or a `message_delta`, in their
  /// order. A number replaces what was told before, also by a lower one; what is absent or null
  /// keeps it. So does an `input_tokens` of 0: some providers end a stream with one. False when it
  /// is no object.
  bool read(std::string_view usage);
  /// The same of JSON that has been parsed already (wire/usage_json.hpp).
  struct Json;
  void read(const Json& usage);
  /// What Bedrock adds to the last event (`amazon-bedrock-invocationMetrics`), for classes that no
  /// usage told. False when it is no object.
  bool read_metrics(std::string_view metrics);
  /// The model as the answer named it.
  void set_model(std::string_view model) { model_ = model; }
  const std::string& model() const { return model_; }
  /// From now on what answers call themselves is kept too. Not by default: nobody asks for it.
  void keep_names() { names_ = std::make_unique<AnswerNames>(); }
  /// Null where it is not kept.
  AnswerNames* names() const { return names_.get(); }

  /// From now on what is told of costs in that member is read. By default none is: anybody's
  /// figure could be in it.
  void read_cost_in(CostMember member) { cost_member_ = member; }
  CostMember cost_member() const { return cost_member_; }
  /// What the provider says that the answer cost, in nano-USD; the last that made sense.
  std::optional<std::int64_t> told_cost() const { return told_cost_; }

  UsageReport report() const;

 private:
  struct Entry {  // of `iterations`
    std::string type;
    Charge charge;
  };
  struct Writes {
    std::optional<std::uint64_t> total;
    std::optional<std::uint64_t> five_minutes;
    std::optional<std::uint64_t> one_hour;
    void apply(Charge& charge) const;
  };

  void take_cost(const Json& usage);
  template <class Parts>
  void take_iterations(const Parts& parts);
  bool parts_add_up(const Charge& whole) const;

  std::string model_;
  std::unique_ptr<AnswerNames> names_;
  Charge message_;
  Writes writes_;
  std::vector<Entry> iterations_;
  std::string service_tier_;
  std::string speed_;
  std::string geo_;
  CostMember cost_member_ = CostMember::none;
  std::optional<std::int64_t> told_cost_;
};

}  // namespace ccrelay::wire
