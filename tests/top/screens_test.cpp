#include "../../app/top/screens.hpp"

#include <string>

#include "../../app/top/text.hpp"
#include "catch.hpp"
#include "sample.hpp"
#include "words.hpp"

namespace ccrelay::app::top {
namespace {

Grid drawn(const Model& model, const View& view, bool ascii = false) {
  return draw(model, view, {ascii, false});
}

std::string screen(int columns, int rows, Screen which) {
  return drawn(sample::relay(), sample::view(columns, rows, which)).text();
}

/// All lines but those of the frame: the first two and the last.
std::string body(const Grid& grid) {
  std::string out;
  for (int row = 2; row < grid.rows() - 1; ++row) {
    if (!grid.line(row).empty()) out += grid.line(row) + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("the overview at 80x24", "[top]") {
  const Grid grid = drawn(sample::relay(), sample::view(80, 24));
  CHECK(grid.line(0) ==
        " cc-relay 0.3.0  127.0.0.1:8787  up 3d 04:12  SERVING             live  12:04:31");
  CHECK(grid.line(1) == " [1 Overview] 2 Providers  3 Keys  4 Clients  5 Requests  6 Log");
  CHECK(lacking(grid.line(2), {" Requests/s    41.2  ▄▅▆▇█"}) == "");
  CHECK(columns_of(grid.line(2)) == 79);
  CHECK(lacking(grid.line(3), {" Failed/s       0.2  ▁"}) == "");
  CHECK(lacking(grid.line(4), {" Tokens out/s  1840  ▄"}) == "");
  const std::string rest = body(grid);
  CHECK(lacking(rest, {R"(
 In flight       37  streams 31   first byte p50 640 ms  p99 2.10 s   lag 0.4 ms
 Today   18 204 requests   31 failed   112 retried   in 41.2M  out 3.1M   $42.18
         cache read 78 %   unpriced 0
 Process 21 MiB   CPU 4 %   52 connections   bodies 3.1 MiB   readers 1  lost 0
 Provider          State      In flight  First byte  Failed 5m  Requests    Cost
 anthropic         OK                28      612 ms      0.1 %    16 882  $41.02
 bedrock-eu        OK                 9      803 ms      0.0 %     1 204   $1.16
 zai               OPEN 21s           0      1.20 s      100 %       118   $0.00
 ollama            DISABLED           0           -          -         0       -
 Last trouble
 12:04:02  zai        failed        502, connection closed before the answer
 11:58:40  anthropic  rate_limited  429, key 5f1c0a9e set aside for 38 s
)"}) == "");
  CHECK(grid.line(23) == " q quit  ? help  Enter provider  R reload  p pause");
  CHECK(grid.at(1, 2).style.reverse);
  CHECK(!grid.at(1, 16).style.reverse);
}

TEST_CASE("the screen of providers at 80x24", "[top]") {
  View view = sample::view(80, 24, Screen::providers);
  view.here().chosen = "ollama";
  const Grid grid = drawn(sample::relay(), view);
  CHECK(body(grid) ==
        R"(   Provider        State      In flight   First  Failed   Conv  Prio   Requests
   anthropic       OK                28  612 ms   0.1 %     19    10     16 882
   bedrock-eu      OK                 9  803 ms   0.0 %      0     0      1 204
   zai             OPEN 21s           0  1.20 s   100 %      0     1        118
 > ollama          DISABLED           0       -       -      0     0          0
 disabled by uid:1000 since 11:40, 18 min left: maintenance
)");
  CHECK(grid.line(23) ==
        " e enable  d disable  D drain  b reset breaker  Enter requests  q quit  ? help");
  CHECK(grid.at(6, 20).style.reverse);
}

TEST_CASE("the screen of keys at 80x24", "[top]") {
  const Grid grid = drawn(sample::relay(), sample::view(80, 24, Screen::keys));
  CHECK(body(grid) ==
        R"(   Key       Provider   State        In fl  Requests/min        Tokens in/min
 > 5f1c0a9e  anthropic  OK              21  [######----] 31/50  [###---] 18k/40k
   a90b77d1  anthropic  COOLING 38s      7  [##########] 50/50  [#####-] 34k/40k
   01c4ff3e  zai        REFUSED 4m       0  -                   -
 plan windows: 5h 62 % until 14:00   7d 31 % until Fri 09:00
)");
  CHECK(grid.line(23) == " e enable  d disable  r reset  Enter requests  q quit  ? help");
}

TEST_CASE("the screen of clients at 80x24", "[top]") {
  const Grid grid = drawn(sample::relay(), sample::view(80, 24, Screen::clients));
  CHECK(body(grid) ==
        R"(   Client        In flight  Today  Cost today / budget        Last seen  Limited
 > alice                 4  1 204  $4.10 [####------] $10     now              0
   subscription          1     22  -                          now              0
 configured
)");
  CHECK(grid.line(23) == " Enter requests of it  q quit  ? help");
}

TEST_CASE("the screen of requests at 80x24, and those that ended", "[top]") {
  View view = sample::view(80, 24, Screen::requests);
  const Grid grid = drawn(sample::relay(), view);
  CHECK(body(grid) ==
        R"( running 2   filter: none   trouble only: no
   Id      Age     State       Provider       Model                 Out   Tokens
 > 1f03a   12.4s   STREAMING   anthropic      claude-sonnet-5-5     18k      812
   1f03c    0.8s   WAITING     anthropic (2)  claude-opus-5-5         0        0
 req_01HZX  alice  POST /v1/messages  key 5f1c0a9e
)");
  CHECK(grid.line(23) ==
        " Enter trace  x cancel  f ended  t trouble only  / filter  q quit  ? help");
  view.ended = true;
  CHECK(lacking(drawn(sample::relay(), view).text(), {" ended 1 ", " > 1f031    2.0s   200 "}) ==
        "");
  CHECK(holding(drawn(sample::relay(), view).text(), {"1f03a"}) == "");
  view.ended = false;
  view.troubled = true;
  CHECK(lacking(drawn(sample::relay(), view).text(), {"1f03c"}) == "");
  CHECK(holding(drawn(sample::relay(), view).text(), {"1f03a"}) == "");
}

TEST_CASE("what was decided about a request, at 80x24 and beside the list at 120x40", "[top]") {
  View view = sample::view(80, 24, Screen::requests);
  view.detail = "1f03c";
  const Grid grid = drawn(sample::relay(), view);
  CHECK(body(grid) ==
        R"( Request 1f03c  req_01HZX  alice  POST /v1/messages  claude-opus-5-5
 WAITING 0.8 s   in 41 kB   attempts 2
     0.0 ms  candidates   zai, anthropic, bedrock-eu (failover)
     0.1 ms  passed_over  bedrock-eu: no key has room (77ab0c21 disabled)
     0.1 ms  picked       zai, key 01c4ff3e: first by priority
    41.0 ms  outcome      zai: failed, 502
    41.1 ms  picked       anthropic, key 5f1c0a9e: home of this conversation
    41.3 ms  attempt      anthropic, connection reused
 Attempts  1 zai 01c4ff3e anthropic>chat failed 502 41 ms    2 anthropic
           5f1c0a9e runs 759 ms
)");
  CHECK(grid.line(23) == " x cancel  Esc back  q quit  ? help");
  View wide = sample::view(120, 40, Screen::requests);
  wide.here().chosen = "1f03c";
  CHECK(lacking(drawn(sample::relay(), wide).text(),
                {" > 1f03c    0.8s   WAITING     anthropic (2)  claude-opus-5-5",
                 "│    41.0 ms  outcome      zai: failed, 502"}) == "");
}

TEST_CASE("the log at 80x24, from a level on, with what it contains", "[top]") {
  View view = sample::view(80, 24, Screen::log);
  const Grid grid = drawn(sample::relay(), view);
  CHECK(body(grid) ==
        R"( 12:04:31 info  request   200 anthropic claude-sonnet-5-5 1.2 s
 12:04:31 warn  breaker   zai is left out for 30 s: 5 failures in a row
 -- 12 lines lost --
 12:04:32 info  managed   uid:1000 disabled provider ollama: maintenance
)");
  CHECK(grid.line(23) ==
        " L log level  m least level shown  / contains  w wrap  p pause  q quit  ? help");
  view.least_level = 2;
  CHECK(lacking(drawn(sample::relay(), view).text(), {"warn  breaker", "shown from warn"}) == "");
  CHECK(holding(drawn(sample::relay(), view).text(), {"info  request"}) == "");
  view.least_level = 0;
  view.here().filter = "OLLAMA";
  CHECK(lacking(drawn(sample::relay(), view).text(), {"provider ollama"}) == "");
  CHECK(holding(drawn(sample::relay(), view).text(), {"sonnet"}) == "");
}

TEST_CASE("a question says what will happen, with figures of now", "[top]") {
  View view = sample::view(80, 24, Screen::providers);
  view.confirm = Confirm{};
  view.confirm->verb = Confirm::Verb::disable_provider;
  view.confirm->target = "anthropic";
  view.confirm->reason = "maintenance";
  const std::string text = drawn(sample::relay(), view).text();
  for (const char* line :
       {"┌ Confirm ───────────────────────────┐", "│ Disable provider anthropic?        │",
        "│ 28 requests run there and go on.   │", "│ New ones go to bedrock-eu.         │",
        "│ for [ until told ]  15m  1h  8h    │", "│ reason: maintenance_               │",
        "│ y yes    n no (default)            │", "└────────────────────────────────────┘"}) {
    CHECK(lacking(text, {line}) == "");
  }
  Model last = sample::relay();
  last.providers.resize(1);
  CHECK(lacking(drawn(last, view).text(), {"No other could take new ones"}) == "");
}

TEST_CASE("at 120x40 the overview has more columns, what runs, trouble and the log", "[top]") {
  const std::string text = screen(120, 40, Screen::overview);
  CHECK(lacking(text,
                {" Tokens in/s    12k  ",
                 " Provider          State      In flight  First byte     p99 Failed 5m  Keys     "
                 "         Requests  Tokens in/out    Cost\n"
                 " anthropic         OK                28      612 ms  700 ms     0.1 %  1 ok, 1 "
                 "cooling     16 882   39.8M / 3.0M  $41.02\n",
                 " Running     Client         State       Age     Provider       Model            "
                 "            Out   Tokens  Tries Session\n"
                 " 1f03a       alice          STREAMING   12.4s   anthropic      "
                 "claude-sonnet-5-5          18 kB      812      1 7e1f03aa\n"}) == "");
  CHECK(text.find("Running") < text.find("Last trouble"));
  CHECK(text.find("Last trouble") < text.find("-- 12 lines lost --"));
}

TEST_CASE("no screen is ever wider or higher than its terminal", "[top]") {
  Model model = sample::relay();
  model.providers[0].name = "日本語の提供者の長い名前です";
  model.running[0].model = std::string(300, 'm');
  for (const auto& [columns, rows] : {std::pair(40, 10), std::pair(79, 23), std::pair(80, 24),
                                      std::pair(120, 40), std::pair(200, 50), std::pair(400, 12)}) {
    for (int which = 0; which < static_cast<int>(screens); ++which) {
      for (const bool ascii : {false, true}) {
        const Grid grid =
            drawn(model, sample::view(columns, rows, static_cast<Screen>(which)), ascii);
        REQUIRE(grid.rows() == rows);
        for (int row = 0; row < rows; ++row) {
          INFO(columns << "x" << rows << " screen " << which << " row " << row);
          REQUIRE(columns_of(grid.line(row)) <= columns);
          if (ascii) REQUIRE(in_ascii(grid.line(row)) == grid.line(row));
        }
      }
    }
  }
}

TEST_CASE("at 40x10 provider and state stay, and one part of the overview shows", "[top]") {
  const std::string list = screen(40, 10, Screen::providers);
  CHECK(lacking(list, {"   Provider        State      In flight\n",
                       "   zai             OPEN 21s           0\n"}) == "");
  View view = sample::view(40, 10);
  const std::string figures = drawn(sample::relay(), view).text();
  CHECK(lacking(figures, {"Requests/s    41.2", "live  12:04:31", "q quit  ? help"}) == "");
  CHECK(holding(figures, {"Last trouble"}) == "");
  view.section = 3;
  CHECK(lacking(drawn(sample::relay(), view).text(), {"Last trouble"}) == "");
  CHECK(holding(drawn(sample::relay(), view).text(), {"Requests/s"}) == "");
}

TEST_CASE("below 40x10 one line says what is needed", "[top]") {
  CHECK(screen(30, 8, Screen::keys).substr(0, 25) == "40x10 needed, 30x8 here\n\n");
  CHECK(drawn(sample::relay(), sample::view(3, 1)).line(0) == "40x");
  CHECK(drawn(sample::relay(), sample::view(0, 0)).text().empty());
}

TEST_CASE("without a relay the screen says where it looked and what to do", "[top]") {
  Model model;
  model.link = Link::lost;
  model.why = {"no relay answers at unix:/run/x.sock", "start one with: cc-relay serve"};
  const std::string text = drawn(model, sample::view(80, 24)).text();
  CHECK(lacking(text, {" no relay answers at unix:/run/x.sock\n start one with: cc-relay serve",
                       "RECONNECTING"}) == "");
}

TEST_CASE("a relay that has gone leaves its last figures, dimmed", "[top]") {
  Model model = sample::relay();
  model.link = Link::lost;
  const Grid grid = drawn(model, sample::view(80, 24));
  CHECK(lacking(grid.line(0), {"RECONNECTING  last seen 12:04:31"}) == "");
  CHECK(holding(grid.line(0), {"SERVING"}) == "");
  CHECK(lacking(grid.text(), {"16 882"}) == "");
  CHECK(grid.at(12, 2).style.dim);
  model.link = Link::live;
  model.restarted = true;
  CHECK(lacking(drawn(model, sample::view(80, 24)).line(0), {"restarted  live"}) == "");
}

TEST_CASE("what an older relay does not tell is n/a, and a newer one's states are shown", "[top]") {
  Model model = sample::relay();
  model.status = {};
  model.status.time = sample::at();
  model.providers[0].totals.requests.reset();
  model.providers[1].health = "RESTING_A_WHILE";
  const std::string text = drawn(model, sample::view(80, 24)).text();
  CHECK(lacking(text, {"Requests/s     n/a", "RESTING A", "n/a  $41.02"}) == "");
}

TEST_CASE("names can't drive the terminal", "[top]") {
  Model model = sample::relay();
  model.running[0].model = "evil\x1b]0;title\x07";
  model.providers[0].name = "two\nlines";
  CHECK(holding(screen(80, 24, Screen::requests), {"\x1b"}) == "");
  const std::string text = drawn(model, sample::view(80, 24, Screen::requests)).text();
  CHECK(lacking(text, {"evil·]0;title·"}) == "");
  CHECK(lacking(drawn(model, sample::view(80, 24)).text(), {"two·lines"}) == "");
}

TEST_CASE("a viewer and a reader are shown no action", "[top]") {
  Model model = sample::relay();
  model.info.role = "VIEWER";
  const Grid grid = drawn(model, sample::view(80, 24, Screen::providers));
  CHECK(grid.line(23) == " Enter requests  q quit  ? help");
  const Grid reader = draw(sample::relay(), sample::view(80, 24, Screen::keys), {false, true});
  CHECK(reader.line(23) == " Enter requests  q quit  ? help");
}

}  // namespace ccrelay::app::top
