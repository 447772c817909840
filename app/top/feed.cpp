#include "feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys.hpp"
#include "place.hpp"
#include "read.hpp"
#include "why.hpp"

namespace ccrelay::app::top {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds retry{2000};
constexpr int page_size = 1000;
constexpr int progress_ms = 1000;
constexpr int log_tail = 500;

std::string page_path(const std::string& path, const std::string& token) {
  const char mark = path.find('?') == path.npos ? '?' : '&';
  std::string out = fmt::format("{}{}page_size={}", path, mark, page_size);
  if (!token.empty()) out += "&page_token=" + path_part(token);
  return out;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

Feed::Feed(Asked asked, Model& model) : asked_(std::move(asked)), model_(model) {}

Feed::~Feed() = default;

bool Feed::take_changed() {
  return std::exchange(changed_, false);
}

void Feed::connect() {
  connect_again_ = Clock::now() + retry;
  const Result<Place> place = find_place(asked_);
  if (!place) {
    const bool is_news = model_.why != lines_of(place.error().message);
    model_.why = lines_of(place.error().message);
    changed_ = changed_ || is_news;
    return;
  }
  model_.address = place->name;
  api_ = std::make_unique<Api>(*place);
  asking_ = true;
  api_->get("/info", [this](const Reply& reply) { take_info(reply); });
}

void Feed::take_info(const Reply& reply) {
  asking_ = false;
  changed_ = true;
  Info info;
  if (!reply.ok() || !read_info(reply.body, info)) return lose(why_not(api_->place(), reply));
  const bool is_other = model_.info.start_time && info.start_time != model_.info.start_time;
  if (is_other) {
    model_.restarted = true;
    model_.history.clear();
    model_.ended.clear();
    model_.running.clear();
    model_.log.clear();
    model_.status = {};
  }
  model_.info = std::move(info);
  model_.link = Link::live;
  model_.why.clear();
  status_ = requests_ = logs_ = {};
  poll_again_ = {};
  providers_busy_ = keys_busy_ = clients_busy_ = running_busy_ = false;
  detail_busy_ = level_busy_ = status_busy_ = false;
}

void Feed::lose(std::vector<std::string> why) {
  if (model_.link == Link::live) connect_again_ = {};  // at once, then every two seconds
  model_.link = Link::lost;
  model_.why = std::move(why);
  changed_ = true;
}

void Feed::open(Stream& stream, const std::string& path, bool (*read)(std::string_view, Model&),
                bool is_heart) {
  stream.call = api_->watch(
      path,
      [this, &stream, read, is_heart](std::string_view message) {
        stream.refused = false;
        if (!read(message, model_)) return;
        changed_ = true;
        if (is_heart) model_.last_seen = model_.status.time;
      },
      [this, &stream, is_heart](const Reply& reply) {
        stream.call = 0;
        stream.refused = reply.status == 429 || reply.status == 404;
        stream.again = Clock::now() + retry;
        if (is_heart && !stream.refused) lose(why_not(api_->place(), reply));
      });
}

void Feed::close(Stream& stream) {
  if (stream.call != 0) api_->stop(stream.call);
  stream = {};
}

void Feed::open_streams() {
  const Clock::time_point now = Clock::now();
  const auto may = [&](const Stream& stream) { return stream.call == 0 && stream.again <= now; };
  if (may(status_)) {
    open(status_, fmt::format("/status:watch?interval_ms={}&history_seconds=300", wants_.pace_ms),
         &read_status, true);
  }
  // Where an `ended` was lost, something that runs may run no more.
  if (model_.requests_lost != requests_lost_seen_) {
    requests_lost_seen_ = model_.requests_lost;
    close(requests_);
  }
  if (wants_.requests && may(requests_)) {
    model_.running.clear();
    open(requests_,
         fmt::format("/requests:watch?include_existing=true&progress_interval_ms={}", progress_ms),
         &read_request_event, false);
    fetch_ended({}, {});
  } else if (!wants_.requests) {
    close(requests_);
  }
  if (wants_.logs && may(logs_)) {
    model_.log.clear();
    open(logs_, fmt::format("/logs:watch?tail={}", log_tail), &read_log_event, false);
  } else if (!wants_.logs) {
    close(logs_);
  }
}

void Feed::fetch_ended(const std::string& token, std::vector<Request> so_far) {
  api_->get(page_path("/requests?ended=true", token),
            [this, so_far = std::move(so_far)](const Reply& reply) mutable {
              std::string more;
              if (!reply.ok() || !read_requests(reply.body, so_far, more)) return;
              if (!more.empty() && so_far.size() < ended_requests_max) {
                return fetch_ended(more, std::move(so_far));
              }
              // Newest first as they come; what was seen as it ended is newer.
              for (Request& request : so_far) {
                const bool known =
                    std::any_of(model_.ended.begin(), model_.ended.end(),
                                [&](const Request& each) { return each.id == request.id; });
                const bool has_room = model_.ended.size() < ended_requests_max;
                if (!known && has_room) model_.ended.push_front(std::move(request));
              }
              changed_ = true;
            });
}

template <class Item>
void Feed::poll_list(const char* path, std::vector<Item> Model::*into, bool Model::*has, bool& busy,
                     bool (*read)(std::string_view, std::vector<Item>&, std::string&),
                     const std::string& token, std::vector<Item> so_far) {
  busy = true;
  api_->get(page_path(path, token), [this, path, into, has, &busy, read,
                                     so_far = std::move(so_far)](const Reply& reply) mutable {
    busy = false;
    std::string more;
    if (!reply.ok() || !read(reply.body, so_far, more)) return;
    if (!more.empty()) return poll_list(path, into, has, busy, read, more, std::move(so_far));
    model_.*into = std::move(so_far);
    model_.*has = true;
    take_last_errors(model_);
    changed_ = true;
  });
}

void Feed::poll_status() {
  if (status_busy_) return;
  status_busy_ = true;
  api_->get("/status?history_seconds=300", [this](const Reply& reply) {
    status_busy_ = false;
    if (!reply.ok() || !read_status(reply.body, model_)) {
      return lose(why_not(api_->place(), reply));
    }
    model_.last_seen = model_.status.time;
    changed_ = true;
  });
}

void Feed::poll_detail() {
  if (detail_busy_ || wants_.detail.empty()) return;
  detail_busy_ = true;
  const std::string id = wants_.detail;
  api_->get("/requests/" + path_part(id), [this, id](const Reply& reply) {
    detail_busy_ = false;
    if (id != wants_.detail) return;
    Request request;
    if (reply.ok() && read_request(reply.body, request)) {
      model_.detail = std::move(request);
    } else if (!model_.detail) {
      Request none;
      none.id = id;
      none.error = read_error(reply.body);
      model_.detail = std::move(none);
    }
    changed_ = true;
  });
}

void Feed::poll_log_level() {
  if (level_busy_) return;
  level_busy_ = true;
  api_->get("/log-level", [this](const Reply& reply) {
    level_busy_ = false;
    if (reply.ok() && read_log_level(reply.body, model_)) changed_ = true;
  });
}

void Feed::poll() {
  const Clock::time_point now = Clock::now();
  if (now < poll_again_) return;
  poll_again_ = now + milliseconds(wants_.pace_ms);
  if (status_.refused) poll_status();
  if (!providers_busy_) {
    poll_list("/providers", &Model::providers, &Model::has_providers, providers_busy_,
              &read_providers, {}, {});
  }
  if (wants_.keys && !keys_busy_) {
    poll_list("/keys", &Model::keys, &Model::has_keys, keys_busy_, &read_keys, {}, {});
  }
  if (wants_.clients && !clients_busy_) {
    poll_list("/clients", &Model::clients, &Model::has_clients, clients_busy_, &read_clients, {},
              {});
  }
  if (wants_.requests && requests_.refused && !running_busy_) {
    poll_list("/requests", &Model::running, &Model::has_requests, running_busy_, &read_requests, {},
              {});
  }
  poll_detail();
  poll_log_level();
}

void Feed::want(const Wants& wants) {
  if (wants == wants_) return;
  const Wants before = std::exchange(wants_, wants);
  poll_again_ = {};
  if (before.detail != wants.detail) model_.detail.reset();
  if (api_ && model_.link == Link::live && before.pace_ms != wants.pace_ms) close(status_);
}

void Feed::turn(int ms, const std::vector<int>& descriptors) {
  const Clock::time_point now = Clock::now();
  if (model_.link != Link::live && !asking_) {
    if (now >= connect_again_) {
      if (api_) api_->stop_all();
      connect();
    }
  } else if (model_.link == Link::live) {
    open_streams();
    poll();
  }
  const Clock::time_point next = model_.link == Link::live ? poll_again_ : connect_again_;
  const auto until_next =
      std::chrono::ceil<milliseconds>(std::max(next - Clock::now(), Clock::duration::zero()));
  if (!asking_ || model_.link == Link::live) {
    ms = std::min<int>(ms, static_cast<int>(std::max<std::int64_t>(until_next.count(), 1)));
  }
  if (api_) {
    api_->wait(ms, descriptors);
  } else {
    // Nothing to carry yet, but keys to wait for.
    Api nobody({});
    nobody.wait(ms, descriptors);
  }
}

void Feed::order(const Order& order, Said said) {
  if (!api_ || model_.link != Link::live) return said("no relay answers", true);
  api_->post(order.path, order.body, [this, order, said = std::move(said)](const Reply& reply) {
    poll_again_ = {};
    changed_ = true;
    if (reply.status == 0) return said(reply.failure, true);
    if (!reply.ok()) {
      const std::string message = read_error(reply.body);
      return said(message.empty() ? fmt::format("the relay answers {}", reply.status) : message,
                  true);
    }
    const ActionAnswer answer = read_action(reply.body);
    std::string text = answer.changed ? "done: " + order.done : order.unchanged;
    for (const std::string& warning : answer.warnings) text += "; " + warning;
    said(text, false);
  });
}

}  // namespace ccrelay::app::top
