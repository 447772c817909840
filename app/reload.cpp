#include <fmt/format.h>

#include <simdjson.h>

#include <chrono>
#include <string>
#include <string_view>

#include "command_line.hpp"
#include "commands.hpp"
#include "http_get.hpp"
#include "printable.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds reload_patience{15};
constexpr std::size_t line_bytes_max = 2000;

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

int tell(const HttpAnswer& answer, const std::string& place) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(answer.body).get(root)) {
    return complain(fmt::format("{}: it answered {}", place, answer.status));
  }
  if (answer.status == 200) {
    std::string_view file;
    if (root["configuration"].get(file)) file = {};
    fmt::print("{} was read again\n",
               file.empty() ? "the built-in configuration" : printable(file, line_bytes_max));
    const auto changed =
        each_of(root, "changed", [](const std::string& line) { fmt::print("  {}\n", line); });
    if (changed == 0) fmt::print("  nothing in it has changed\n");
    each_of(root, "needs_restart",
            [](const std::string& key) { fmt::print("needs a restart: {}\n", key); });
    return 0;
  }
  const auto mistakes = each_of(root, "mistakes", [](const std::string& line) { complain(line); });
  if (mistakes > 0) return complain("the old configuration stays in use");
  std::string_view message;
  if (root["error"]["message"].get(message)) message = {};
  return complain(fmt::format("{}: it answered {}: {}", place, answer.status,
                              printable(message, line_bytes_max)));
}

}  // namespace

int reload(const AskedRelay& asked) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
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
