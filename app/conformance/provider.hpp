#pragma once

#include <ccrelay/result.hpp>
#include <ccrelay/testing/fake_provider.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ccrelay::app::contract {

/// What every request of a check has in its body, before its number of `mark_digits`.
constexpr std::string_view mark_prefix = "conformance-mark-";
constexpr std::size_t mark_digits = 12;

/// What a provider does with the nth request of one mark, from 0.
using Answering = std::function<testing::Script(std::size_t nth)>;

/// The provider at the far end of the gateway, on a thread of its own: it tells the requests of a
/// check by the mark in them, keeps what came and answers as the check has said. What bears no mark
/// (probes, lists of models) has a plain answer. All members are thread-safe.
class ScriptedProvider final {
 public:
  /// `changed` is called on the provider's thread whenever something below may have changed.
  /// `model` is what its list of models names.
  static Result<std::unique_ptr<ScriptedProvider>> start(const std::string& address,
                                                         std::uint16_t port, std::string model,
                                                         std::function<void()> changed);
  ~ScriptedProvider();
  ScriptedProvider(const ScriptedProvider&) = delete;
  ScriptedProvider& operator=(const ScriptedProvider&) = delete;

  const std::string& url() const;
  /// `127.0.0.1:PORT`
  std::string address() const;

  void on(const std::string& mark, Answering answering);
  std::size_t count(const std::string& mark) const;
  /// What came with this mark, in the order of arrival.
  std::vector<testing::RecordedRequest> take(const std::string& mark) const;
  /// Requests without any mark.
  std::size_t strangers() const;
  /// Forgets the mark; who asks with it still is answered plainly.
  void forget(const std::string& mark);

  /// Lets every script go on that holds at the time.
  void release();
  /// Scripts that the gateway has cut short.
  std::size_t cancelled() const;

 private:
  class Thread;
  explicit ScriptedProvider(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace ccrelay::app::contract
