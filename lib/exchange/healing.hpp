#pragma once

#include <ccrelay/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "state/refusals.hpp"

namespace ccrelay::exchange {

/// How one request gets by with what one provider does not take of it: which betas and members of
/// the body the next try leaves out, and what is proven once a try has succeeded. Pure.
class Healing {
 public:
  /// A 400 names one thing at a time.
  static constexpr int reductions_max = 4;
  /// Whoever sends more betas has not meant them.
  static constexpr std::size_t betas_max = 64;

  /// What `refused` says of a try that `sent` these betas. `documented` are betas that the provider
  /// says it takes, `tries` how many more there may be. False: nothing more can be left out,
  /// and the next try would be the same.
  bool reduce(const Unsupported& refused, const std::vector<std::string_view>& sent,
              const std::vector<std::string_view>& documented, bool counting, int tries);
  /// Beside what is known of the provider.
  const Unsupported& left_out() const { return left_out_; }
  /// Nothing was refused, so that a success proves nothing.
  bool is_idle() const { return named_.empty() && fields_.empty() && unnamed_.empty(); }
  /// A try that `sent` these betas has succeeded: what that proves.
  state::Proven proven(const std::vector<std::string_view>& sent) const;

 private:
  using Names = std::vector<std::string>;
  void leave_out(const Unsupported& refused, const Names& betas,
                 const std::vector<std::string_view>& documented, bool counting, int tries);
  void keep_only(const Names& kept, const Names& sent);
  void choose(const Names& sent, const std::vector<std::string_view>& documented, int tries);

  int reductions_ = 0;
  Unsupported left_out_;
  Names named_;  // betas that were refused by name
  std::vector<state::Proven::Field> fields_;
  std::vector<Names> unnamed_;  // betas that were refused together
  Names one_by_one_;            // those that are still to be tried alone
  bool alone_ = false;
};

}  // namespace ccrelay::exchange
