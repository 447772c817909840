#include "../../app/top/keys.hpp"

#include <string>

#include "../../app/top/screens.hpp"
#include "catch.hpp"
#include "sample.hpp"
#include "words.hpp"

namespace ccrelay::app::top {
namespace {

using Name = Press::Name;

/// A person before a relay: presses keys, and remembers what the last one asked for.
class Person {
 public:
  explicit Person(Screen screen = Screen::overview) : view(sample::view(80, 24, screen)) {}

  void press(Name name) {
    Press key;
    key.name = name;
    take(key);
  }
  void type(const std::string& letters) {
    for (const char letter : letters) {
      Press key;
      key.letter = std::string(1, letter);
      take(key);
    }
  }
  void click(int row, int column) {
    Press key;
    key.name = Name::click;
    key.row = row;
    key.column = column;
    take(key);
  }

  Model model = sample::relay();
  View view;
  Options options;
  Effect last;

 private:
  void take(const Press& key) {
    const Grid grid = draw(model, view, options);
    last = top::press(key, view, model, options, grid.spots);
  }
};

}  // namespace

TEST_CASE("digits, Tab and clicks choose the screen", "[top]") {
  Person person;
  person.type("3");
  CHECK(person.view.screen == Screen::keys);
  person.press(Name::tab);
  CHECK(person.view.screen == Screen::clients);
  person.press(Name::back_tab);
  person.press(Name::back_tab);
  CHECK(person.view.screen == Screen::providers);
  person.click(1, 60);
  CHECK(person.view.screen == Screen::log);
  person.press(Name::tab);
  CHECK(person.view.screen == Screen::overview);
}

TEST_CASE("keys and clicks choose a row, and stop at the ends", "[top]") {
  Person person(Screen::providers);
  person.type("j");
  CHECK(person.view.here().chosen == "bedrock-eu");
  person.type("G");
  CHECK(person.view.here().chosen == "ollama");
  person.press(Name::down);
  CHECK(person.view.here().chosen == "ollama");
  person.type("k");
  CHECK(person.view.here().chosen == "zai");
  person.press(Name::page_up);
  CHECK(person.view.here().chosen == "anthropic");
  person.click(4, 10);
  CHECK(person.view.here().chosen == "bedrock-eu");
}

TEST_CASE("Enter goes in and Esc comes back", "[top]") {
  Person person;
  person.type("jj");
  person.press(Name::enter);
  CHECK(person.view.screen == Screen::providers);
  CHECK(person.view.here().chosen == "bedrock-eu");
  person.press(Name::enter);
  CHECK(person.view.screen == Screen::requests);
  CHECK(person.view.here().filter == "provider=bedrock-eu ");
  person.press(Name::escape);
  CHECK(person.view.here().filter.empty());
  person.press(Name::enter);
  CHECK(person.view.detail == "1f03a");
  person.press(Name::escape);
  CHECK(person.view.detail.empty());
}

TEST_CASE("only y or a chosen yes does what is asked for", "[top]") {
  Person person(Screen::providers);
  person.type("d");
  REQUIRE(person.view.confirm);
  person.press(Name::enter);  // no is the default
  CHECK(!person.view.confirm);
  CHECK(!person.last.order);
  person.type("dq");  // no other letter is an answer
  CHECK(person.view.confirm);
  CHECK(!person.last.quit);
  person.type("n");
  CHECK(!person.view.confirm);
  CHECK(!person.last.order);
  person.type("dy");
  REQUIRE(person.last.order);
  CHECK(person.last.order->path == "/providers/anthropic:disable");
  CHECK(person.last.order->body == R"({"reason":"","ttl_ms":0})");
  person.type("d");
  person.press(Name::right);  // to yes
  person.press(Name::enter);
  REQUIRE(person.last.order);
  CHECK(person.last.order->done == "anthropic disabled");
}

TEST_CASE("a question takes a time and a reason, in which letters are letters", "[top]") {
  Person person(Screen::providers);
  person.type("d");
  person.press(Name::tab);  // no -> time
  REQUIRE(person.view.confirm->focus == Confirm::Focus::span);
  person.press(Name::right);
  person.press(Name::tab);
  person.type("yes \"now\"x");
  person.press(Name::backspace);
  REQUIRE(person.view.confirm);
  CHECK(person.view.confirm->reason == "yes \"now\"");
  person.press(Name::enter);
  CHECK(person.view.confirm->focus == Confirm::Focus::no);
  person.type("y");
  REQUIRE(person.last.order);
  CHECK(person.last.order->body == R"({"reason":"yes \"now\"","ttl_ms":900000})");
}

