#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api.hpp"
#include "model.hpp"
#include "view.hpp"
#include "wants.hpp"

namespace ccrelay::app::top {

/// Keeps the model as the relay tells it: streams for what changes by itself, lists at the pace,
/// and the way back to a relay that went away. One thread; nothing blocks but turn().
class Feed {
 public:
  using Clock = std::chrono::steady_clock;

  /// The model must outlive it.
  Feed(Asked asked, Model& model);
  ~Feed();

  void want(const Wants& wants);
  /// Goes on for at most `ms`, or until a descriptor can be read.
  void turn(int ms, const std::vector<int>& descriptors);
  /// The model is another one since it was asked last.
  bool take_changed();

  /// `said` is told what came of it.
  using Said = std::function<void(std::string text, bool is_bad)>;
  void order(const Order& order, Said said);

 private:
  struct Stream {
    Api::Call call = 0;
    bool refused = false;  // too many read, or there is none: then it is asked again and again
    Clock::time_point again{};
  };

  void connect();
  void take_info(const Reply& reply);
  void lose(std::vector<std::string> why);
  void open_streams();
  void open(Stream& stream, const std::string& path, bool (*read)(std::string_view, Model&),
            bool is_heart);
  void close(Stream& stream);
  void poll();
  void poll_status();
  void poll_detail();
  void poll_log_level();
  void fetch_ended(const std::string& token, std::vector<Request> so_far);
  void fetch_running();
  template <class Item>
  void poll_list(const char* path, std::vector<Item> Model::*into, bool Model::*has, bool& busy,
                 bool (*read)(std::string_view, std::vector<Item>&, std::string&),
                 const std::string& token, std::vector<Item> so_far);

  Asked asked_;
  Model& model_;
  std::unique_ptr<Api> api_;
  Wants wants_;
  bool asking_ = false;
  bool changed_ = true;
  bool lost_events_ = false;
  Clock::time_point connect_again_{};
  Clock::time_point poll_again_{};
  Stream status_, requests_, logs_;
  std::int64_t requests_lost_seen_ = 0;
  bool providers_busy_ = false, keys_busy_ = false, clients_busy_ = false, running_busy_ = false;
  bool detail_busy_ = false, level_busy_ = false, status_busy_ = false;
};

}  // namespace ccrelay::app::top
