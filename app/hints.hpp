#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace ccrelay::app {

/// Where the command stands: behind the options with a value that may stand before it. The number
/// of words when there is none.
std::size_t command_place(const std::vector<std::string>& words);

/// Whether the command is `help`, and not asked about itself by an option.
bool asks_for_help(const std::vector<std::string>& words);

/// What people type before they have read anything, as what they mean: `help`, `help serve` and a
/// command that needs another one (`config`) ask for help; `-h` and `--help` work without it.
/// Nothing is changed behind `claude`, whose words are another program's.
std::vector<std::string> with_help(std::vector<std::string> words);

/// What to say of `word`, which no command and no option knows: the way to do what it means where
/// that is known, else the nearest word that there is. Begins with the word, has no newline at its
/// end. `words` is the whole command line.
std::string about_unknown(const CLI::App& app, std::string_view word,
                          const std::vector<std::string>& words);

}  // namespace ccrelay::app
