#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "command_line.hpp"
#include "commands.hpp"
#include "effective_config.hpp"
#include "http_get.hpp"
#include "json_splice.hpp"
#include "managed_relay.hpp"
#include "managed_report.hpp"
#include "printable.hpp"
#include "relay_contact.hpp"
#include "relay_report.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds status_patience{5};
constexpr std::size_t words_bytes_max = 2000;

/// What is known of a relay, of which not all may be.
struct Findings {
  std::string status;  // as a RelayReport's
  std::string why;
  std::string health;  // of GET /health; empty when no relay answered
  RelayReport report;

  bool serves() const { return status == "serving" || status == "degraded"; }
};

Findings not_serving(std::string why) {
  return {"not serving", std::move(why), {}, {}};
}

// A kernel takes connections for a process that has stopped or is stuck, too.
bool has_hung(const std::string& message) {
  return message.find(std::generic_category().message(ETIMEDOUT)) != std::string::npos;
}

std::string why_nobody_answers(const std::string& message) {
  if (!has_hung(message)) return "no relay answers: " + message;
  return fmt::format("{}: what listens there does not answer within {} s; it hangs or is stopped",
                     message.substr(0, message.rfind(": ")), status_patience.count());
}

// When this command may not see the providers, whether any could take a request is told all the
// same.
void ask_whether_ready(const RelayPlace& place, Findings& found) {
  const Result<HttpAnswer> ready = http_get(place, "/ready", status_patience);
  const bool well = ready && ready->status == 200;
  found.status = well ? "serving" : "not serving";
  if (!well) found.why = "no provider can take a request";
}

// A relay that stops takes no more connections of clients, one that wants their certificates none
// of this command's. Both can be looked at all the same.
std::optional<Findings> look_past_the_port(const RelayContact& contact, const Error& unmet) {
  if (has_hung(unmet.message)) return {};
  auto managed = ManagedRelay::find(contact, status_patience);
  if (!managed) return {};
  auto report = managed_report(*managed);
  if (!report) return {};
  const bool takes_others = wants_certificate(unmet);
  if (!takes_others && report->status != "not serving") return {};
  const bool stops = !takes_others || report->why.find("draining") != std::string::npos;
  Findings found{report->status, report->why, stops ? "draining" : "ok", {}};
  found.report = *std::move(report);
  return found;
}

// By its port, which tells most; where that does not let this command see, by its management.
Result<RelayReport> whole_report(const RelayContact& contact, const std::string& token) {
  auto report = relay_report(contact.place, token, status_patience);
  if (report) return report;
  auto managed = ManagedRelay::find(contact, status_patience);
  if (!managed) return report;
  auto told = managed_report(*managed);
  return told ? told : report;
}

Findings look_at(const RelayContact& contact, bool quiet) {
  const RelayPlace& place = contact.place;
  const Result<Meeting> meeting = meet(contact, status_patience);
  if (!meeting) {
    auto seen = look_past_the_port(contact, meeting.error());
    return seen ? *std::move(seen) : not_serving(why_nobody_answers(meeting.error().message));
  }
  if (meeting->standing == Standing::stranger) {
    return not_serving(not_trusted(contact, *meeting).message);
  }
  const Result<std::string> health = relay_health(place, status_patience);
  if (!health) return not_serving(why_nobody_answers(health.error().message));
  Findings found;
  found.health = *health;
  // The relay's key is for one that has shown who it is.
  const std::string token = meeting->trusted() ? contact.token : std::string();
  if (auto report = whole_report(contact, token)) {
    found.report = *std::move(report);
    found.status = found.report.status;
    found.why = found.report.why;
  } else if (!quiet) {
    complain(printable(report.error().message, words_bytes_max));
  }
  if (found.health == "draining") {
    found.status = "not serving";
    found.why = "it is draining: it stops when what runs has ended";
  } else if (found.status.empty()) {
    ask_whether_ready(place, found);
  }
  return found;
}

void print_json(const Findings& found, const std::string& place) {
  const bool runs = !found.health.empty();
  fmt::print("{{\"running\":{},\"listen\":{},\"status\":{},\"why\":{}", runs, json_quoted(place),
             json_quoted(found.status), json_quoted(printable(found.why, words_bytes_max)));
  if (runs) {
    fmt::print(",\"health\":{},{}", json_quoted(printable(found.health)),
               found.report.json.empty() ? "\"providers\":null" : found.report.json);
  }
  fmt::print("}}\n");
}

void print_text(const Findings& found, const std::string& place) {
  fmt::print("{}{}{}\n", found.status, found.why.empty() ? "" : ": ",
             printable(found.why, words_bytes_max));
  if (found.health.empty()) return;
  if (found.report.about.empty()) {
    fmt::print("cc-relay on {}\n", place);
  } else {
    fmt::print("{}{}", found.report.about, found.report.table);
  }
}

}  // namespace

int status(const AskedRelay& asked, bool json, bool quiet) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  const Findings found = look_at(*contact, quiet);
  const std::string& place = contact->place.name();
  if (json) {
    print_json(found, place);
  } else if (!quiet) {
    print_text(found, place);
  }
  return found.serves() ? 0 : 1;
}

void add_status(CLI::App& app, CommandLine& line) {
  struct Options {
    bool json = false;
    bool quiet = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(
      app, "status", "Say whether the relay serves, and how its providers and keys are",
      "  cc-relay status\n  cc-relay status --json\n"
      "  cc-relay status --quiet || echo \"it does not serve\"\n"
      "Exit code: 0 it serves, 1 it does not (or none runs), 2 wrong usage.",
      line, [&line, options] { return status(line.asked, options->json, options->quiet); });
  add_flag(*command, "--json", options->json, "One line of JSON");
  add_flag(*command, "-q,--quiet", options->quiet, "Say nothing; the exit code tells");
}

}  // namespace ccrelay::app
