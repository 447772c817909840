#include "exchange/healing.hpp"

#include <algorithm>

namespace ccrelay::exchange {
namespace {

using Names = std::vector<std::string>;

// As many as can be tried one after the other.
constexpr std::size_t one_by_one_max = 3;

template <class List, class Name>
bool among(const List& list, const Name& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

void add(Names& list, const std::string& name) {
  if (!among(list, name)) list.push_back(name);
}

}  // namespace

bool Healing::reduce(const Unsupported& refused, const std::vector<std::string_view>& sent,
                     const std::vector<std::string_view>& documented, bool counting, int tries) {
  if (reductions_ >= reductions_max || tries <= 0) return false;
  if (!refused.betas.empty() && sent.size() > betas_max) return false;
  ++reductions_;
  const Unsupported before = left_out_;
  leave_out(refused, Names(sent.begin(), sent.end()), documented, counting, tries);
  // Else the next try would be the same again.
  return left_out_.fields != before.fields || left_out_.betas != before.betas;
}

void Healing::leave_out(const Unsupported& refused, const Names& betas,
                        const std::vector<std::string_view>& documented, bool counting, int tries) {
  for (const std::string& path : refused.fields) {
    if (among(left_out_.fields, path)) continue;
    left_out_.fields.push_back(path);
    fields_.push_back({path, betas});
  }
  if (refused.betas.empty()) return;
  const bool is_named = refused.betas.front() != some_beta && refused.betas.front() != every_beta;
  if (is_named) {
    for (const std::string& beta : refused.betas) add(named_, beta);
    for (const std::string& beta : refused.betas) add(left_out_.betas, beta);
    // To count, none is needed.
    if (!counting) return;
  }
  if (!betas.empty()) unnamed_.push_back(betas);
  if (is_named || counting || refused.betas.front() == every_beta) {
    keep_only({}, betas);
  } else {
    choose(betas, documented, std::min(tries, reductions_max - reductions_ + 1));
  }
}

void Healing::keep_only(const Names& kept, const Names& sent) {
  for (const std::string& beta : sent) {
    if (!among(kept, beta)) add(left_out_.betas, beta);
  }
}

// Those that the provider's pages have, then, where there are few, each by itself; the last try has
// none.
void Healing::choose(const Names& sent, const std::vector<std::string_view>& documented,
                     int tries) {
  if (tries <= 1 || sent.empty()) {
    left_out_.betas = named_;
    for (const Names& set : unnamed_) keep_only({}, set);
    return;
  }
  if (unnamed_.size() == 1) {
    Names kept;
    for (const std::string& beta : sent) {
      if (among(documented, beta)) kept.push_back(beta);
    }
    if (!kept.empty() && kept.size() < sent.size()) return keep_only(kept, sent);
  }
  if (!alone_ && sent.size() > 1 && sent.size() <= one_by_one_max) {
    alone_ = true;
    one_by_one_ = sent;
  }
  Names kept;
  if (!one_by_one_.empty()) {
    kept.push_back(one_by_one_.front());
    one_by_one_.erase(one_by_one_.begin());
  }
  left_out_.betas = named_;
  for (const Names& set : unnamed_) keep_only(kept, set);
}

state::Proven Healing::proven(const std::vector<std::string_view>& sent) const {
  state::Proven out;
  out.betas = named_;
  out.fields = fields_;
  for (const Names& refused : unnamed_) {
    state::Proven::Choice choice{refused, {}};
    for (const std::string& beta : refused) {
      if (among(sent, beta)) choice.taken.push_back(beta);
    }
    if (choice.taken.size() + 1 == refused.size()) {
      // It was that one.
      for (const std::string& beta : refused) {
        if (!among(sent, beta)) add(out.betas, beta);
      }
    } else if (choice.taken.size() < refused.size()) {
      out.choices.push_back(std::move(choice));
    }
  }
  return out;
}

}  // namespace ccrelay::exchange
