"""`cc-relay top` before a relay that is played, on terminals of tmux's."""

import errno
import json
import os
import pathlib
import re
import signal
import socket

import management
from harness import Program
from management import Management, attempt, budget, client, key, log_line, provider, request, totals
from screen import Screen


def machine_has_relays():
    """Where `run` could not give the tests a folder of their own for sockets."""
    folder = pathlib.Path("/run/cc-relay")
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return False
    except PermissionError:
        return True  # as far as can be seen
    for name in names:
        with socket.socket(socket.AF_UNIX) as asks:
            if name.endswith(".sock") and asks.connect_ex(str(folder / name)) != errno.ECONNREFUSED:
                return True
    return False


class Top(Program):
    def setUp(self):
        super().setUp()
        self.socket = self.runtime / "cc-relay" / "8787.sock"

        if machine_has_relays():
            self.skipTest("skipped: relays of this machine are found, too")

    def relay(self, **options):
        return Management(self, self.socket, **options)

    def dead_socket(self, name):
        """As a relay leaves it that was killed."""
        path = self.runtime / "cc-relay" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as gone:
            gone.bind(str(path))
            gone.listen()
        return path

    def screen(self, *arguments, **options):
        return Screen(self, self.executable, "top", *arguments, **options)


class TopOnce(Top):
    """Without a terminal: tables and JSON."""

    def test_no_relay_is_said_where_and_what_to_do(self):
        self.assert_ends(
            self.run_relay("top"),
            1,
            stderr=f"cc-relay: no relay answers at unix:{self.socket}\n"
            "  start one with: cc-relay serve\n"
            "  or name it: cc-relay top --address …\n",
        )

    def test_tables_of_everything(self):
        relay = self.relay()
        relay.providers[0].update(in_flight=28, totals=totals(16_882, dollars=41.02))
        relay.running = [request("1f03a")]
        done = self.run_relay("top", "--once")
        self.assert_succeeds(done, r"^cc-relay 0\.3\.0 127\.0\.0\.1:8787  up 01:00\n")
        words = ("Provider ", "anthropic ", "16 882", "$41.02", "Key ", "5f1c0a9e", "Client ", "alice")
        places = [done.stdout.index(word) for word in (*words, "Id ", "1f03a", "STREAMING")]
        self.assertEqual(places, sorted(places), done.stdout)
        self.assertEqual(self.run_relay("top").stdout, done.stdout)  # no terminal: as with --once
        self.assertNotIn("\x1b", done.stdout)

    def test_one_line_of_json_holds_what_the_relay_told(self):
        relay = self.relay()
        relay.providers = [provider(f"p{i}") for i in range(1001)]  # more than a page
        done = self.run_relay("top", "--json", "--once")
        self.assertEqual(done.stdout.count("\n"), 1)
        told = json.loads(done.stdout)
        self.assertEqual(
            list(told), ["info", "status", "providers", "keys", "clients", "requests"]
        )
        self.assertEqual(told["info"], relay.info)
        self.assertEqual(told["status"], relay.status)
        self.assertEqual(told["providers"], relay.providers)
        self.assertEqual(told["keys"], relay.keys)

    def test_tables_that_cannot_be_written_are_an_error(self):
        self.relay()
        for more in ((), ("--json",)):
            with self.subTest(more), open("/dev/full", "wb") as full:
                self.assert_ends(
                    self.run_relay("top", "--once", *more, stdout=full),
                    1,
                    stderr="cc-relay: the result could not be written\n",
                )

    def test_json_goes_on_until_nobody_reads(self):
        relay = self.relay()
        running = self.start("top", "--json", "--delay", "0.2")
        running.stdout.wait_for(r"(?s)(\{.*\}\n){3}")
        relay.set_status(state="SERVER_STATE_DRAINING")
        running.stdout.wait_for("DRAINING")
        running.signal(signal.SIGTERM)
        running.wait()

    def test_several_relays_are_listed_and_one_is_asked_for(self):
        for port in ("1111", "2222"):
            Management(self, self.runtime / "cc-relay" / f"{port}.sock")
        done = self.run_relay("top")
        self.assert_fails(done, 1, r"several relays run here")
        self.assertRegex(done.stderr, r"--address unix:\S*/1111\.sock\n.*--address unix:\S*/2222\.sock")
        one = self.runtime / "cc-relay" / "2222.sock"
        self.assertEqual(self.run_relay("top", "--address", f"unix:{one}").code, 0)

    def test_the_only_relay_is_taken_whatever_its_port(self):
        Management(self, self.runtime / "cc-relay" / "1111.sock")
        self.assertEqual(self.run_relay("top").code, 0)

    def test_a_socket_that_nobody_listens_at_is_no_relay(self):
        for name in ("8787.sock", "2222.sock"):
            self.dead_socket(name)
        self.assert_fails(self.run_relay("top"), 1, rf"no relay answers at unix:{self.socket}\n")
        relay = Management(self, self.runtime / "cc-relay" / "1111.sock")
        self.assertEqual(self.run_relay("top").code, 0)
        self.assertIn("/api/v1/info", relay.asked)
        other = Management(self, self.runtime / "cc-relay" / "3333.sock")
        done = self.run_relay("top")
        self.assert_fails(done, 1, r"several relays run here; [^\n]*\n[^\n]*1111[^\n]*\n[^\n]*3333[^\n]*\n\Z")
        self.assertEqual(other.asked, [])

    def test_a_token_of_a_relay_that_is_gone_is_not_tried(self):
        relay = Management(self, None, token="t0ken-of-the-management")
        self.dead_socket("2222.sock")
        self.write(self.runtime / "cc-relay" / "2222.token", "t0ken-of-one-that-is-gone\n")
        self.write(self.runtime / "cc-relay" / "1111.token", "t0ken-of-the-management\n")
        self.assertEqual(self.run_relay("top", "--address", relay.url).code, 0)

    def test_tcp_needs_a_token(self):
        relay = Management(self, None, token="t0ken-of-the-management")
        done = self.run_relay("top", "--address", relay.url)
        self.assert_fails(done, 1, r"asks for a token[\s\S]*--token-file FILE")
        file = self.write("token", "wrong-token\n")
        done = self.run_relay("top", "--address", relay.url, "--token-file", file)
        self.assert_fails(done, 1, rf"does not know the token in {file}")
        self.assertNotIn("wrong-token", done.stderr)
        file = self.write("token", "t0ken-of-the-management\n")
        done = self.run_relay("top", "--address", relay.url, "--token-file", file)
        self.assert_succeeds(done, "^cc-relay 0.3.0 ")
        # The one that a relay has made lies beside its socket.
        self.write(self.runtime / "cc-relay" / "8787.token", "t0ken-of-the-management\n")
        self.assertEqual(self.run_relay("top", "--address", relay.url).code, 0)

    def test_no_permission_tells_whose_relay_it_is(self):
        relay = self.relay()
        relay.refusal = (403, "PERMISSION_DENIED", "uid 1001 is not in manage.auth.users")
        self.assert_fails(
            self.run_relay("top"),
            1,
            r"no permission for unix:[\s\S]*uid 1001 is not in[\s\S]*asks\n[\s\S]*manage\.auth\.users",
        )

    def test_an_older_relay_has_no_such_api(self):
        relay = self.relay()
        relay.refusal = (404, "NOT_FOUND", "no such page")
        self.assert_fails(
            self.run_relay("top"),
            1,
            r"this relay \(0\.3\.0\) has no management API: restart it with the new version",
        )

    def test_wrong_options_are_usage_errors(self):
        for words in (["--delay", "0.1"], ["--delay", "11"], ["--bogus"], ["--address", ""], ["--address", "here"]):
            with self.subTest(words):
                self.assertEqual(self.run_relay("top", *words).code, 2)


