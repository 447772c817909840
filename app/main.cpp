#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <string_view>

#include "command_line.hpp"
#include "commands.hpp"

namespace ccrelay::app {

void say(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void say_warning(std::string_view message) {
  say(fmt::format("cc-relay: warning: {}\n", message));
}

int complain(std::string_view message) {
  say(fmt::format("cc-relay: {}\n", message));
  return 1;
}

namespace {

// A descriptor 0 to 2 that came closed would be given to the next file or connection.
void open_standard_streams() {
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace
}  // namespace ccrelay::app

int main(int count, char** words) {
  ccrelay::app::open_standard_streams();
  try {
    return ccrelay::app::run_command_line({words + 1, words + count});
  } catch (const std::exception& error) {
    // {fmt} throws when a long result does not get out; what it says names no file.
    if (std::ferror(stdout) != 0) return ccrelay::app::complain(ccrelay::app::result_not_written);
    return ccrelay::app::complain(error.what());
  }
}
