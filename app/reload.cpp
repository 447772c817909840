#include <fmt/format.h>

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "http_get.hpp"
#include "managed_relay.hpp"
#include "printable.hpp"
#include "relay_contact.hpp"
#include "top/json_object.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds reload_patience{15};
constexpr std::size_t line_bytes_max = 2000;
// Of what has changed; the relay's port tells no more either.
constexpr std::size_t changes_told_max = 50;

template <class Print>
std::size_t each_of(simdjson::dom::element from, std::string_view name, Print print) {
  std::size_t count = 0;
  simdjson::dom::array texts;
  if (from[name].get(texts)) return 0;
  for (const simdjson::dom::element text : texts) {
    std::string_view line;
    if (text.get(line)) continue;
    print(printable(line, line_bytes_max));
    ++count;
  }
  return count;
}

/// What has come of it, whichever way it was asked for.
struct Outcome {
  std::string file;  // empty: built in
  std::vector<std::string> changed;
  std::vector<std::string> needs_restart;
};

int print_outcome(const Outcome& outcome) {
  fmt::print("{} was read again\n", outcome.file.empty() ? "the built-in configuration"
                                                         : printable(outcome.file, line_bytes_max));
  for (const std::string& line : outcome.changed) fmt::print("  {}\n", line);
  if (outcome.changed.empty()) fmt::print("  nothing in it has changed\n");
  for (const std::string& key : outcome.needs_restart) fmt::print("needs a restart: {}\n", key);
  return 0;
}

int tell(const HttpAnswer& answer, const std::string& place) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer.body).get(root)) {
    return complain(fmt::format("{}: it answered {}", place, answer.status));
  }
  if (answer.status == 200) {
    std::string_view file;
    if (root["configuration"].get(file)) file = {};
    Outcome out{std::string(file), {}, {}};
    const auto into = [](std::vector<std::string>& list) {
      return [&list](const std::string& line) { list.push_back(line); };
    };
    each_of(root, "changed", into(out.changed));
    each_of(root, "needs_restart", into(out.needs_restart));
    return print_outcome(out);
  }
  const auto mistakes = each_of(root, "mistakes", [](const std::string& line) { complain(line); });
  if (mistakes > 0) return complain("the old configuration stays in use");
  std::string_view message;
  if (root["error"]["message"].get(message)) message = {};
  return complain(fmt::format("{}: it answered {}: {}", place, answer.status,
                              printable(message, line_bytes_max)));
}

// `routing.strategy: failover → round_robin`, as the relay's port has it.
std::vector<std::string> changes_in(const std::vector<top::JsonObject>& changes) {
  std::vector<std::string> out;
  for (const top::JsonObject& each : changes) {
    if (out.size() == changes_told_max) {
      out.push_back(fmt::format("{} more", changes.size() - changes_told_max));
      break;
    }
    const std::string words = each.text("words");
    out.push_back(printable(words.empty() ? each.text("path") : each.text("path") + ": " + words,
                            line_bytes_max));
  }
  return out;
}

// Told among the warnings, of everything that differs from what the relay was started with.
std::vector<std::string> restarts_in(const std::vector<top::JsonObject>& diagnostics) {
  constexpr std::string_view end = "in force after a restart";
  std::vector<std::string> out;
  for (const top::JsonObject& each : diagnostics) {
    const std::string path = each.text("path");
    const std::string message = each.text("message");
    const bool is_one = !path.empty() && message.size() > end.size() &&
                        message.compare(message.size() - end.size(), end.size(), end) == 0;
    if (is_one) out.push_back(printable(path, line_bytes_max));
  }
  return out;
}

// Lines that were refused, and that the old one stays.
int tell_mistakes(const std::string& lines) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    complain(printable(lines.substr(at, end - at), line_bytes_max));
    at = end + 1;
  }
  return complain("the old configuration stays in use");
}

int tell_managed(const ManagedRelay& relay, const top::Reply& reply) {
  simdjson::dom::parser parser;
  const top::JsonObject told = top::parse(parser, reply.body);
  if (reply.ok()) {
    return print_outcome({relay.info().config_source, changes_in(told.list("changes")),
                          restarts_in(told.list("diagnostics"))});
  }
  const top::JsonObject error = told.object("error");
  if (!error.list("diagnostics").empty()) return tell_mistakes(error.text("message"));
  if (reply.status == 0) return complain(relay.name() + ": " + printable(reply.failure));
  return complain(fmt::format("{}: it answered {}: {}", relay.name(), reply.status,
                              printable(error.text("message"), line_bytes_max)));
}

// While one that somebody else has asked for runs, it may have read what was there before.
top::Reply reload_by_management(ManagedRelay& relay) {
  const auto end = std::chrono::steady_clock::now() + reload_patience;
  for (;;) {
    top::Reply reply = relay.post("/config:reload");
    simdjson::dom::parser parser;
    const bool is_busy = top::parse(parser, reply.body).object("error").text("code") == "ABORTED";
    if (!is_busy || std::chrono::steady_clock::now() > end) return reply;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

}  // namespace

int reload(const AskedRelay& asked) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  if (auto managed = ManagedRelay::find(*contact, reload_patience)) {
    return tell_managed(*managed, reload_by_management(*managed));
  }
  const std::string& place = contact->place.name();
  const Result<Meeting> meeting = meet(*contact, reload_patience);
  if (!meeting) return complain("no relay answers: " + meeting.error().message);
  // The relay's key is for one that has shown who it is; who asks for none may be told to reload.
  const bool may_ask =
      meeting->trusted() || (meeting->standing == Standing::unproven && contact->token.empty());
  if (!may_ask) return complain(not_trusted(*contact, *meeting).message);
  const Result<HttpAnswer> answer = http_post(contact->place, "/-/reload", "x-cc-relay-reload: 1",
                                              reload_patience, contact->token);
  if (!answer) return complain(answer.error().message);
  return tell(*answer, place);
}

void add_reload(CLI::App& app, CommandLine& line) {
  add_command(app, "reload", "Have the running relay read its configuration again",
              "  cc-relay reload\n"
              "  cc-relay reload --config /etc/cc-relay/config.toml\n"
              "Says what has changed. Exit code: 0 it is in force, 1 it has a mistake (the old one "
              "stays),\n"
              "or no relay runs, 2 wrong usage.",
              line, [&line] { return reload(line.asked); });
}

}  // namespace ccrelay::app
