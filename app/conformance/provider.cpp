#include "provider.hpp"

#include <fmt/format.h>
#include <uv.h>

#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "json_splice.hpp"

namespace ccrelay::app::contract {
namespace {

using testing::RecordedRequest;
using testing::Script;

std::string mark_in(std::string_view text) {
  const std::size_t at = text.find(mark_prefix);
  if (at == text.npos || text.size() - at < mark_prefix.size() + mark_digits) return {};
  return std::string(text.substr(at, mark_prefix.size() + mark_digits));
}

// For a gateway that wants a token of Google's first; `--self` with Vertex does.
Script metadata_answer(const RecordedRequest& request) {
  if (request.head.path().find("/token") == std::string_view::npos)
    return Script::reply(404, "text/plain", "not here", {{"Metadata-Flavor", "Google"}});
  return Script::reply(
      200, "application/json",
      R"({"access_token":"conformance-upstream-key","expires_in":3599,"token_type":"Bearer"})",
      {{"Metadata-Flavor", "Google"}});
}

Script unmarked_answer(const RecordedRequest& request, const std::string& model) {
  const std::string_view path = request.head.path();
  if (path.find("/computeMetadata/") == 0) return metadata_answer(request);
  if (request.head.method == "HEAD") return Script().head(200, {{"content-length", "0"}});
  if (request.head.method == "GET" && path.ends_with("/models")) {
    if (path.find("/v1beta/") != std::string_view::npos) {
      return Script::reply(
          200, "application/json",
          fmt::format(
              R"({{"models":[{{"name":{},"supportedGenerationMethods":["generateContent"]}}]}})",
              json_quoted("models/" + model)));
    }
    const std::string id = json_quoted(model);
    return Script::reply(
        200, "application/json",
        fmt::format(R"({{"object":"list","data":[{{"type":"model","object":"model",)"
                    R"("id":{0},"display_name":{0},)"
                    R"("created_at":"2026-01-01T00:00:00Z"}}],"has_more":false,)"
                    R"("first_id":{0},"last_id":{0}}})",
                    id));
  }
  if (request.head.method == "POST") return Script::message("Hello.");
  return Script::error(404, "not_found_error", "The scripted provider has no such thing.");
}

}  // namespace

// The loop and what lives on it, all but `shared_` touched by the thread alone once that runs.
class ScriptedProvider::Thread {
 public:
  Thread(std::string model, std::function<void()> changed)
      : model_(std::move(model)), changed_(std::move(changed)) {}
  ~Thread() {
    if (!thread_.joinable()) return;
    ends_ = true;
    ::uv_async_send(&wake_);
    thread_.join();
  }

  // The address is one that can't be had, or libuv fails.
  Result<void> start(const std::string& address, std::uint16_t port) {
    if (const int code = ::uv_loop_init(&loop_); code != 0) return failed_to_start(code);
    wake_.data = turn_.data = this;
    const int code = ::uv_async_init(
        &loop_, &wake_, [](uv_async_t* handle) { static_cast<Thread*>(handle->data)->on_wake(); });
    if (code != 0) {
      ::uv_loop_close(&loop_);
      return failed_to_start(code);
    }
    ::uv_check_init(&loop_, &turn_);
    ::uv_check_start(&turn_,
                     [](uv_check_t* handle) { static_cast<Thread*>(handle->data)->on_turn(); });
    try {
      testing::FakeProvider::Options options;
      options.address = address;
      options.port = port;
      provider_ = std::make_unique<testing::FakeProvider>(loop_, options);
      provider_->record(false);
      provider_->respond_with([this](const RecordedRequest& request) { return answer(request); });
      url_ = provider_->url();
      thread_ = std::thread([this] { run(); });
    } catch (const std::exception& error) {
      close();
      run();
      return Error{ErrorCode::network,
                   fmt::format("the scripted provider could not be started: {}; "
                               "choose another address with --upstream",
                               error.what())};
    }
    return {};
  }

  void release() {
    {
      const std::lock_guard lock(mutex_);
      ++releases_;
    }
    ::uv_async_send(&wake_);
  }

