// Any text is a configuration or is refused with words; one that is taken can be shown.
#include <ccrelay/config_load.hpp>

#include "config/document.hpp"
#include "fuzz/input.hpp"

using namespace ccrelay;

namespace {

std::optional<std::string> variable(std::string_view name) {
  if (name == "KEY") return "sk-never-to-be-shown";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::Input(data, size).rest();
  // Which would read whatever is named, and wait where that is a device.
  if (text.find("file:") != std::string_view::npos) return 0;
  const Result<Config> config = parse_config(text, "fuzz.toml", variable);
  if (!config) {
    FUZZ_CHECK(!config.error().message.empty());
    return 0;
  }
  FUZZ_CHECK(validate(*config));
  const std::string shown = show_config(*config);
  FUZZ_CHECK(config::parse_document(shown).mistakes.empty());
  return 0;
}
