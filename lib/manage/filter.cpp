#include "manage/filter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clipped.hpp"
#include "base/utf8.hpp"
#include "manage/core.hpp"
#include "worker/told_request.hpp"

namespace ccrelay::manage {
namespace {

using management::Attempt;
using management::Request;
using management::RequestState;

template <class List, class Value>
bool is_among(const List& list, const Value& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

template <class Member>
bool any_attempt(const std::vector<std::string>& wanted, const Request& request, Member member) {
  return wanted.empty() ||
         std::any_of(request.attempts.begin(), request.attempts.end(),
                     [&](const Attempt& attempt) { return is_among(wanted, attempt.*member); });
}

bool is_in_trouble(const Request& request) {
  if (request.ending && *request.ending != Ending::complete) return true;
  if (request.status >= 500) return true;
  return std::any_of(request.attempts.begin(), request.attempts.end(), [](const Attempt& attempt) {
    return attempt.outcome && worker::has_failed(*attempt.outcome);
  });
}

std::string shown(const std::string& name) {
  return base::as_utf8(base::clipped(name));
}

}  // namespace

std::optional<management::Refusal> check_models(const std::vector<std::string>& models) {
  for (const std::string& model : models) {
    const auto star = model.find('*');
    if (star != std::string::npos && star + 1 != model.size()) {
      return invalid(fmt::format("filter.models: in \"{}\" a * stands inside; it may end a name",
                                 shown(model)));
    }
  }
  return {};
}

bool matches(const management::RequestFilter& filter, const Request& request) {
  const auto serves = [&](const std::string& pattern) {
    return worker::model_matches(pattern, request.model);
  };
  const bool any_state = std::find(filter.states.begin(), filter.states.end(),
                                   RequestState::unspecified) != filter.states.end();
  return any_attempt(filter.providers, request, &Attempt::provider) &&
         any_attempt(filter.keys, request, &Attempt::key) &&
         is_among(filter.clients, request.client) &&
         (filter.models.empty() ||
          std::any_of(filter.models.begin(), filter.models.end(), serves)) &&
         is_among(filter.sessions, request.session) &&
         (any_state || is_among(filter.states, request.state)) &&
         (!filter.troubled_only || is_in_trouble(request)) &&
         request.duration_us >= filter.min_duration_ms * 1000;
}

std::optional<management::Refusal> check(const management::RequestFilter& filter,
                                         const worker::Snapshot& snapshot) {
  for (const std::string& name : filter.providers) {
    std::vector<std::string> all;
    for (const ProviderConfig& one : snapshot.config.providers) all.push_back(one.name);
    if (std::find(all.begin(), all.end(), name) == all.end()) {
      return invalid(fmt::format("filter.providers: there is no provider \"{}\"{}", shown(name),
                                 perhaps(name, all)));
    }
  }
  for (const std::string& key : filter.keys) {
    std::vector<std::string> all;
    for (const worker::Entry& entry : snapshot.entries) {
      for (const state::PoolKey& one : entry.pool.keys) all.push_back(one.fingerprint);
    }
    if (std::find(all.begin(), all.end(), key) == all.end()) {
      return invalid(fmt::format("filter.keys: there is no key with the fingerprint \"{}\"{}",
                                 shown(key), perhaps(key, all)));
    }
  }
  if (auto refusal = check_models(filter.models)) return refusal;
  for (const RequestState state : filter.states) {
    if (state <= RequestState::ended) continue;
    return invalid(
        fmt::format("filter.states: {} is no state of a request", static_cast<int>(state)));
  }
  constexpr std::int64_t ms_max = INT64_MAX / 1000;
  if (filter.min_duration_ms < 0 || filter.min_duration_ms > ms_max) {
    return invalid(fmt::format("filter.min_duration_ms: {} is no time that a request can take",
                               filter.min_duration_ms));
  }
  return {};
}

}  // namespace ccrelay::manage
