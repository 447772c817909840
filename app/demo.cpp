#include "demo.hpp"

#include <ccrelay/testing/fake_provider.hpp>

#include <fmt/format.h>
#include <uv.h>

#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "demo_script.hpp"

namespace ccrelay::app {

namespace {

Error failed(std::string_view why) {
  return {ErrorCode::internal, fmt::format("the demo's provider could not be started: {}", why)};
}

}  // namespace

// The thread, its loop and what lives on it. The loop ends once the provider and the async handle
// are closed, both on the loop's own thread.
class Demo::Thread {
 public:
  // Makes all of it here, and hands it to a thread of its own once nothing can fail any more.
  Result<void> start() {
    if (const int code = ::uv_loop_init(&loop_); code != 0) return failed(::uv_strerror(code));
    const auto stop = [](uv_async_t* handle) { static_cast<Thread*>(handle->data)->close(); };
    stop_.data = this;
    if (const int code = ::uv_async_init(&loop_, &stop_, stop); code != 0) {
      ::uv_loop_close(&loop_);
      return failed(::uv_strerror(code));
    }
    try {
      provider_ = std::make_unique<testing::FakeProvider>(loop_);
      provider_->record(false);
      provider_->respond_with(demo_answer);
      url = provider_->url();
      thread_ = std::thread([this] { run(); });
    } catch (const std::exception& error) {
      close();
      run();
      return failed(error.what());
    }
    return {};
  }

  ~Thread() {
    if (!thread_.joinable()) return;
    ::uv_async_send(&stop_);
    thread_.join();
  }

  std::string url;

 private:
  void run() {
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
  std::thread thread_;
};

Result<std::unique_ptr<Demo>> Demo::start() {
  auto thread = std::make_unique<Thread>();
  if (const auto started = thread->start(); !started) return started.error();
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

PriceRow Demo::price() const {
  PriceRow price;
  price.provider = provider().name;
  price.models = {"*"};
  for (auto& rate : price.rates.pico_usd) rate = 0;
  price.web_search = 0;
  return price;
}

}  // namespace ccrelay::app