class TopScreens(Top):
    """What stands on the terminal."""

    def test_no_relay_then_one_is_found(self):
        screen = self.screen(size=(160, 24))
        screen.wait_for(rf"no relay answers at unix:{self.socket}")
        screen.wait_for("start one with: cc-relay serve")
        self.relay()
        screen.wait_for(r"SERVING +live +12:04:31")
        screen.wait_for(r"anthropic +OK")

    def test_an_idle_relay(self):
        self.relay()
        screen = self.screen()
        screen.wait_for(r"anthropic +OK +0 +- +- +0 +-\n zai +OK")
        lines = screen.lines()
        self.assertEqual(
            lines[0],
            " cc-relay 0.3.0  127.0.0.1:8787  up 01:00  SERVING                live  12:04:31",
        )
        self.assertEqual(
            lines[1], " [1 Overview] 2 Providers  3 Keys  4 Clients  5 Requests  6 Log"
        )
        self.assertIn(" Total   0 requests   0 failed", screen.text())
        self.assertEqual(lines[23], " q quit  ? help  Enter provider  R reload  p pause")

    def test_load_and_a_provider_that_goes_down(self):
        relay = self.relay()
        screen = self.screen()
        screen.wait_for(r"zai +OK")
        rates = {**relay.status["rates"], "requests_per_second": 41.2, "output_tokens_per_second": 1840}
        relay.set_status(rates=rates, in_flight=37, streaming=31, today=totals(18_204, 31, 42.18))
        screen.wait_for(r"Requests/s    41\.2\b")
        screen.wait_for(r"In flight       37  streams 31")
        screen.wait_for(r"Today   18 204 requests   31 failed[\s\S]*\$42\.18")
        zai = provider(
            "zai",
            health="PROVIDER_HEALTH_OPEN",
            failure_ratio=1,
            last_error={
                "time": management.NOON,
                "outcome": "OUTCOME_FAILED",
                "status": 502,
                "message": "connection closed before the answer",
                "id": "1f02b",
            },
        )
        zai["breaker"].update(state="BREAKER_STATE_OPEN", failures=5, half_open_in_ms=21_000)
        relay.change(providers=[relay.providers[0], zai])
        screen.wait_for(r"zai +OPEN 21s +0 +- +100 %")
        screen.wait_for(r"12:04:31  zai +failed +502, connection closed before the answer")

    def test_keys_that_are_limited(self):
        relay = self.relay()
        relay.keys = [
            key(
                "5f1c0a9e",
                "anthropic",
                budgets=[
                    budget("BUDGET_KIND_REQUESTS_PER_MINUTE", 31, 50),
                    budget("BUDGET_KIND_INPUT_TOKENS_PER_MINUTE", 18_000, 40_000),
                ],
            ),
            key(
                "a90b77d1",
                "anthropic",
                state="KEY_STATE_COOLING",
                cool_downs=[{"model": "", "expire_time": "2026-11-25T12:05:09Z"}],
            ),
        ]
        screen = self.screen()
        screen.wait_for("live")
        screen.type("3")
        screen.wait_for(r"> 5f1c0a9e +anthropic +OK +0 +\[######----\] 31/50 +\[###---\] 18k/40k")
        screen.wait_for(r"a90b77d1 +anthropic +COOLING 38s")
        screen.type("j")
        screen.wait_for(r"> a90b77d1[\s\S]*all models set aside for 38s")

    def test_requests_come_and_go(self):
        relay = self.relay()
        relay.running = [request("1f03a")]
        screen = self.screen()
        screen.wait_for("live")
        screen.type("5")
        screen.wait_for(r"running 1 [\s\S]*> 1f03a +\S+ +STREAMING +anthropic +claude-sonnet-5-5 +18k")
        started = request("1f03c", provider="", state="REQUEST_STATE_ROUTING", attempt_count=0)
        relay.happen(started=started)
        screen.wait_for(r"1f03c +\S+ +ROUTING")
        relay.happen(attempt_started={"id": "1f03c", "attempt": attempt(1, "zai")})
        screen.wait_for(r"1f03c +\S+ +WAITING +zai")
        failed = attempt(1, "zai", outcome="OUTCOME_FAILED", status=502, detail="closed")
        relay.happen(attempt_ended={"id": "1f03c", "attempt": failed})
        screen.type("t")
        screen.wait_without("1f03a")
        screen.type("1")
        screen.wait_for(r"zai +failed +502, closed")
        screen.type("5")
        screen.type("tf")
        relay.happen(
            ended=request("1f03c", state="REQUEST_STATE_ENDED", ending="ENDING_COMPLETE", status=200)
        )
        screen.wait_for(r"ended 1 [\s\S]*> 1f03c +0\.4s +200")

    def test_the_decisions_about_a_request(self):
        relay = self.relay()
        relay.running = [
            request(
                "1f03c",
                trace=[
                    {"at_us": 100, "event": "picked", "message": "zai: first", "fields": {}},
                    {"at_us": 41_000, "event": "outcome", "message": "zai: failed, 502", "fields": {}},
                ],
                attempts=[attempt(1, "zai", outcome="OUTCOME_FAILED", status=502, duration_us=41_000)],
                traced=True,
            )
        ]
        screen = self.screen()
        screen.wait_for("live")
        screen.type("5")
        screen.wait_for("> 1f03c")
        screen.press("Enter")
        screen.wait_for(r"Request 1f03c  req_1f03c  alice  POST /v1/messages  claude-sonnet-5-5")
        screen.wait_for(r"   41\.0 ms  outcome      zai: failed, 502")
        screen.wait_for(r"Attempts  1 zai 5f1c0a9e failed 502 41 ms")
        screen.press("Escape")
        screen.wait_for(r"trouble only: no")

    def test_clients_and_their_budgets(self):
        relay = self.relay()
        relay.clients = [
            client(
                "alice",
                in_flight=4,
                today=totals(1204, dollars=4.1),
                budgets=[budget("BUDGET_KIND_NANO_USD_PER_DAY", 4_100_000_000, 10_000_000_000)],
            )
        ]
        screen = self.screen()
        screen.wait_for("live")
        screen.type("4")
        screen.wait_for(r"> alice +4 +1 204 +\$4\.10 \[####------\] \$10 ")

    def test_the_log(self):
        relay = self.relay()
        relay.log = [log_line("request", "200 anthropic 1.2 s")]
        screen = self.screen()
        screen.wait_for("live")
        screen.type("6")
        screen.wait_for(r"12:04:31 info  request   200 anthropic 1\.2 s")
        relay.say({"lost": 12})
        relay.say(log_line("breaker", "zai is left out", "WARN"))
        screen.wait_for(r"-- 12 lines lost --\n 12:04:31 warn  breaker   zai is left out")
        screen.type("/left")
        screen.wait_without("200 anthropic")

    def test_large_and_small_terminals_and_the_way_between(self):
        self.relay()
        screen = self.screen(size=(200, 50))
        screen.wait_for(r"Tokens in/s[\s\S]*Keys +Requests +Tokens in/out +Cost\n[\s\S]*Last trouble")
        for columns, rows in ((80, 24), (40, 10), (120, 40), (40, 10)):
            screen.resize(columns, rows)
            edge = "q quit  \\? help"
            # The last line is where it belongs, and the clock at the right edge.
            screen.wait_until(
                lambda text: len(lines := text.split("\n")[:rows]) == rows
                and re.search(edge, lines[-1])
                and len(lines[0]) == columns
                and lines[0].endswith("12:04:31"),
                f"a screen of {columns}x{rows}",
            )
        screen.resize(30, 8)
        screen.wait_for("^40x10 needed, 30x8 here\n")
        screen.resize(80, 24)
        screen.wait_for(r"live  12:04:31\n \[1 Overview\] 2 Providers")

    def test_a_relay_that_goes_and_comes_back_as_another_process(self):
        relay = self.relay()
        screen = self.screen()
        screen.wait_for("live")
        screen.type("2j")
        screen.wait_for("> zai")
        relay.stop()
        screen.wait_for(r"RECONNECTING  last seen 12:04:31")
        self.assertIn("> zai", screen.text())
        relay.info = management.info(start_time="2026-11-25T12:04:30Z")
        relay.start()
        screen.wait_for(r"restarted  live")
        screen.wait_for("> zai")
        screen.press("Down")
        screen.wait_without("restarted")

    def test_pause_keeps_what_is_shown(self):
        relay = self.relay()
        screen = self.screen()
        screen.wait_for(r"In flight        0")
        screen.type("p")
        screen.wait_for("paused")
        relay.set_status(in_flight=5)
        screen.type("2")
        screen.type("1")
        screen.wait_for(r"\[1 Overview\][\s\S]*In flight        0")
        screen.type("p")
        screen.wait_for(r"In flight        5")

    def test_no_colour_and_no_letters_beyond_ascii(self):
        self.relay()
        coloured = self.screen()
        coloured.wait_for(r"zai +OK")
        self.assertRegex(coloured.text(styled=True), r"\x1b\[[0-9;]*3[0-7]m")
        for arguments, env in (((), {"NO_COLOR": "1"}), (("--no-color",), {})):
            with self.subTest(arguments):
                screen = self.screen(*arguments, env=env)
                screen.wait_for(r"zai +OK")
                self.assertNotRegex(screen.text(styled=True), r"\x1b\[[0-9;]*3[0-7]m")
        for arguments, env in ((("--ascii",), {}), ((), {"LANG": "C"})):
            with self.subTest(arguments):
                screen = self.screen(*arguments, env=env)
                screen.wait_for(r"zai +OK")
                self.assertTrue(screen.text().isascii(), screen.text())

    def test_names_cannot_drive_the_terminal(self):
        relay = self.relay()
        relay.running = [request("1f03a", model="evil\x1b]2;owned\x07\x1b[2J", client="日本語")]
        screen = self.screen(size=(120, 40))
        screen.wait_for(r"1f03a +日本語 +STREAMING[\s\S]*evil·\]2;owned··\[2J")

    def test_lines_instead_of_a_screen(self):
        relay = self.relay()
        for arguments, env in ((("--plain",), {}), ((), {"TERM": "dumb"})):
            with self.subTest(arguments):
                screen = self.screen(*arguments, "--delay", "0.2", env=env, size=(120, 40))
                screen.wait_for(r"zai +OK[\s\S]*SERVING  requests/s 0\.0")
                self.assertEqual(screen.told("alternate_on"), "0")
                down = provider("zai", health="PROVIDER_HEALTH_OPEN")
                relay.change(providers=[relay.providers[0], down])
                screen.wait_for(r"12:04:31 provider zai OPEN\n")
                relay.change(providers=[relay.providers[0], provider("zai")])


