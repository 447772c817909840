#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "command_line.hpp"
#include "commands.hpp"

namespace ccrelay::app {
namespace {

constexpr std::size_t client_name_bytes_max = 64;

// As server.auth.clients.name.
bool may_be_name(std::string_view name) {
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (name.empty() || name.size() > client_name_bytes_max) return false;
  for (const std::string_view taken :
       {"default", "subscription", "anonymous", "other", "unknown"}) {
    if (name == taken) return false;
  }
  return name.find_first_not_of(letters) == std::string_view::npos;
}

// RFC 4648 section 5, without padding.
std::string base64url(const std::array<unsigned char, 32>& bytes) {
  std::string out(45, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  out.resize(43);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::string sha256_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string out;
  for (unsigned int i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

}  // namespace

int client_new(const std::string& name, bool plain) {
  if (!may_be_name(name)) {
    complain(
        fmt::format("\"{}\" can't be a client's name: it has 1 to {} letters, digits, \".\", \"_\" "
                    "and \"-\", and is not default, subscription, anonymous, other or unknown",
                    name, client_name_bytes_max));
    return usage_error;
  }
  std::array<unsigned char, 32> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return complain("there is no randomness to be had for a key");
  }
  const std::string key = "ccr_" + base64url(random);
  fmt::print("{}\n\n[[server.auth.clients]]\nname = \"{}\"\n{} = \"{}\"\n", key, name,
             plain ? "key" : "key_sha256", plain ? key : sha256_hex(key));
  // Out before what is said of it.
  if (std::fflush(stdout) != 0) return complain("the key could not be written");
  say(fmt::format(
      "The first line is the key of {}: it is shown this once{}. Its owner sends it as an API key\n"
      "or as Bearer (ANTHROPIC_AUTH_TOKEN of Claude Code). The rest goes into the relay's "
      "configuration.\n",
      name, plain ? " and stands in the configuration as it is" : ""));
  return 0;
}

void add_client(CLI::App& app, CommandLine& line) {
  struct Options {
    std::string name;
    bool plain = false;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* client = add_group(app, "client", "Make keys for the clients of a shared relay",
                               "  cc-relay client new ana");
  CLI::App* fresh =
      add_command(*client, "new", "Print a fresh key and what to put into the configuration for it",
                  "  cc-relay client new ana\n"
                  "  cc-relay client new ana --plain",
                  line, [options] { return client_new(options->name, options->plain); });
  add_argument(*fresh, "name", options->name, "Who gets the key", "NAME");
  add_flag(*fresh, "--plain", options->plain,
           "Put the key itself into the configuration, not its hash");
}

}  // namespace ccrelay::app
