#include "demo.hpp"

#include <ccrelay/testing/fake_provider.hpp>

#include <fmt/format.h>
#include <uv.h>

#include <exception>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "demo_script.hpp"

namespace ccrelay::app {

// The thread, its loop and what lives on it. The loop ends once the provider and the async handle
// are closed, both on the loop's own thread.
class Demo::Thread {
 public:
  // Returns when the provider listens, with its URL; throws when it cannot.
  std::string start() {
    std::promise<std::string> ready;
    std::future<std::string> listening = ready.get_future();
    thread_ = std::thread([this, ready = std::move(ready)]() mutable { run(std::move(ready)); });
    return listening.get();
  }

  ~Thread() {
    if (running_) ::uv_async_send(&stop_);
    if (thread_.joinable()) thread_.join();
  }

  std::string url;

 private:
  void run(std::promise<std::string> ready) {
    ::uv_loop_init(&loop_);
    ::uv_async_init(&loop_, &stop_,
                    [](uv_async_t* handle) { static_cast<Thread*>(handle->data)->close(); });
    stop_.data = this;
    try {
      provider_ = std::make_unique<testing::FakeProvider>(loop_);
      provider_->record(false);
      provider_->respond_with(demo_answer);
      running_ = true;  // seen by the other thread after get()
      ready.set_value(provider_->url());
    } catch (const std::exception&) {
      ready.set_exception(std::current_exception());
      close();
    }
    ::uv_run(&loop_, UV_RUN_DEFAULT);
    ::uv_loop_close(&loop_);
  }

  void close() {
    provider_.reset();
    ::uv_close(reinterpret_cast<uv_handle_t*>(&stop_), nullptr);
  }

  uv_loop_t loop_{};
  uv_async_t stop_{};
  std::unique_ptr<testing::FakeProvider> provider_;
  bool running_ = false;
  std::thread thread_;
};

Result<std::unique_ptr<Demo>> Demo::start() {
  auto thread = std::make_unique<Thread>();
  try {
    thread->url = thread->start();
  } catch (const std::exception& error) {
    return Error{ErrorCode::internal,
                 fmt::format("the demo's provider could not be started: {}", error.what())};
  }
  return std::unique_ptr<Demo>(new Demo(std::move(thread)));
}

Demo::Demo(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
Demo::~Demo() = default;

ProviderConfig Demo::provider() const {
  ProviderConfig provider;
  provider.name = "demo";
  provider.type = "anthropic";
  provider.base_url = thread_->url;
  provider.credentials = Credentials::configured;
  KeyConfig key;
  key.key = Secret("demo-key");
  provider.keys = {key};
  return provider;
}

}  // namespace ccrelay::app
