#include "config_client.hpp"

#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "claude_settings.hpp"
#include "command_line.hpp"
#include "commands.hpp"
#include "own_login.hpp"
#include "relay_contact.hpp"

namespace ccrelay::app {
namespace {

constexpr std::chrono::seconds meeting_patience{5};

// Whether all that can't be read are the providers' own settings, such as keys that only the
// relay's environment has.
bool tells_enough(const LenientConfig& settings) {
  const auto lines = std::count(settings.mistakes.begin(), settings.mistakes.end(), '\n') + 1;
  return settings.mistakes.empty() ||
         (static_cast<std::size_t>(lines) == settings.unreadable.size() &&
          std::all_of(settings.unreadable.begin(), settings.unreadable.end(),
                      [](const std::string& path) { return path.rfind("providers[", 0) == 0; }));
}

void note_own_login(const ConfiguredClient& client) {
  say(fmt::format("cc-relay: note: no provider of this configuration has a key, {}\n",
                  client.login_note));
}

// What the relay says to the token that was written, if one answers; else what the configuration
// tells.
void check_token(const ConfiguredClient& client, const RelayContact& contact, bool answers) {
  if (!answers) {
    if (!contact.named && needs_own_login(contact.settings.config)) note_own_login(client);
    return;
  }
  const Result<bool> own_login = needs_own_login(contact);
  if (!own_login) {
    say_warning(own_login.error().message);
  } else if (*own_login) {
    note_own_login(client);
  }
}

// Nobody may be there yet; whoever is, must be the relay.
Result<bool> somebody_answers(const RelayContact& contact) {
  const Result<Meeting> meeting = meet(contact, meeting_patience);
  if (meeting && !meeting->trusted()) return not_trusted(contact, *meeting);
  if (meeting || tells_enough(contact.settings)) return meeting.has_value();
  if (contact.named) return false;
  return Error{ErrorCode::config, contact.settings.mistakes};
}

// The mode of a file that others may read; 0 when they may not, or it is not there.
mode_t open_mode(const std::string& file) {
  struct stat info {};
  const bool open = ::stat(file.c_str(), &info) == 0 && (info.st_mode & 077) != 0;
  return open ? info.st_mode & 07777 : 0;
}

Result<WantedRelay> wanted_relay(const RelayContact& contact, bool own_login) {
  const Result<std::string> url = local_url(contact.place);
  if (!url) return url.error();
  WantedRelay wanted{*url, "", contact.place.tls.cert_file,
                     !contact.named || is_loopback(host_and_port(*url).host)};
  if (own_login) return wanted;
  if (contact.token_unknown) {
    return Error{ErrorCode::config,
                 "the relay's token can't be read here; give it with --token-file FILE:\n" +
                     contact.settings.mistakes};
  }
  wanted.token = contact.token.empty() ? std::string(placeholder_token) : contact.token;
  return wanted;
}

bool holds_token(const ConfiguredClient& client, const ClientFile& file) {
  return std::any_of(file.values.begin(), file.values.end(),
                     [&](const SettingsValue& each) { return each.name == client.token_name; });
}

void print_change(const ConfiguredClient& client, const ClientFile& file, bool changed,
                  mode_t before) {
  fmt::print("{} {}\n", file.file.path,
             changed ? fmt::format("now points {} at the relay:", client.name) : "is as wanted:");
  for (const SettingsValue& each : file.values) {
    const std::string name = std::string(file.file.format->prefix) + each.name;
    if (each.name == client.token_name) {
      fmt::print("  {} is set\n", name);
    } else {
      fmt::print("  {} = {}\n", name, each.value);
    }
  }
  if (before != 0) {
    fmt::print("  its mode is 0600 now instead of {:04o}, because the relay's token is in it\n",
               static_cast<unsigned>(before));
  }
}

// Of one file after the other; when one can't be, the ones before it are as they were.
Result<bool> put_into_all(const ConfiguredClient& client, const std::vector<ClientFile>& files,
                          bool secret) {
  for (const ClientFile& each : files) {
    if (auto fit = check_settings(each.file, each.values); !fit) return fit.error();
  }
  std::vector<const ClientFile*> done;
  std::vector<mode_t> before;
  for (const ClientFile& each : files) {
    const bool closes = secret && holds_token(client, each);
    before.push_back(closes ? open_mode(each.file.path) : 0);
    const Result<bool> changed = put_into_settings(each.file, each.values, closes);
    if (!changed) {
      for (const ClientFile* earlier : done) (void)take_out_of_settings(earlier->file);
      return changed.error();
    }
    if (*changed) done.push_back(&each);
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool changed = std::find(done.begin(), done.end(), &files[i]) != done.end();
    print_change(client, files[i], changed, before[i]);
  }
  return !done.empty();
}

void print_names(std::string_view what, std::string_view prefix,
                 const std::vector<std::string>& names) {
  for (const std::string& name : names) fmt::print("  {} {}{}\n", what, prefix, name);
}

}  // namespace

int config_client_init(const ConfiguredClient& client, const AskedRelay& asked, bool own_login) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  // What can't be configured is said before anybody is asked.
  if (const auto url = local_url(contact->place); !url) return complain(url.error().message);
  if (const auto files = client.files({}); !files) return complain(files.error().message);
  const Result<bool> answers = somebody_answers(*contact);
  if (!answers) return complain(answers.error().message);

