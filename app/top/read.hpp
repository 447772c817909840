#pragma once

#include <string>
#include <string_view>

#include "model.hpp"

namespace ccrelay::app::top {

// Each reads one answer of the API into the model, in place of what was there. False: it is none.

bool read_info(std::string_view body, Info& into);
/// Of GetStatus and of each message of WatchStatus. Takes the new seconds into the history, and the
/// CPU between two looks.
bool read_status(std::string_view body, Model& model);
/// Lists come in pages; `more` is the token of the next, empty behind the last.
bool read_providers(std::string_view body, std::vector<Provider>& append, std::string& more);
bool read_keys(std::string_view body, std::vector<Key>& append, std::string& more);
bool read_clients(std::string_view body, std::vector<Client>& append, std::string& more);
bool read_requests(std::string_view body, std::vector<Request>& append, std::string& more);
bool read_request(std::string_view body, Request& into);
/// One message of WatchRequests: what runs, what has ended, and what went wrong.
bool read_request_event(std::string_view message, Model& model);
/// One message of WatchLogs.
bool read_log_event(std::string_view message, Model& model);
bool read_log_level(std::string_view body, Model& model);
/// What the providers tell of their last errors, where it was not seen as it happened.
void take_last_errors(Model& model);

/// What an action's answer says: whether anything changed, and what it warns of.
struct ActionAnswer {
  bool changed = true;
  std::vector<std::string> warnings;
};
ActionAnswer read_action(std::string_view body);
/// `error.message` of an answer that is none; its diagnostics behind it. Empty without one.
std::string read_error(std::string_view body);

/// The members of an answer as they are, for --json: what stands in `member` of it, or `null`.
std::string raw_member(std::string_view body, std::string_view member);

constexpr std::size_t ended_requests_max = 500;
constexpr std::size_t log_lines_max = 2000;

}  // namespace ccrelay::app::top
