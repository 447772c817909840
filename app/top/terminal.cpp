// Compiled by itself: ncurses has its own idea of many a name.
#include "terminal.hpp"

#define NCURSES_NOMACROS  // functions instead
#include <curses.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <string>
#include <vector>

#include "text.hpp"

namespace ccrelay::app::top {
namespace {

// What a dying program does, without a function that a signal handler may not call.
struct Restore {
  termios modes{};
  std::array<char, 512> words{};
  std::size_t length = 0;
  bool armed = false;

  void add(const char* word) {
    if (word == nullptr || word == reinterpret_cast<char*>(-1)) return;
    const std::size_t bytes = std::strlen(word);
    if (length + bytes > words.size()) return;
    std::memcpy(words.data() + length, word, bytes);
    length += bytes;
  }
  void run() const {
    if (!armed) return;
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, words.data(), length);
    ::tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
  }
};
Restore restore;
constexpr std::array<int, 6> deadly = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGQUIT};

extern "C" void put_terminal_back(int number) {
  restore.run();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

void restore_when_dying() {
  restore.length = 0;
  for (const char* name : {"sgr0", "rmkx", "cnorm", "rmcup"}) restore.add(::tigetstr(name));
  restore.add("\x1b[?1000l\x1b[?1006l");
  restore.armed = true;
  for (const int number : deadly) ::signal(number, &put_terminal_back);
}

// One whose cursor can't be moved has no word for it.
bool can_be_drawn_on() {
  const char* move = ::tigetstr("cup");
  return move != nullptr && move != reinterpret_cast<char*>(-1);
}

short color_of(Tint tint) {
  switch (tint) {
    case Tint::good:
      return COLOR_GREEN;
    case Tint::warn:
      return COLOR_YELLOW;
    case Tint::bad:
      return COLOR_RED;
    case Tint::accent:
      return COLOR_CYAN;
    case Tint::plain:
      break;
  }
  return -1;
}

class CursesTerminal final : public Terminal {
 public:
  CursesTerminal(SCREEN* screen, const Wish& wish) : screen_(screen) {
    ::cbreak();
    ::noecho();
    ::nonl();
    ::keypad(stdscr, TRUE);
    ::nodelay(stdscr, TRUE);
    ::curs_set(0);
    ::set_escdelay(25);
    if (wish.color && ::has_colors() == TRUE) {
      ::start_color();
      ::use_default_colors();
      for (const Tint tint : {Tint::good, Tint::warn, Tint::bad, Tint::accent}) {
        ::init_pair(static_cast<short>(tint), color_of(tint), -1);
      }
      colored_ = true;
    }
    if (wish.mouse) {
      ::mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
      ::mouseinterval(0);
    }
  }

  ~CursesTerminal() override {
    ::endwin();
    for (const int number : deadly) ::signal(number, SIG_DFL);
    restore.armed = false;
    ::delscreen(screen_);
  }

  int rows() const override { return getmaxy(stdscr); }
  int columns() const override { return getmaxx(stdscr); }

  void resize() override {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
      ::resizeterm(size.ws_row, size.ws_col);
    }
    forget();
  }

  void draw(const Grid& grid) override {
    for (int row = 0; row < grid.rows(); ++row) {
      if (is_known(grid, row)) continue;
      ::wmove(stdscr, row, 0);
      for (int column = 0; column < grid.columns(); ++column) {
        draw_cell(grid.at(row, column), row, column);
      }
    }
    known_ = grid;
    ::wrefresh(stdscr);
  }

  void forget() override {
    known_ = Grid(0, 0);
    ::wclear(stdscr);  // and all of it is written anew
  }

  std::optional<Press> next_key() override;

  void suspend() override {
    ::endwin();
    restore.armed = false;
  }
  void resume() override {
    restore.armed = true;
    resize();
    ::wrefresh(stdscr);
  }

 private:
  bool is_known(const Grid& grid, int row) const {
    if (known_.rows() != grid.rows() || known_.columns() != grid.columns()) return false;
    for (int column = 0; column < grid.columns(); ++column) {
      if (!(known_.at(row, column) == grid.at(row, column))) return false;
    }
    return true;
  }

  void draw_cell(const Cell& cell, int row, int column) const {
    if (cell.glyph.empty()) return;
    std::array<wchar_t, CCHARW_MAX + 1> letters{};
    std::size_t count = 0;
    for (std::size_t at = 0; at < cell.glyph.size() && count < CCHARW_MAX;) {
      letters[count++] = static_cast<wchar_t>(next_point(cell.glyph, at));
    }
    attr_t look = A_NORMAL;
    if (cell.style.bold) look |= A_BOLD;
    if (cell.style.dim) look |= A_DIM;
    if (cell.style.reverse) look |= A_REVERSE;
    const short pair = colored_ ? static_cast<short>(cell.style.tint) : static_cast<short>(0);
    cchar_t out;
    if (::setcchar(&out, letters.data(), look, pair, nullptr) != ERR) {
      mvwadd_wch(stdscr, row, column, &out);
    }
  }

  SCREEN* screen_;
  Grid known_{0, 0};
  bool colored_ = false;
};

