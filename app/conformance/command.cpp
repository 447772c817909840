#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "check.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "printable.hpp"

namespace ccrelay::app {
namespace contract {
namespace {

struct Words {
  ConformanceOptions options;
  std::string only;
  std::string skip;
};

int wrong(std::string_view message) {
  complain(message);
  return usage_error;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_known(const std::string& id) {
  const std::vector<Check>& all = all_checks();
  return std::any_of(all.begin(), all.end(), [&id](const Check& each) { return each.id == id; });
}

std::string known_ids() {
  std::string out;
  for (const Check& each : all_checks()) out += (out.empty() ? "" : ", ") + std::string(each.id);
  return out;
}

int run_as_said(Words& words) {
  ConformanceOptions& options = words.options;
  if (options.self && options.live)
    return wrong("--self has the scripted provider behind it, --live has none: not both");
  if (options.url.empty() && !options.self)
    return wrong("the gateway's URL is needed, such as http://127.0.0.1:8787, or --self");
  if (!options.url.empty() && options.self)
    return wrong("--self starts a relay of its own: leave the URL out");
  if (!words.only.empty()) options.only = split(words.only);
  if (!words.skip.empty()) options.skip = split(words.skip);
  for (const auto* ids : {&options.only, &options.skip}) {
    for (const std::string& id : *ids) {
      if (!is_known(id))
        return wrong(fmt::format("{} is no check; there are {}", printable(id), known_ids()));
    }
  }
  return conformance(options);
}

}  // namespace
}  // namespace contract

void add_conformance(CLI::App& app, CommandLine& line) {
  const auto words = std::make_shared<contract::Words>();
  ConformanceOptions& options = words->options;
  CLI::App* command = add_command(
      app, "conformance", "Check what a gateway does to the requests and answers of its clients",
      "  cc-relay conformance --self\n"
      "  cc-relay conformance http://127.0.0.1:4000 --upstream 127.0.0.1:9000 --key \"$KEY\"\n"
      "  cc-relay conformance http://127.0.0.1:4000 --only stream.bytes,body.bytes\n"
      "  cc-relay conformance --self --format responses\n"
      "  cc-relay conformance https://gateway.example --live --key \"$KEY\" --json\n"
      "The gateway has to forward to the scripted provider at --upstream, with the credential\n"
      "conformance-upstream-key. What a check is about is told in docs/cli.md.\n"
      "Exit code: 0 no MUST fails, 1 one does, 2 the gateway can't be judged, or wrong usage.",
      line, [words] { return contract::run_as_said(*words); });
  add_text(*command, "url", options.url, "The gateway; of Claude Code it is ANTHROPIC_BASE_URL",
           "URL");
  add_flag(*command, "--self", options.self, "Check this relay, which is started for it");
  add_text(*command, "--upstream", options.upstream,
           "Where the scripted provider listens; default 127.0.0.1:0, any free port", "ADDRESS");
  add_text(*command, "--key", options.key, "The credential that opens the gateway", "KEY");
  add_text(*command, "--budget-key", options.budget_key,
           "That of a client whose budget is used up, for budget.shape and budget.wait", "KEY");
  add_text(*command, "--model", options.model,
           "The model to ask for; default claude-sonnet-5-5, gpt-5.6 or gemini-3.8-flash", "MODEL");
  add_choice(*command, "--format", options.format, "How the client speaks; default messages",
             "FORMAT", {"messages", "bedrock", "vertex", "chat", "responses", "gemini"});
  add_text(*command, "--only", words->only, "These checks alone", "ID,...");
  add_text(*command, "--skip", words->skip, "All checks but these", "ID,...");
  add_flag(*command, "--slow", options.slow, "Also what takes half a minute");
  add_flag(*command, "--live", options.live,
           "Real providers are behind it: only what needs no script");
  add_flag(*command, "--json", options.json, "One line of JSON");
  add_text(*command, "--junit", options.junit, "Write the results for CI there as well", "FILE");
}

}  // namespace ccrelay::app
