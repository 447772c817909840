#include "api.hpp"

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace ccrelay::app::top {
namespace {

constexpr std::size_t answer_bytes_max = 16 << 20;
constexpr long connect_ms_max = 3000;
// A stream says something every 15 s.
constexpr long silence_seconds_max = 40;

int clean_multi(void* multi) {
  return curl_multi_cleanup(multi);
}

}  // namespace

class Api::Transfer {
 public:
  Transfer(const Place& place, long patience_ms, const std::string& path, Done done, Taken taken)
      : done_(std::move(done)), taken_(std::move(taken)) {
    if (!curl_) return;
    add_header("Accept: " + std::string(taken_ ? "text/event-stream" : "application/json"));
    if (!place.token.empty()) add_header("Authorization: Bearer " + place.token);
    set(CURLOPT_URL, (place.url + "/api/v1" + path).c_str());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROXY, "");  // not even one of the environment
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, detail_);
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_CONNECTTIMEOUT_MS, connect_ms_max);
    if (taken_) {
      set(CURLOPT_LOW_SPEED_LIMIT, 1L);
      set(CURLOPT_LOW_SPEED_TIME, silence_seconds_max);
    } else {
      set(CURLOPT_TIMEOUT_MS, patience_ms);
    }
    if (!place.socket.empty()) set(CURLOPT_UNIX_SOCKET_PATH, place.socket.c_str());
    // As Claude Code does: one more authority beside this machine's. libcurl takes one file.
    const char* authorities = std::getenv("NODE_EXTRA_CA_CERTS");
    if (authorities != nullptr && *authorities != '\0') set(CURLOPT_CAINFO, authorities);
  }

  void set_body(const std::string& body) {
    add_header("Content-Type: application/json");
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    set(CURLOPT_COPYPOSTFIELDS, body.c_str());
  }

  CURL* curl() {
    set(CURLOPT_HTTPHEADER, headers_.get());
    return curl_.get();
  }

  void finish(CURLcode code) {
    Reply reply;
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.body = std::move(body_);
    reply.server = std::move(server_);
    if (code == CURLE_OK || (taken_ && status != 0 && status != 200)) {
      reply.status = static_cast<int>(status);
    } else {
      explain(code, reply);
    }
    done_(reply);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  void add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer != nullptr && !headers_) headers_.reset(longer);
  }

  void explain(CURLcode code, Reply& reply) {
    reply.failure = detail_[0] != '\0' ? detail_ : curl_easy_strerror(code);
    if (code != CURLE_COULDNT_CONNECT) return;
    long error = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_OS_ERRNO, &error);
    reply.refused_here = error == EACCES || error == EPERM;
    reply.not_there = !reply.refused_here;
    if (error != 0) reply.failure = std::generic_category().message(static_cast<int>(error));
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* self) {
    Transfer& transfer = *static_cast<Transfer*>(self);
    long status = 0;
    curl_easy_getinfo(transfer.curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    if (transfer.taken_ && status == 200) {
      const bool fine = transfer.lines_.take({bytes, count}, transfer.taken_);
      return fine ? count : 0;
    }
    if (transfer.body_.size() + count > answer_bytes_max) return 0;
    transfer.body_.append(bytes, count);
    return count;
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* self) {
    constexpr std::string_view name = "server:";
    const std::string_view line(bytes, count);
    if (line.size() > name.size() && ::strncasecmp(bytes, name.data(), name.size()) == 0) {
      const auto begin = line.find_first_not_of(" \t", name.size());
      const auto end = line.find_last_not_of(" \t\r\n");
      if (begin != line.npos && begin <= end) {
        static_cast<Transfer*>(self)->server_ = line.substr(begin, end - begin + 1);
      }
    }
    return count;
  }

  Done done_;
  Taken taken_;  // of a stream
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_{curl_easy_init(), &curl_easy_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr,
                                                                       &curl_slist_free_all};
  char detail_[CURL_ERROR_SIZE] = "";
  std::string body_;
  std::string server_;
  EventLines lines_;
};

Api::Api(Place place, std::chrono::milliseconds patience)
    : place_(std::move(place)), multi_(curl_multi_init(), &clean_multi) {
  set_patience(patience);
}

void Api::set_patience(std::chrono::milliseconds patience) {
  patience_ms_ = static_cast<long>(std::max<std::int64_t>(patience.count(), 1));
}

Api::~Api() {
  stop_all();
}

Api::Call Api::start(std::unique_ptr<Transfer> transfer) {
  const Call call = ++last_;
  CURL* curl = transfer->curl();
  curl_easy_setopt(curl, CURLOPT_PRIVATE, reinterpret_cast<void*>(call));
  curl_multi_add_handle(multi_.get(), curl);
  running_.emplace(call, std::move(transfer));
  return call;
}

Api::Call Api::get(const std::string& path, Done done) {
  return start(std::make_unique<Transfer>(place_, patience_ms_, path, std::move(done), Taken()));
}

Api::Call Api::post(const std::string& path, const std::string& body, Done done) {
  auto transfer = std::make_unique<Transfer>(place_, patience_ms_, path, std::move(done), Taken());
  transfer->set_body(body);
  return start(std::move(transfer));
}

Api::Call Api::watch(const std::string& path, Taken taken, Done over) {
  return start(
      std::make_unique<Transfer>(place_, patience_ms_, path, std::move(over), std::move(taken)));
}

void Api::stop(Call call) {
  const auto found = running_.find(call);
  if (found == running_.end()) return;
  curl_multi_remove_handle(multi_.get(), found->second->curl());
  running_.erase(found);
}

void Api::stop_all() {
  while (!running_.empty()) stop(running_.begin()->first);
}

void Api::finish() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* mark = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &mark);
    const CURLcode code = message->data.result;
    const auto found = running_.find(reinterpret_cast<Call>(mark));
    if (found == running_.end()) continue;
    // Whatever its callback does to the others, it lives until it returns.
    const std::unique_ptr<Transfer> transfer = std::move(found->second);
    running_.erase(found);
    curl_multi_remove_handle(multi_.get(), message->easy_handle);
    transfer->finish(code);
  }
}

void Api::wait(int ms, const std::vector<int>& descriptors) {
  int active = 0;
  std::vector<curl_waitfd> extra;
  for (const int each : descriptors) extra.push_back({each, CURL_WAIT_POLLIN, 0});
  // First: whatever is done behind it may change how long the next one has to wait. What was just
  // started ends it at once.
  curl_multi_poll(multi_.get(), extra.data(), static_cast<unsigned>(extra.size()), ms, nullptr);
  curl_multi_perform(multi_.get(), &active);
  finish();
}

namespace {

Reply answer_of(Api& api, const std::function<void(Api::Done)>& start) {
  Reply out;
  bool done = false;
  start([&](const Reply& reply) {
    out = reply;
    done = true;
  });
  while (!done) api.wait(1000, {});
  return out;
}

}  // namespace

Reply ask(Api& api, const std::string& path) {
  return answer_of(api, [&](Api::Done done) { api.get(path, std::move(done)); });
}

Reply order(Api& api, const std::string& path, const std::string& body) {
  return answer_of(api, [&](Api::Done done) { api.post(path, body, std::move(done)); });
}

}  // namespace ccrelay::app::top
