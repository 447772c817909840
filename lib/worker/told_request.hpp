#pragma once

#include <ccrelay/manage_types.hpp>
#include <ccrelay/observer.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace ccrelay::worker {

/// What an account says, in the words of the management. `id` is what request_id_text() makes.
management::Request told(const RequestSummary& summary, std::string id);
/// An attempt of a request that began then.
management::Attempt told(const AttemptSummary& attempt, int number, WallTime begun);
void add(management::TokenUsage& sum, management::Cost& cost, const UsageReport& usage);
/// A request that has ended.
void add(management::Totals& totals, const RequestSummary& summary);
/// What one of its attempts used, and that there was one.
void add(management::Totals& totals, const AttemptSummary& attempt);
void add(management::Totals& sum, const management::Totals& more);

/// The relay's own id of the request with this number.
std::string request_id_text(std::uint64_t number);
/// The number of the request with this id; 0 for what is none.
std::uint64_t number_of(std::string_view id);
/// Whether a request ended badly: see management::Totals::failed.
bool has_failed(const RequestSummary& summary);
/// Whether an attempt did, for whatever reason but the request's own or that nobody wanted it.
bool has_failed(Outcome outcome);

}  // namespace ccrelay::worker
