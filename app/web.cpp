#include <ccrelay/config_load.hpp>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "command_line.hpp"
#include "commands.hpp"
#include "files.hpp"
#include "relay_contact.hpp"
#include "relay_place.hpp"
#include "top/sockets.hpp"

extern char** environ;

namespace ccrelay::app {
namespace {

constexpr std::size_t made_token_bytes_max = 1024;

// Where the page is, of the relay that runs or of one that would.
Result<std::string> page_url(const RelayContact& contact) {
  if (contact.running && !contact.running->manage_url.empty()) return contact.running->manage_url;
  const ManageConfig& manage = contact.settings.config.manage;
  if (manage.listen.empty()) {
    return Error{ErrorCode::config,
                 fmt::format("the page is nowhere to be reached, because manage.listen is not set; "
                             "write [manage] and below it listen = \"127.0.0.1:9091\"{}, or use: "
                             "cc-relay serve --manage 127.0.0.1:9091",
                             contact.settings.config.source.empty()
                                 ? std::string(" into a configuration (cc-relay config init)")
                                 : " into " + contact.settings.config.source)};
  }
  RelayPlace place(manage.listen);
  place.tls = manage.tls;
  return local_url(place);
}

// The token that the relay has made for this user; empty where it has made none.
std::string made_token(const RelayContact& contact) {
  const std::string& listen =
      contact.running ? contact.running->addresses.front() : contact.place.listen;
  const ManagePlace place =
      manage_place(contact.settings.config.manage, listen, process_environment());
  // A relay that was killed has left both behind.
  const bool is_gone = top::look_at_socket(place.socket) == top::SocketLook::dead;
  if (place.folder.empty() || is_gone) return {};
  const auto text =
      read_file(fmt::format("{}/{}.token", place.folder, place.port), made_token_bytes_max);
  if (!text || !*text) return {};
  std::string token = **text;
  while (!token.empty() && token.back() == '\n') token.pop_back();
  return token;
}

int open_in_browser(std::string url) {
  std::string program = "xdg-open";
  char* words[] = {program.data(), url.data(), nullptr};
  pid_t child = 0;
  int error = ::posix_spawnp(&child, program.c_str(), nullptr, nullptr, words, environ);
  int status = 0;
  if (error == 0) ::waitpid(child, &status, 0);
  if (error == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  return complain(error != 0 ? fmt::format("cannot run xdg-open: {}; open the address yourself",
                                           std::generic_category().message(error))
                             : std::string("xdg-open did not open it; open the address yourself"));
}

}  // namespace

int web(const AskedRelay& asked, bool open) {
  const Result<RelayContact> contact = find_relay(asked);
  if (!contact) return complain(contact.error().message);
  const Result<std::string> url = page_url(*contact);
  if (!url) return complain(url.error().message);
  const std::string token = made_token(*contact);
  const std::string whole = *url + "/" + (token.empty() ? "" : "#token=" + token);
  fmt::print("{}\n", whole);
  if (token.empty()) {
    say(contact->settings.config.manage.tokens.empty()
            ? "cc-relay: no relay of yours runs there yet; it makes a token when it starts\n"
            : "cc-relay: sign in with a token of [[manage.auth.tokens]]\n");
  }
  return open ? open_in_browser(whole) : 0;
}

void add_web(CLI::App& app, CommandLine& line) {
  const auto open = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(app, "web", "Print the address of the page that shows the running relay",
                  "  cc-relay web\n  cc-relay web --open", line, [&line, open] {
                    return web({line.asked.config, {}, {}}, *open);
                  });
  add_flag(*command, "--open", *open, "Open it in a browser, too");
}

}  // namespace ccrelay::app
