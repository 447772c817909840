#pragma once

#include <ccrelay/config.hpp>
#include <ccrelay/result.hpp>

#include <memory>

namespace ccrelay::app {

/// A fake provider on a thread of its own, for `serve --demo`: it answers any message with a few
/// words and the user's own, streamed word by word. Destroying it ends the thread; destroy the
/// relay first.
class Demo {
 public:
  static Result<std::unique_ptr<Demo>> start();
  ~Demo();
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

  /// The provider's entry in a configuration.
  ProviderConfig provider() const;
  /// What it costs: nothing, whatever the model is called.
  PriceRow price() const;

 private:
  class Thread;
  explicit Demo(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace ccrelay::app
