#include "dashboard.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "screens.hpp"
#include "wakes.hpp"

namespace ccrelay::app::top {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
constexpr milliseconds between_draws{100};
constexpr milliseconds message_lasts{5000};
constexpr int idle_ms = 60'000;

class Dashboard {
 public:
  Dashboard(const Asked& asked, Terminal& terminal, const Options& options, int pace_ms)
      : terminal_(terminal), options_(options), feed_(asked, model_) {
    view_.pace_ms = pace_ms;
    take_size();
  }

  int run() {
    while (!over_) {
      feed_.want(wants_of(view_, seen()));
      if (feed_.take_changed() && !view_.paused) dirty_ = true;
      drop_old_message();
      if (dirty_ && Clock::now() >= draw_again_) draw();
      feed_.turn(patience(), {STDIN_FILENO, wakes_.descriptor()});
      take_signals();
      take_keys();
    }
    return 0;
  }

 private:
  void take_size() {
    view_.rows = terminal_.rows();
    view_.columns = terminal_.columns();
    dirty_ = true;
  }

  const Model& seen() const { return frozen_ ? *frozen_ : model_; }

  void draw() {
    grid_ = top::draw(seen(), view_, options_);
    terminal_.draw(grid_);
    draw_again_ = Clock::now() + between_draws;
    dirty_ = false;
  }

  // How long nothing needs to be done here.
  int patience() const {
    Clock::time_point next = Clock::now() + milliseconds(idle_ms);
    if (dirty_) next = std::min(next, draw_again_);
    if (!view_.message.empty()) next = std::min(next, message_until_);
    const auto left = std::chrono::ceil<milliseconds>(next - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }

  void say(std::string text, bool is_bad) {
    view_.message = std::move(text);
    view_.message_is_bad = is_bad;
    message_until_ = Clock::now() + message_lasts;
    dirty_ = true;
  }

  void drop_old_message() {
    if (view_.message.empty() || Clock::now() < message_until_) return;
    view_.message.clear();
    dirty_ = true;
  }

  void take_signals() {
    while (const int number = wakes_.next()) {
      switch (number) {
        case SIGWINCH:
          terminal_.resize();
          take_size();
          break;
        case SIGTSTP:
          terminal_.suspend();
          wakes_.stop_here();
          terminal_.resume();
          take_size();
          break;
        case SIGCONT:  // after a SIGSTOP somebody else has drawn here
          terminal_.resume();
          take_size();
          break;
        default:
          over_ = true;
      }
    }
  }

  void take_keys() {
    while (const std::optional<Press> key = terminal_.next_key()) {
      const std::string before = view_.message;
      const Effect effect = press(*key, view_, seen(), options_, grid_.spots);
      model_.restarted = false;
      dirty_ = true;
      if (view_.message != before) message_until_ = Clock::now() + message_lasts;
      if (view_.paused && !frozen_) frozen_ = model_;
      if (!view_.paused) frozen_.reset();
      if (effect.redraw) terminal_.forget();
      if (effect.quit) over_ = true;
      if (effect.order) {
        feed_.order(*effect.order,
                    [this](std::string text, bool is_bad) { say(std::move(text), is_bad); });
      }
      if (over_) return;
    }
  }

  Terminal& terminal_;
  Options options_;
  Wakes wakes_;
  Model model_;
  std::optional<Model> frozen_;  // while paused
  View view_;
  Feed feed_;
  Grid grid_{0, 0};
  bool dirty_ = true;
  bool over_ = false;
  Clock::time_point draw_again_{};
  Clock::time_point message_until_{};
};

}  // namespace

int run_dashboard(const Asked& asked, Terminal& terminal, const Options& options, int pace_ms) {
  return Dashboard(asked, terminal, options, pace_ms).run();
}

}  // namespace ccrelay::app::top