  const Result<WantedRelay> wanted = wanted_relay(*contact, own_login);
  if (!wanted) return complain(wanted.error().message);
  const Result<std::vector<ClientFile>> files = client.files(*wanted);
  if (!files) return complain(files.error().message);
  const Result<bool> changed = put_into_all(client, *files, !own_login && !contact->token.empty());
  if (!changed) return complain(changed.error().message);

  if (*changed) fmt::print("Take it back with: cc-relay config {} remove\n", client.word);
  if (!own_login) check_token(client, *contact, *answers);
  client.warn(*wanted);
  return 0;
}

int config_client_remove(const ConfiguredClient& client) {
  const Result<std::vector<ClientFile>> files = client.files({});
  if (!files) return complain(files.error().message);
  int code = 0;
  for (const ClientFile& each : *files) {
    const std::string& path = each.file.path;
    const Result<RestoredSettings> restored = take_out_of_settings(each.file);
    if (!restored) {  // the others are taken back all the same
      code = complain(restored.error().message);
      continue;
    }
    if (restored->removed.empty() && restored->restored.empty() && restored->left.empty()) {
      fmt::print("{} holds nothing that cc-relay put there\n", path);
      continue;
    }
    if (client.removed != nullptr) client.removed(*restored);
    const std::string_view prefix = each.file.format->prefix;
    fmt::print("{}{}\n", path, restored->empty ? " is deleted, as nothing else was in it:" : ":");
    print_names("removed", prefix, restored->removed);
    print_names("restored the earlier value of", prefix, restored->restored);
    print_names("left, because it was changed since:", prefix, restored->left);
  }
  return code;
}

Error no_settings_folder(std::string_view name, std::string_view variable) {
  return {ErrorCode::config,
          fmt::format("cannot find {}'s settings: neither HOME nor {} is set", name, variable)};
}

void warn_of_proxy(std::string_view name, const WantedRelay& relay, const std::string& proxy,
                   const std::string& none) {
  const std::string host = host_and_port(relay.url).host;
  if (!relay.direct || proxy.empty() || none.find(host) != std::string::npos ||
      none.find('*') != std::string::npos) {
    return;
  }
  say_warning(fmt::format("HTTP_PROXY is set, and {} asks it for {} too; add {} to NO_PROXY", name,
                          relay.url, host));
}

void warn_of_proxy(std::string_view name, const WantedRelay& relay) {
  const Environment env = process_environment();
  const auto both = [&env](const char* upper, const char* lower) {
    return env(upper).value_or("") + "," + env(lower).value_or("");
  };
  const std::string proxy = both("HTTP_PROXY", "http_proxy");
  warn_of_proxy(name, relay, proxy == "," ? "" : proxy, both("NO_PROXY", "no_proxy"));
}

CLI::App* add_config_client(CLI::App& config, CommandLine& line, const ConfiguredClient& client,
                            const std::string& sets, std::function<int()> run) {
  const std::string call = fmt::format("  cc-relay config {}", client.word);
  CLI::App* group = add_group(config, std::string(client.word),
                              fmt::format("Point {} at the relay, or back", client.name),
                              fmt::format("{} init\n{} remove", call, call));
  CLI::App* init = add_command(
      *group, "init", sets,
      fmt::format("{} init\n{} init --url https://relay.example --token-file ~/relay-token", call,
                  call),
      line, std::move(run));
  add_command(*group, "remove", "Take back what init set, and nothing else", call + " remove", line,
              [&client] { return config_client_remove(client); });
  return init;
}

}  // namespace ccrelay::app