TEST_CASE("each action asks for what it says", "[top]") {
  Person person(Screen::providers);
  person.type("e");
  REQUIRE(person.last.order);
  CHECK(person.last.order->path == "/providers/anthropic:enable");
  person.type("b");
  CHECK(person.last.order->path == "/providers/anthropic:reset-breaker");
  person.type("Dy");
  CHECK(person.last.order->path == "/providers/anthropic:drain");
  CHECK(person.last.order->body == R"({"reason":"","timeout_ms":300000})");
  person.type("3r");
  CHECK(person.last.order->path == "/keys/5f1c0a9e:reset");
  person.type("dy");
  CHECK(person.last.order->path == "/keys/5f1c0a9e:disable");
  person.type("e");
  CHECK(person.last.order->path == "/keys/5f1c0a9e:enable");
  person.type("5xy");
  CHECK(person.last.order->path == "/requests/1f03a:cancel");
  person.type("Ry");
  CHECK(person.last.order->path == "/config:reload");
  person.type("L");
  CHECK(person.last.order->path == "/log-level");
  CHECK(person.last.order->body == R"({"level":"LOG_LEVEL_DEBUG","ttl_ms":900000})");
  person.model.log_level = "DEBUG";
  person.type("L");
  CHECK(person.last.order->body == R"({"level":"LOG_LEVEL_UNSPECIFIED","ttl_ms":0})");
}

TEST_CASE("names can't leave their place in a path", "[top]") {
  CHECK(path_part("a/b?c:d ä") == "a%2Fb%3Fc%3Ad%20%C3%A4");
  CHECK(path_part("eu-1_x.y~z") == "eu-1_x.y~z");
}

TEST_CASE("a viewer's keys act upon nothing and say why", "[top]") {
  Person person(Screen::providers);
  person.model.info.role = "VIEWER";
  for (const char* key : {"e", "d", "D", "b", "R", "L"}) {
    person.type(key);
    CHECK(!person.last.order);
    CHECK(!person.view.confirm);
    CHECK(person.view.message == "needs an operator's token");
  }
  person.options.read_only = true;
  person.type("d");
  CHECK(person.view.message == "read-only");
}

TEST_CASE("while a filter is typed no letter acts", "[top]") {
  Person person(Screen::providers);
  person.type("/dq");
  CHECK(!person.last.quit);
  CHECK(!person.view.confirm);
  CHECK(person.view.here().filter == "dq");
  person.press(Name::escape);
  CHECK(person.view.here().filter.empty());
  person.type("/BED");
  person.press(Name::enter);
  CHECK(!person.view.typing_filter);
  person.type("e");
  CHECK(person.last.order->path == "/providers/bedrock-eu:enable");
  person.press(Name::escape);
  CHECK(person.view.here().filter.empty());
}

TEST_CASE("s sorts by the next column and S turns the order", "[top]") {
  Person person(Screen::providers);
  person.type("ss");  // by state
  CHECK(person.view.message == "sorted by State");
  person.type("s");  // by requests at once
  person.type("Sg");
  CHECK(person.view.here().chosen == "anthropic");
  person.type("S");
  CHECK((has(draw(person.model, person.view, {}).line(3), "zai") ||
         has(draw(person.model, person.view, {}).line(3), "ollama")));
}

TEST_CASE("p, + and - pause and change the pace within their bounds", "[top]") {
  Person person;
  person.type("p");
  CHECK(person.view.paused);
  CHECK(lacking(draw(person.model, person.view, {}).line(0), {"paused  12:04:31"}) == "");
  person.type("p+");
  CHECK(!person.view.paused);
  CHECK(person.view.pace_ms == 500);
  person.type("+++++");
  CHECK(person.view.pace_ms == pace_ms_min);
  person.type("----------");
  CHECK(person.view.pace_ms == pace_ms_max);
}

TEST_CASE("q and Ctrl-C quit, also out of a question for the latter", "[top]") {
  Person person(Screen::providers);
  person.type("d");
  person.press(Name::quit);
  CHECK(person.last.quit);
  Person other;
  other.type("q");
  CHECK(other.last.quit);
}

TEST_CASE("on a small terminal the overview's parts follow each other", "[top]") {
  Person person;
  person.view = sample::view(40, 10);
  person.type("jj");
  CHECK(person.view.section == 2);
  person.type("jjjj");  // through the providers
  CHECK(person.view.here().chosen == "ollama");
  person.type("j");
  CHECK(person.view.section == 3);
  person.type("k");
  CHECK(person.view.section == 2);
}

}  // namespace ccrelay::app::top