class TopActs(Top):
    """Keys that change something."""

    def at(self, *letters, running=(), **options):
        relay = self.relay()
        relay.running = list(running)
        screen = self.screen(**options)
        screen.wait_for(r"anthropic +OK")
        for letter in letters:
            screen.type(letter)
        return relay, screen

    def test_a_provider_is_disabled_after_a_yes_alone(self):
        relay, screen = self.at("2")
        relay.change(
            providers=[provider("anthropic", in_flight=28), provider("zai"), provider("bedrock")]
        )
        screen.wait_for(r"> anthropic +OK +28")
        screen.type("d")
        screen.wait_for(r"Disable provider anthropic\?")
        screen.wait_for(r"28 requests run there and go on\.")
        screen.wait_for(r"New ones go to zai, bedrock\.")
        screen.press("Enter")  # which is no
        screen.wait_for("nothing was done")
        screen.type("d")
        screen.wait_for(r"Disable provider anthropic\?")
        screen.press("Tab")
        screen.press("Right")
        screen.wait_for(r"\[ 15m \]")
        screen.press("Tab")
        screen.type("maintenance, yes")
        screen.wait_for("reason: maintenance, yes_")
        screen.press("Enter")
        screen.type("y")
        self.assertEqual(
            relay.order("/providers/anthropic:disable"),
            {"reason": "maintenance, yes", "ttl_ms": 900_000},
        )
        screen.wait_for("done: anthropic disabled")
        self.assertEqual(relay.orders, [])

    def test_each_action_of_a_provider(self):
        relay, screen = self.at("2")
        screen.wait_for("> anthropic")
        screen.type("e")
        self.assertEqual(relay.order("/providers/anthropic:enable"), {"reason": ""})
        screen.wait_for("done: anthropic enabled")
        screen.type("b")
        self.assertEqual(relay.order("/providers/anthropic:reset-breaker"), {})
        screen.wait_for("done: breaker of anthropic reset")
        screen.type("D")
        screen.wait_for(r"Drain provider anthropic\?")
        screen.type("y")
        self.assertEqual(
            relay.order("/providers/anthropic:drain"), {"reason": "", "timeout_ms": 300_000}
        )
        screen.wait_for("done: anthropic drains")

    def test_each_action_of_a_key(self):
        relay, screen = self.at("3")
        screen.wait_for("> 5f1c0a9e")
        screen.type("d")
        screen.wait_for(r"It is the only key of anthropic\.")
        screen.type("y")
        self.assertEqual(relay.order("/keys/5f1c0a9e:disable"), {"reason": "", "ttl_ms": 0})
        screen.wait_for("done: key 5f1c0a9e disabled")
        screen.type("e")
        relay.order("/keys/5f1c0a9e:enable")
        screen.wait_for("done: key 5f1c0a9e enabled")
        relay.answers["/keys/5f1c0a9e:reset"] = {"changed": False, "warnings": []}
        screen.type("r")
        self.assertEqual(relay.order("/keys/5f1c0a9e:reset"), {"reset_budgets": False})
        screen.wait_for("key 5f1c0a9e had nothing to forget")

    def test_a_request_is_cancelled(self):
        relay, screen = self.at("5", running=[request("1f03a")])
        screen.wait_for("> 1f03a")
        screen.type("x")
        screen.wait_for(r"Cancel request 1f03a\?")
        screen.type("n")
        screen.wait_for("nothing was done")
        screen.type("x")
        screen.wait_for(r"Cancel request 1f03a\?")
        screen.type("y")
        self.assertEqual(relay.order("/requests/1f03a:cancel"), {"reason": ""})
        screen.wait_for("done: 1f03a cancelled")

    def test_the_configuration_is_reloaded_and_its_mistakes_are_shown(self):
        relay, screen = self.at()
        relay.answers["/config:reload"] = (409, "FAILED_PRECONDITION", "config.toml:3:1: no such key")
        screen.type("R")
        screen.wait_for(r"Reload the configuration\?")
        screen.type("y")
        relay.order("/config:reload")
        screen.wait_for("config.toml:3:1: no such key")

    def test_the_log_level_and_back(self):
        relay, screen = self.at("6")
        screen.wait_for("L log level")
        screen.type("L")
        self.assertEqual(
            relay.order("/log-level"), {"level": "LOG_LEVEL_DEBUG", "ttl_ms": 900_000}
        )
        relay.change(level="LOG_LEVEL_DEBUG")
        screen.wait_for(r"\n level debug   shown from debug\n")
        screen.type("L")
        self.assertEqual(
            relay.order("/log-level"), {"level": "LOG_LEVEL_UNSPECIFIED", "ttl_ms": 0}
        )

    def test_warnings_of_the_relay_are_shown(self):
        relay, screen = self.at("2", "d")
        relay.answers["/providers/anthropic:disable"] = {
            "changed": True,
            "warnings": ["no provider is left"],
        }
        screen.wait_for(r"Disable provider anthropic\?")
        screen.type("y")
        screen.wait_for("done: anthropic disabled; no provider is left")

    def test_a_viewer_is_offered_no_action(self):
        relay = self.relay()
        relay.info = management.info(role="VIEWER")
        screen = self.screen()
        screen.wait_for(r"anthropic +OK")
        screen.type("2")
        screen.wait_for(r"\n Enter requests  q quit  \? help")
        screen.type("d")
        screen.wait_for("needs an operator's token")
        reader = self.screen("--read-only")
        reader.wait_for(r"anthropic +OK")
        reader.type("R")
        reader.wait_for("read-only")
        self.assertEqual(relay.orders, [])


