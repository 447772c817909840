#pragma once

#include <ccrelay/testing/fake_provider.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "check.hpp"
#include "client.hpp"
#include "format.hpp"
#include "provider.hpp"

namespace ccrelay::app::contract {

/// The credential with which the gateway is to come to the scripted provider.
constexpr std::string_view upstream_key = "conformance-upstream-key";

/// Which credentials go along. In formats other than Claude Code's `own` is where its SDK puts them
/// (Authorization, x-goog-api-key), `other` where others do (api-key, the query's key).
enum class Credential : std::uint8_t { both, api_key, bearer, own, other, wrong, budget, none };

/// A call as a check puts it together. `@MARK@` in a body or in messages becomes the mark.
struct Ask {
  Call call = Call::whole;
  std::string fields = {};    ///< further members of the body, a comma behind each
  std::string messages = {};  ///< empty = the user says the mark
  std::string body = {};      ///< all of it instead
  std::string (*encode)(std::string_view body) = nullptr;  ///< as it goes over the wire
  std::vector<std::string> headers = {};
  Credential credential = Credential::both;
  std::string target = {};   ///< instead of the format's own
  Answering answering = {};  ///< of the provider; by default it is well
};

/// An exchange at both ends.
struct Seen {
  std::string mark;
  std::unique_ptr<Exchange> client;
  std::vector<testing::RecordedRequest> provider = {};  ///< what reached it
  std::string body = {};                                ///< as the client sent it

  bool reached() const { return !provider.empty(); }
  /// What came last.
  const testing::RecordedRequest& request() const { return provider.back(); }
};

/// What a run is about; also what must not be shown.
struct Subject {
  std::string url;
  std::string key;         ///< opens the gateway
  std::string budget_key;  ///< of a client whose budget is used up; empty = there is none
  std::string model;
  Format format = messages;
  bool has_key = false;  ///< `key` was given: the gateway asks for one
  bool is_live = false;  ///< behind the gateway are real providers
  int slack = 1;         ///< so many times as long as its checks say may anything take
};

/// Both ends of the gateway under test, for one check after the other. Lives on the main thread.
class Bench final {
 public:
  /// `provider` is null for a live gateway.
  Bench(Subject subject, Client& client, ScriptedProvider* provider)
      : subject_(std::move(subject)), client_(client), provider_(provider) {}

  /// Sends it, and has the provider answer.
  Seen begin(const Ask& ask);
  /// Waits for its end, at most `patience()`, and notes what reached the provider.
  void finish(Seen& seen);
  /// Both.
  Seen ask(const Ask& ask);
  /// A request of the client that is no message.
  std::unique_ptr<Exchange> fetch(const std::string& method, const std::string& target,
                                  Credential credential, milliseconds limit,
                                  const std::vector<std::string>& more = {});

  /// An ordinary answer, whole or as a stream.
  testing::Script well(Call call) const;
  /// The head of a stream; what comes behind is the check's.
  testing::Script stream_head() const;
  /// Asks until the gateway relays again, which it may not for a while after errors.
  void recover();

  const Subject& subject() const { return subject_; }
  Format format() const { return subject_.format; }
  Client& client() { return client_; }
  ScriptedProvider& provider() { return *provider_; }
  /// How long what takes `usual` at most may take here.
  milliseconds within(milliseconds usual) const { return usual * subject_.slack; }
  milliseconds patience() const;
  /// Answers to errors that several checks look at, by status.
  std::map<int, std::unique_ptr<Exchange>>& errors() { return errors_; }
  std::vector<std::string> headers_for(Credential credential) const;
  /// The target, with the credential where a client puts it there.
  std::string target_with(std::string target, Credential credential) const;

  /// For reports: `200 "{...}"`, or how it broke. Without the secrets that are known here.
  std::string told(const Exchange& exchange) const;
  /// `"bytes"`, and how many there are when they are many. As above.
  std::string quoted(std::string_view bytes) const;
  /// Text without those secrets, whatever may have put them there.
  std::string redacted(std::string text) const;

 private:
  std::string next_mark();
  std::string key_for(Credential credential) const;

  const Subject subject_;
  Client& client_;
  ScriptedProvider* const provider_;
  std::string run_;  // what tells the marks of this run from those of others
  int asked_ = 0;
  std::map<int, std::unique_ptr<Exchange>> errors_;
};

/// The values of all headers of that name, with `, ` between them and no other blanks.
std::string joined_values(const Headers& headers, std::string_view name);

}  // namespace ccrelay::app::contract
