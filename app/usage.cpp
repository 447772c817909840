#include <ccrelay/config_load.hpp>
#include <ccrelay/ledger.hpp>
#include <ccrelay/usage_table.hpp>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "managed_relay.hpp"
#include "printable.hpp"
#include "usage_print.hpp"
#include "usage_relay.hpp"
#include "usage_when.hpp"

namespace ccrelay::app {
namespace {

constexpr int exit_refused = 2;
constexpr std::size_t bars_width_min = 80;
constexpr int default_days = 30;
constexpr std::size_t path_bytes_max = 4096;
constexpr int default_months = 12;
// For a relay to say who it is: one that runs does so at once, if its machine lets it.
constexpr std::chrono::seconds keeper_patience{5};
// Of the ledger's sums; the relay reads for five seconds at most.
constexpr std::chrono::seconds sums_patience{8};

int refuse_usage(std::string_view message) {
  complain(message);
  return exit_refused;
}

// The command line was checked: they are there.
std::vector<UsageKey> usage_keys_of(const std::string& by) {
  std::vector<UsageKey> keys;
  for (std::size_t at = 0; at <= by.size();) {
    const std::size_t end = std::min(by.find(',', at), by.size());
    const auto found = std::find(usage_key_names.begin(), usage_key_names.end(),
                                 std::string_view(by).substr(at, end - at));
    keys.push_back(static_cast<UsageKey>(found - usage_key_names.begin()));
    at = end + 1;
  }
  return keys;
}

bool is_of_time(UsageKey key) {
  return key == UsageKey::hour || key == UsageKey::day || key == UsageKey::week ||
         key == UsageKey::month || key == UsageKey::request;
}

UsageOrder order_of(const UsageOptions& options, UsageKey first) {
  if (options.sort == "cost") return UsageOrder::cost;
  if (options.sort == "tokens") return UsageOrder::tokens;
  if (options.sort == "requests") return UsageOrder::requests;
  if (options.sort == "name") return UsageOrder::name;
  if (options.sort == "time") return UsageOrder::time;
  return is_of_time(first) ? UsageOrder::time : UsageOrder::cost;
}

WallTime default_since(const UsageQuery& query, WallTime now) {
  return query.by.front() == UsageKey::month ? month_begin(query.zone, now, 1 - default_months)
                                             : query.zone.day_begin(now, 1 - default_days);
}

/// Since and until; what is wrong with them.
std::optional<Error> set_times(const UsageOptions& options, WallTime now, UsageQuery& query) {
  query.since = default_since(query, now);
  query.until = WallTime::max();
  if (!options.since.empty()) {
    const auto since = parse_when(options.since, WhenEnd::begin, query.zone, now);
    if (!since) return Error{ErrorCode::config, "--since: " + since.error().message};
    query.since = *since;
  }
  if (!options.until.empty()) {
    const auto until = parse_when(options.until, WhenEnd::end, query.zone, now);
    if (!until) return Error{ErrorCode::config, "--until: " + until.error().message};
    query.until = *until;
  }
  if (query.since >= query.until) {
    return Error{ErrorCode::config, "--until must be later than --since"};
  }
  return std::nullopt;
}

bool utf8_locale() {
  const Environment env = process_environment();
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string value = env(name).value_or("");
    if (value.empty()) continue;  // the first that is set counts
    std::transform(value.begin(), value.end(), value.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

UsagePage page_for_stdout(bool full, WallTime now) {
  UsagePage page;
  page.full = full;
  page.now = now;
  if (::isatty(STDOUT_FILENO) != 1) return page;
  page.utf8 = utf8_locale();
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) page.width = size.ws_col;
  page.bars = page.width >= bars_width_min;
  return page;
}

// What may not be looked at is not told as missing.
bool ledger_is_there(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/// The configuration as far as it can be read: variables that only the relay's environment has are
/// no obstacle.
Result<Config> config_of_ledger(const UsageOptions& options, const Environment& env) {
  const Result<std::string> path = find_config(options.config, env);
  if (!path) return path.error();
  if (path->empty()) return default_config(env);
  const Result<LenientConfig> read = load_config_leniently(*path, env);
  if (!read) return read.error();
  if (options.file.empty() && read->unreadable.count("ledger.path") != 0) {
    return Error{ErrorCode::config,
                 "ledger.path can't be read; name the file by --file\n" + read->mistakes};
  }
  return read->config;
}

/// Those that a relay with this configuration has in force.
std::unique_ptr<UsagePrices> prices_of(const Config& config) {
  return make_usage_prices({config.prices, config.pricing.file_prices, shipped_prices()},
                           priced_providers(config));
}

// Of the relay of this configuration, where one runs that has a ledger and says so to this user.
// One that hangs is done without: the file tells as much, if it is where the configuration says.
std::optional<ManagedRelay> keeper_of_ledger(const UsageOptions& options) {
  if (!options.file.empty()) return {};
  const Result<RelayContact> contact = find_relay({options.config, {}, {}});
  if (!contact) return {};
  std::string silent;
  auto relay = ManagedRelay::find(*contact, keeper_patience, &silent);
  if (!relay && !silent.empty()) {
    say_warning(
        fmt::format("the relay does not answer at {}; this is what the ledger's file says "
                    "where the configuration has it",
                    printable(silent, path_bytes_max)));
  }
  if (!relay || relay->info().ledger_path.empty()) return {};
  relay->set_patience(sums_patience);
  return relay;
}

// The file tells more than its relay does; where this user can't read it, the relay does.
Result<UsageTable> usage_table(const std::string& path, const UsageQuery& query,
                               std::optional<ManagedRelay>& keeper, WallTime now) {
  const bool may_read = !keeper || ::access(path.c_str(), R_OK) == 0;
  Result<UsageTable> of_file =
      may_read ? read_usage(path, query)
               : Error{ErrorCode::config, path + ": " + std::generic_category().message(errno)};
  if (of_file || !keeper) return of_file;
  Result<UsageTable> told = usage_of_relay(*keeper, query, now);
  if (told) return told;
  return Error{told.error().code, of_file.error().message + "; " + told.error().message};
}

int print_usage(const UsageOptions& options, const Result<UsageTable>& table,
                const UsageQuery& query, WallTime now) {
  if (!table) return complain(printable(table.error().message, path_bytes_max));
  if (options.json) {
    fmt::print("{}", usage_json(*table, query));
  } else if (options.csv) {
    fmt::print("{}", usage_csv(*table, query));
  } else {
    fmt::print("{}", usage_text(*table, query, page_for_stdout(options.full, now)));
  }
  return 0;
}

}  // namespace

int usage(const UsageOptions& options) {
  const WallTime now = Clock::system().wall();
  const Environment env = process_environment();
  const Result<Config> config = config_of_ledger(options, env);
  if (!config) return complain(config.error().message);
  UsageQuery query;
  query.by = usage_keys_of(options.by.empty() ? "day" : options.by);
  const bool utc = config->ledger.timezone == DayZone::utc;
  const Result<TimeZone> zone = TimeZone::find(!options.timezone.empty() ? options.timezone
                                               : utc                     ? "UTC"
                                                                         : "local");
  if (!zone) return refuse_usage("--timezone: " + zone.error().message);
  query.zone = *zone;
  if (const auto wrong = set_times(options, now, query)) return refuse_usage(wrong->message);
  query.client = options.client;
  query.provider = options.provider;
  query.model = options.model;
  query.session = options.session;
  query.order = order_of(options, query.by.front());
  query.limit = options.limit;
  const auto prices = prices_of(*config);
  query.prices = prices.get();
  query.reprice = options.reprice;

  auto keeper = keeper_of_ledger(options);
  const std::string path = !options.file.empty() ? options.file
                           : keeper              ? keeper->info().ledger_path
                                                 : ledger_path(config->ledger, env);
  if (path.empty()) return complain("neither $XDG_STATE_HOME nor $HOME is set; name it by --file");
  if (has_ledger() && !keeper && !ledger_is_there(path)) {
    return complain(
        fmt::format("there is no ledger yet: {} is not there; a relay that keeps one "
                    "makes it, and --file names another",
                    printable(path, path_bytes_max)));
  }
  return print_usage(options, usage_table(path, query, keeper, now), query, now);
}

void add_usage(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<UsageOptions>();
  CLI::App* command =
      add_command(app, "usage", "Tell what requests used and cost, from the ledger",
                  "  cc-relay usage\n"
                  "  cc-relay usage --by model --since this-month\n"
                  "  cc-relay usage --by day,client --since 7d --json\n"
                  "Times: 2026-11-29, 2026-11, 2026-11-29T12:00:00Z, 12h, 7d, 4w, today, "
                  "yesterday,\n"
                  "this-week, this-month, last-month.\n"
                  "Exit code: 0 told, 1 there is no ledger or it can't be read, 2 wrong usage.",
                  line, [&line, options] {
                    options->config = line.asked.config;
                    return usage(*options);
                  });
  add_choices(*command, "--by", options->by,
              "One or two keys, with a comma between them; default day", "KEY",
              {usage_key_names.begin(), usage_key_names.end()});
  add_text(*command, "--since", options->since, "From then on; default 30d, of months 12", "WHEN");
  add_text(*command, "--until", options->until, "Up to then; a date means the end of it", "WHEN");
  add_text(*command, "--client", options->client, "Only this client's", "NAME");
  add_text(*command, "--provider", options->provider, "Only at this provider", "NAME");
  add_text(*command, "--model", options->model, "Only of this model as it was sent; * for anything",
           "GLOB");
  add_text(*command, "--session", options->session, "Only of this session", "ID");
  add_choice(*command, "--sort", options->sort, "The order of rows; default: time, of names cost",
             "ORDER", {"cost", "tokens", "requests", "name", "time"});
  add_number(*command, "--limit", options->limit, "At most so many rows", "N", 1, 1'000'000);
  add_text(*command, "--timezone", options->timezone,
           "Europe/Berlin, local or UTC; default: the ledger's", "ZONE");
  add_text(*command, "--file", options->file, "This ledger instead of the relay's", "PATH");
  add_flag(*command, "--reprice", options->reprice,
           "Costs by today's prices, not those of then; what a provider told is kept");
  add_flag(*command, "--full", options->full, "All digits");
  CLI::Option* json = add_flag(*command, "--json", options->json, "One line of JSON");
  exclude(*add_flag(*command, "--csv", options->csv, "Comma-separated values"), *json);
}

}  // namespace ccrelay::app