class TopLeaves(Top):
    """The terminal is as it was before, whatever ends the program."""

    def drawn(self):
        self.relay()
        screen = self.screen()
        screen.wait_for(r"anthropic +OK")
        self.assertEqual(screen.told("alternate_on"), "1")
        self.assertEqual(screen.told("cursor_flag"), "0")
        return screen

    def assert_restored(self, screen):
        self.assertEqual(screen.told("alternate_on"), "0")
        self.assertEqual(screen.told("cursor_flag"), "1")
        self.assertEqual(screen.told("mouse_standard_flag"), "0")
        self.assertNotIn("Overview", screen.text())

    def test_keys_that_quit(self):
        for quits in ("q", "C-c"):
            with self.subTest(quits):
                screen = self.drawn()
                screen.press(quits)
                self.assertEqual(screen.code(), 0)
                self.assert_restored(screen)

    def test_signals_that_end_it(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGABRT):
            with self.subTest(number):
                screen = self.drawn()
                os.kill(screen.pid(), number)
                screen.code()
                self.assert_restored(screen)

    def test_it_is_suspended_and_goes_on(self):
        self.relay()
        screen = Screen(
            self, "bash", "--norc", "--noprofile", "-i", env={"PS1": "shell> ", "HISTFILE": ""}
        )
        screen.wait_for("shell>")
        screen.type(f"{self.executable} top")
        screen.press("Enter")
        screen.wait_for(r"anthropic +OK")
        screen.press("C-z")
        screen.wait_for(r"Stopped[\s\S]*shell>")
        self.assertEqual(screen.told("alternate_on"), "0")
        screen.type("fg")
        screen.press("Enter")
        screen.wait_for(r"\[1 Overview\][\s\S]*anthropic +OK")
        screen.type("q")
        screen.wait_for(r"shell>\s*$")
