#include "load_options.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench {
namespace {

[[noreturn]] void usage() {
  std::fputs(
      "usage: bench_load unary   PORT [OPTION…]   a closed loop of requests on each connection\n"
      "       bench_load paced   PORT [OPTION…]   rate=N of them a second\n"
      "       bench_load streams PORT [OPTION…]   streams, events are counted\n"
      "       bench_load hold    PORT [OPTION…]   silent streams, until standard input ends\n"
      "options: connections=N streams=N (on each) seconds=N requests=N (or fewer) rate=N "
      "body=BYTES\n"
      "         tls=1 h2=1\n"
      "         mode=flood, mode=MICROSECONDS between a stream's events (the streams out of "
      "step),\n"
      "         or mode=MICROSECONDS-in-step; with `unary` and `paced` mode=whole\n"
      "         dialect=anthropic or dialect=chat\n"
      "         at-once=1 opens all connections at once instead of 64 at a time\n",
      stderr);
  std::exit(2);
}

Work work_of(std::string_view name) {
  if (name == "unary") return Work::unary;
  if (name == "paced") return Work::paced;
  if (name == "streams") return Work::streams;
  if (name == "hold") return Work::hold;
  usage();
}

}  // namespace

LoadOptions load_options(int argc, char** argv) {
  if (argc < 3) usage();
  LoadOptions options;
  options.work = work_of(argv[1]);
  options.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  if (options.work == Work::hold) options.mode = "held";
  if (options.work == Work::streams) options.mode = "5000";
  for (int i = 3; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    if (equals == argument.npos) usage();
    const std::string_view name = argument.substr(0, equals);
    const char* value = argv[i] + equals + 1;
    const auto count = static_cast<std::size_t>(std::strtoull(value, nullptr, 10));
    if (name == "connections") {
      options.connections = count;
    } else if (name == "streams") {
      options.streams = count;
    } else if (name == "seconds") {
      options.seconds = std::atof(value);
    } else if (name == "requests") {
      options.requests = count;
    } else if (name == "rate") {
      options.rate = std::atof(value);
    } else if (name == "body") {
      options.body_bytes = count;
    } else if (name == "mode") {
      options.mode = value;
    } else if (name == "dialect") {
      if (value != std::string_view("anthropic") && value != std::string_view("chat")) usage();
      options.dialect = *value == 'c' ? Dialect::chat : Dialect::anthropic;
    } else if (name == "tls") {
      options.tls = count != 0;
    } else if (name == "h2") {
      options.h2 = count != 0;
    } else if (name == "at-once") {
      options.at_once = count != 0;
    } else {
      usage();
    }
  }
  return options;
}

}  // namespace bench