std::optional<Press> mouse_press() {
  MEVENT event;
  Press press;
  if (::getmouse(&event) != OK) return {};
  press.row = event.y;
  press.column = event.x;
  if ((event.bstate & BUTTON4_PRESSED) != 0) {
    press.name = Press::Name::wheel_up;
  } else if ((event.bstate & BUTTON5_PRESSED) != 0) {
    press.name = Press::Name::wheel_down;
  } else {
    press.name = Press::Name::click;
  }
  return press;
}

std::optional<Press::Name> name_of(wint_t key, bool is_function_key) {
  using Name = Press::Name;
  if (!is_function_key) {
    switch (key) {
      case 3:
        return Name::quit;
      case 8:
      case 127:
        return Name::backspace;
      case 9:
        return Name::tab;
      case 10:
      case 13:
        return Name::enter;
      case 12:
        return Name::redraw;
      case 27:
        return Name::escape;
      default:
        return {};
    }
  }
  switch (key) {
    case KEY_UP:
      return Name::up;
    case KEY_DOWN:
      return Name::down;
    case KEY_LEFT:
      return Name::left;
    case KEY_RIGHT:
      return Name::right;
    case KEY_PPAGE:
      return Name::page_up;
    case KEY_NPAGE:
      return Name::page_down;
    case KEY_HOME:
      return Name::home;
    case KEY_END:
      return Name::end;
    case KEY_ENTER:
      return Name::enter;
    case KEY_BTAB:
      return Name::back_tab;
    case KEY_BACKSPACE:
    case KEY_DC:
      return Name::backspace;
    default:
      return {};
  }
}

void append_utf8(wint_t point, std::string& out) {
  const auto byte = [&](unsigned bits) { out += static_cast<char>(bits); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

std::optional<Press> CursesTerminal::next_key() {
  for (;;) {
    wint_t key = 0;
    const int kind = ::wget_wch(stdscr, &key);
    if (kind == ERR) return {};
    const bool is_function_key = kind == KEY_CODE_YES;
    if (is_function_key && key == KEY_MOUSE) {
      if (auto press = mouse_press()) return press;
      continue;
    }
    Press press;
    if (const auto name = name_of(key, is_function_key)) {
      press.name = *name;
      return press;
    }
    if (is_function_key || key < 0x20 || (key >= 0x7F && key < 0xA0)) continue;  // means nothing
    append_utf8(key, press.letter);
    return press;
  }
}

}  // namespace

bool Terminal::is_built() {
  return true;
}

std::unique_ptr<Terminal> Terminal::open(const Wish& wish) {
  ::tcgetattr(STDOUT_FILENO, &restore.modes);
  SCREEN* screen = ::newterm(nullptr, stdout, stdin);
  if (screen == nullptr) return nullptr;
  if (!can_be_drawn_on()) {
    ::endwin();
    ::delscreen(screen);
    return nullptr;
  }
  restore_when_dying();
  return std::make_unique<CursesTerminal>(screen, wish);
}

}  // namespace ccrelay::app::top