  struct Mark {
    Answering answering;
    std::vector<RecordedRequest> seen;
  };

  std::string url_;
  mutable std::mutex mutex_;
  std::map<std::string, Mark> marks_;
  std::size_t strangers_ = 0;
  std::size_t releases_ = 0;
  std::atomic<std::size_t> cancelled_ = 0;

 private:
  static Error failed_to_start(int code) {
    return {ErrorCode::internal,
            fmt::format("the scripted provider could not be started: {}", ::uv_strerror(code))};
  }

  Script answer(const RecordedRequest& request) {
    const std::string mark = mark_in(request.body);
    const std::lock_guard lock(mutex_);
    const auto found = marks_.find(mark);
    if (found == marks_.end()) {
      strangers_ += mark.empty() ? 1 : 0;
      return unmarked_answer(request, model_);
    }
    Mark& known = found->second;
    known.seen.push_back(request);
    return known.answering(known.seen.size() - 1);
  }

  void on_wake() {
    std::size_t releases = 0;
    {
      const std::lock_guard lock(mutex_);
      releases = std::exchange(releases_, 0);
    }
    if (provider_ && releases > 0) provider_->release();
    if (ends_) close();
  }

  void on_turn() {
    if (!provider_) return;
    cancelled_ = provider_->cancelled();
    if (changed_) changed_();
  }

  void run() {
    ::uv_run(&loop_, UV_RUN_DEFAULT);
    ::uv_loop_close(&loop_);
  }

  void close() {
    provider_.reset();
    ::uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
    ::uv_close(reinterpret_cast<uv_handle_t*>(&turn_), nullptr);
  }

  const std::string model_;
  const std::function<void()> changed_;
  std::atomic<bool> ends_ = false;
  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_check_t turn_{};
  std::unique_ptr<testing::FakeProvider> provider_;
  std::thread thread_;
};

Result<std::unique_ptr<ScriptedProvider>> ScriptedProvider::start(const std::string& address,
                                                                  std::uint16_t port,
                                                                  std::string model,
                                                                  std::function<void()> changed) {
  auto thread = std::make_unique<Thread>(std::move(model), std::move(changed));
  if (const auto started = thread->start(address, port); !started) return started.error();
  return std::unique_ptr<ScriptedProvider>(new ScriptedProvider(std::move(thread)));
}

ScriptedProvider::ScriptedProvider(std::unique_ptr<Thread> thread) : thread_(std::move(thread)) {}
ScriptedProvider::~ScriptedProvider() = default;

const std::string& ScriptedProvider::url() const {
  return thread_->url_;
}

std::string ScriptedProvider::address() const {
  return thread_->url_.substr(thread_->url_.find("//") + 2);
}

void ScriptedProvider::on(const std::string& mark, Answering answering) {
  const std::lock_guard lock(thread_->mutex_);
  thread_->marks_[mark].answering = std::move(answering);
}

std::size_t ScriptedProvider::count(const std::string& mark) const {
  const std::lock_guard lock(thread_->mutex_);
  const auto found = thread_->marks_.find(mark);
  return found == thread_->marks_.end() ? 0 : found->second.seen.size();
}

std::vector<RecordedRequest> ScriptedProvider::take(const std::string& mark) const {
  const std::lock_guard lock(thread_->mutex_);
  const auto found = thread_->marks_.find(mark);
  return found == thread_->marks_.end() ? std::vector<RecordedRequest>()
                                        : std::move(found->second.seen);
}

std::size_t ScriptedProvider::strangers() const {
  const std::lock_guard lock(thread_->mutex_);
  return thread_->strangers_;
}

void ScriptedProvider::forget(const std::string& mark) {
  const std::lock_guard lock(thread_->mutex_);
  thread_->marks_.erase(mark);
}

void ScriptedProvider::release() {
  thread_->release();
}

std::size_t ScriptedProvider::cancelled() const {
  return thread_->cancelled_;
}

}  // namespace ccrelay::app::contract
