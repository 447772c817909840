#pragma once

#include <ccrelay/clock.hpp>
#include <ccrelay/http.hpp>
#include <ccrelay/result.hpp>
#include <ccrelay/secret.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "identity/credentials.hpp"

namespace ccrelay::identity {

/// The way to credentials is written as a value: what to do next, and what to make of the outcome.
/// Nothing here does I/O on the network or reads a clock; a Fetch carries it out.
struct Step;

/// A credential service's answer.
struct Answer {
  int status = 0;
  Headers headers;
  std::string body;
  WallTime now;                 ///< when it arrived
  std::string asked;            ///< for errors: who was asked, and how, without secrets
  std::vector<Secret> secrets;  ///< what was sent in confidence: never shown if it comes back
};

/// Over which ways a request may go unencrypted.
enum class Plain : std::uint8_t {
  loopback,    ///< to this machine alone
  link_local,  ///< to this machine or its link, 169.254.0.0/16, where platforms have agents
  anywhere,    ///< nothing secret is in it: metadata services have no other way
};

/// Ask a credential service. Redirects are not followed.
struct Ask {
  std::string who;  ///< "the EC2 metadata service"
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  Plain plain = Plain::loopback;
  bool hide_path = false;       ///< knowing it is enough to be given credentials: not for errors
  std::vector<Secret> secrets;  ///< all that the request holds
  std::function<Step(const Answer&)> then;
};

/// What a command printed.
struct Printed {
  std::string output;
  int exit_status = 0;
  int signal = 0;
  bool too_long = false;
  WallTime now;
};

/// Run a shell command.
struct Command {
  std::string line;
  std::function<Step(const Printed&)> then;
};

/// This way is not configured: the next link of the chain is asked.
struct Pass {};

struct Step {
  Step(Pass pass) : kind(pass) {}
  Step(Issued credentials) : kind(std::move(credentials)) {}
  Step(Error error) : kind(std::move(error)) {}
  Step(Ask ask) : kind(std::move(ask)) {}
  Step(Command command) : kind(std::move(command)) {}
  std::variant<Pass, Issued, Error, Ask, Command> kind;
};

/// Goes on with the credentials once they are there; errors and Pass stay what they are.
Step and_then(Step step, std::function<Step(const Issued&, WallTime now)> next, WallTime now);

/// One place where credentials may be.
struct Link {
  std::string source;  ///< "environment (AWS_ACCESS_KEY_ID)": for errors and the status
  std::function<Step(WallTime now)> begin;
  std::string when_it_fails = {};  ///< added to its errors: what else could be configured
};

/// Places in the order in which they are tried. The first that is configured decides: if it fails,
/// so does the chain, because using somebody else's credentials instead would be a surprise.
struct Chain {
  std::vector<Link> links;
  std::string nothing;  ///< the error when no link is configured
};

}  // namespace ccrelay::identity
