#include <algorithm>
#include <string>
#include <vector>

#include "config_check.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* valid = "config.valid";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

void check_config_file(const Facts& facts, Findings& out) {
  if (!facts.not_found.empty()) {
    const auto [message, advice] = halves(facts.not_found);
    out.error(
        "config.found", "", message,
        advice.empty() ? "name a file that is there, or make one: cc-relay config init" : advice);
    out.skipped(valid, "", "there is no configuration");
    return;
  }
  out.ok("config.found", "", facts.path.empty() ? "none; what is built in is used" : facts.path);
  for (const std::string& mistake : lines_of(facts.mistakes)) {
    const auto [message, advice] = halves(mistake);
    out.error(valid, "", message, advice.empty() ? "correct it in the file" : advice);
  }
  if (!facts.mistakes.empty()) return;
  std::vector<std::string> warnings = facts.unset;
  for (std::string& one : warnings_of(facts.config)) warnings.push_back(std::move(one));
  for (std::string& one : missing_for_providers(facts.config)) warnings.push_back(std::move(one));
  for (const std::string& warning : warnings) {
    const auto [message, advice] = halves(warning);
    out.warning(valid, "", message, advice.empty() ? "look whether it is meant so" : advice);
  }
  if (warnings.empty()) out.ok(valid, "", "no mistakes");
}

}  // namespace ccrelay::app::checks
