"""usage: what the ledger says of tokens and cost."""

import csv
import datetime
import fcntl
import io
import json
import os
import pathlib
import pty
import pwd
import shutil
import signal
import struct
import sys
import tempfile
import termios
import unittest

from harness import Program
from ledger_file import make_ledger
from provider import FakeProvider
from serving import Serving, config, reserved_port


def moment(text):
    """Milliseconds since 1970 of a time of UTC."""
    time = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return int(time.timestamp() * 1000)


def ago(**span):
    time = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**span)
    return int(time.timestamp() * 1000)


class Usage(Program):
    def ledger(self, *requests):
        return make_ledger(self.scratch / "some.db", requests)

    def said(self, *words, **options):
        """What the command says that has heard the relay, if there is one: on a machine that has much
        to do it may not wait long enough for it."""
        done = self.run_relay("usage", *words, **options)
        while "the relay does not answer" in done.stderr:
            done = self.run_relay("usage", *words, **options)
        return done

    def usage(self, *words, **options):
        done = self.said(*words, **options)
        self.assertEqual((done.code, done.stderr), (0, ""), done)
        return done.stdout

    def as_json(self, *words, **options):
        return json.loads(self.usage("--json", *words, **options))

    def test_the_table_of_days(self):
        file = self.ledger(
            {"time_ms": moment("2026-11-27T10:00"), "cost": 31_220_000_000},
            {"time_ms": moment("2026-11-28T10:00"), "cost": None, "partial": 1},
        )
        words = ("--file", file, "--since", "2026-11-27", "--until", "2026-11-28")
        lines = self.usage(*words, "--timezone", "UTC").splitlines()
        self.assertRegex(lines[0], r"^UTC · 27 Nov( \d{4})? 00:00 – 29 Nov( \d{4})? 00:00$")
        self.assertEqual(lines[1].split(), "day requests input output cache write cache read cost".split())
        self.assertEqual(lines[2].split(), ["2026-11-27", "1", "1.0k", "100", "-", "-", "$", "31.22"])
        self.assertEqual(lines[3].split(), ["2026-11-28", "1", "1.0k", "100", "-", "-", "?"])
        self.assertEqual(lines[4].split()[:4], ["total", "2", "2.0k", "200"])
        self.assertRegex(lines[4], r"\$ 31\.22 \+ \?$")
        self.assertEqual(
            lines[5:],
            [
                "?  1 request of claude-x has no price: add [[prices]].",
                "≥  1 request was cut off; its output is a lower bound.",
            ],
        )
        self.assertNotIn("█", "".join(lines))

    def test_a_terminal_of_eighty_columns_has_bars(self):
        file = self.ledger({"time_ms": ago(hours=1)})
        for columns, shown in ((100, True), (79, False)):
            with self.subTest(columns):
                said = self.on_terminal(columns, "usage", "--file", file)
                self.assertEqual("█" in said, shown, said)
        said = self.on_terminal(100, "usage", "--file", file, env={"LC_ALL": "C"})
        self.assertIn("####", said)
        self.assertTrue(said.isascii())

    def on_terminal(self, columns, *words, env=None):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = self.start(*words, stdout=theirs, env={"LC_ALL": "C.UTF-8", **(env or {})})
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
        os.close(ours)
        self.assertEqual(process.wait(), 0)
        return said.decode()

    def test_the_ledger_is_looked_for_where_the_relay_keeps_it(self):
        def assert_found(folder, env):
            path = make_ledger(folder / "usage.db", [{"time_ms": ago(hours=1)}])
            self.assertEqual(self.as_json(env=env)["totals"]["requests"], 1)
            path.unlink()

        assert_found(self.home / ".local" / "state" / "cc-relay", {})
        state = self.scratch / "state"
        assert_found(state / "cc-relay", {"XDG_STATE_HOME": str(state)})
        assert_found(state, {"STATE_DIRECTORY": str(state), "XDG_STATE_HOME": "/nowhere"})

    def test_the_configuration_says_where_it_is_and_whose_days_it_has(self):
        file = self.ledger({"time_ms": moment("2026-01-01T23:30")})
        config = self.write(
            "relay.toml",
            f'[server.auth]\napi_key = "${{NOT_SET_HERE}}"\n[ledger]\npath = "{file}"\n'
            'timezone = "UTC"\n',
        )
        said = self.as_json("--config", config, "--since", "2026-01-01", env={"TZ": "CET-1"})
        self.assertEqual(said["timezone"], "UTC")
        self.assertEqual(said["rows"][0]["key"], {"day": "2026-01-01"})

    def kept_elsewhere(self, manage=""):
        """A relay with a request in its ledger, which lies where only its environment says."""
        place = self.scratch / "state"
        text = config(FakeProvider(self)) + manage
        relay = Serving(
            self, "--config", self.write("relay.toml", text), env={"STATE_DIRECTORY": str(place)}
        )
        self.assertEqual(relay.ask().status, 200)
        listen = f'[server]\nlisten = "{relay.address}"\n'
        asks = self.write("asks.toml", listen + manage)
        said = {"totals": {"requests": 0}}
        while said["totals"]["requests"] == 0:  # it is written in the second after
            said = self.as_json("--config", asks)
        self.assertEqual(said["totals"]["requests"], 1)
        return asks, place / "usage.db"

    def test_a_running_relay_says_where_its_ledger_is(self):
        asks, path = self.kept_elsewhere()
        self.assertTrue(path.exists())
        # Another one is named, or none runs.
        other = self.ledger({"time_ms": ago(hours=1)}, {"time_ms": ago(hours=1)})
        said = self.as_json("--config", asks, "--file", other)
        self.assertEqual(said["totals"]["requests"], 2)
        self.write("asks.toml", f'[server]\nlisten = "127.0.0.1:{reserved_port(self)}"\n')
        self.assertEqual(self.run_relay("usage", "--config", asks).code, 1)

    def test_a_relay_that_hangs_is_done_without(self):
        file = self.ledger({"time_ms": ago(hours=1)})
        text = config(FakeProvider(self)) + "[ledger]\nenabled = false\n"
        relay = Serving(self, "--config", self.write("relay.toml", text))
        asks = f'[server]\nlisten = "{relay.address}"\n[ledger]\npath = "{file}"\n'
        self.addCleanup(relay.signal, signal.SIGCONT)
        relay.signal(signal.SIGSTOP)
        done = self.run_relay("usage", "--json", "--config", self.write("asks.toml", asks))
        self.assertEqual(json.loads(done.stdout)["totals"]["requests"], 1, done)
        said = r"\Acc-relay: warning: the relay does not answer at unix:\S+: .* timed out .*; this is "
        self.assertRegex(done.stderr, said)

    def test_a_user_who_may_not_read_the_ledger_is_told_by_the_relay(self):
        if os.geteuid() != 0:
            self.skipTest("skipped: only root may become somebody else")
        other = pwd.getpwnam("daemon")
        become = (
            "import os, sys; os.setgroups([]); os.setgid(int(sys.argv[1])); "
            "os.setuid(int(sys.argv[1])); os.execvp(sys.argv[2], sys.argv[2:])"
        )
        through = (sys.executable, "-c", become, str(other.pw_uid))
        if self.run_relay("version", through=through).code != 0:
            self.skipTest("skipped: another user may not run this program")
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cc-relay-usage-"))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        manage = f'[manage]\nsocket = "{folder}/m.sock"\n[manage.auth]\nusers = ["daemon"]\n'
        asks, path = self.kept_elsewhere(manage)
        seen = shutil.copy(asks, folder)
        words = ("--config", seen, "--by", "day,provider")
        own = self.as_json(*words)
        told = self.as_json(*words, through=through)
        self.assertEqual([row["key"] for row in told["rows"]], [row["key"] for row in own["rows"]])
        for name in ("requests", "errors", "attempts", "cost_usd", "unknown_cost"):
            self.assertEqual(told["totals"][name], own["totals"][name], name)
        for name in ("input", "output"):
            self.assertEqual(told["totals"]["tokens"][name], own["totals"]["tokens"][name], name)
        self.assertEqual(told["rows"][0]["key"]["provider"], "fake")
        for word, key in (("week", r"\d{4}-W\d\d"), ("hour", r"[\d-]{10}T\d\d:\d\dZ"), ("month", r"[\d-]{7}")):
            table = [self.usage("--config", seen, "--by", word, "--timezone", "UTC", through=who) for who in ((), through)]
            self.assertEqual(table[0].splitlines()[2].split()[0], table[1].splitlines()[2].split()[0])
            self.assertRegex(table[1].splitlines()[2].split()[0], rf"\A{key}\Z")
        for more in (("--reprice",), ("--model", "m*"), ("--by", "request")):
            done = self.said("--config", seen, *more, through=through)
            self.assert_fails(done, 1, rf"{path}: Permission denied; the running relay adds .* not for {more[0]}")

    def test_costs_by_other_prices(self):
        file = self.ledger({"time_ms": ago(hours=1)}, {"time_ms": ago(hours=1), "model": "other"})
        config = self.write(
            "relay.toml", '[[prices]]\nmodels = ["claude-x"]\ninput = 2.0\noutput = 10.0\n'
        )
        words = ("--config", config, "--file", file, "--by", "model", "--sort", "name")
        self.assertEqual(
            [row["cost_nano_usd"] for row in self.as_json(*words)["rows"]],
            [1_000_000_000, 1_000_000_000],
        )
        rows = self.as_json(*words, "--reprice")["rows"]
        # 1000 × 2 + 100 × 10 millionths of a dollar.
        self.assertEqual([row["cost_nano_usd"] for row in rows], [3_000_000, None])
        self.assertEqual([row["unknown_cost"] for row in rows], [0, 1])
        self.assertEqual(self.as_json(*words, "--reprice")["told_costs"], 0)
        self.assertNotIn("told_costs", self.as_json(*words))

    def test_a_cost_that_was_told_is_not_repriced(self):
        file = self.ledger({"time_ms": ago(hours=1), "price": "told"}, {"time_ms": ago(hours=1)})
        config = self.write(
            "relay.toml", '[[prices]]\nmodels = ["claude-x"]\ninput = 2.0\noutput = 10.0\n'
        )
        words = ("--config", config, "--file", file, "--reprice")
        told = self.as_json(*words)
        self.assertEqual(told["totals"]["cost_nano_usd"], 1_000_000_000 + 3_000_000)
        self.assertEqual(told["told_costs"], 1)
        self.assertTrue(self.usage(*words).endswith("\n1 request keeps the cost that its provider told.\n"))

    def test_a_ledger_that_cannot_be_written_is_told_of(self):
        provider = FakeProvider(self)
        more = '[ledger]\npath = "/dev/null/usage.db"\n'
        file = self.write("relay.toml", config(provider) + more)
        relay = Serving(self, "--config", file)
        self.assertEqual(relay.ask().status, 200)
        status = self.run_relay("--config", file, "status")
        self.assertRegex(status.stdout, r"(?m)^ledger: /dev/null/usage.db: not written for \d+ s: ")

    def test_no_ledger_yet(self):
        place = self.home / ".local" / "state" / "cc-relay" / "usage.db"
        self.assert_ends(
            self.run_relay("usage"),
            1,
            stderr=f"cc-relay: there is no ledger yet: {place} is not there; a relay that keeps one "
            "makes it, and --file names another\n",
        )

    def test_a_ledger_that_may_not_be_looked_at_is_not_missing(self):
        loop = self.folder / "loop.db"
        loop.symlink_to(loop)
        done = self.run_relay("usage", "--file", loop)
        self.assert_fails(done, 1, "loop.db: Too many levels")

    def test_an_empty_result_is_a_result(self):
        file = self.ledger({"time_ms": moment("2020-01-01T00:00")})
        said = self.as_json("--file", file)
        self.assertEqual((said["rows"], said["totals"]["requests"]), ([], 0))
        self.assertIsNone(said["totals"]["cost_usd"])
        lines = self.usage("--file", file).splitlines()
        self.assertEqual(lines[2].split()[:2], ["total", "0"])
        self.assertEqual(len(self.usage("--file", file, "--csv").splitlines()), 1)

    def test_a_damaged_ledger_is_an_error_with_its_path(self):
        file = self.write("damaged.db", "x" * 10000)
        self.assert_fails(
            self.run_relay("usage", "--file", file),
            1,
            rf"\Acc-relay: {file} is damaged, or no ledger: ",
        )
        self.assertEqual(file.read_text(), "x" * 10000)

    @unittest.skipUnless(
        pathlib.Path("/usr/share/zoneinfo/Europe/Berlin").exists(), "no database of time zones"
    )
    def test_the_json(self):
        file = self.ledger(
            {"time_ms": moment("2026-03-28T23:30"), "cost": 36_900_000},
            {"time_ms": moment("2026-03-29T12:00"), "status": 529, "client": "ben"},
        )
        said = self.as_json(
            *("--file", file, "--by", "day,client", "--timezone", "Europe/Berlin"),
            *("--since", "2026-03-29", "--until", "2026-03-29"),
        )
        self.assertEqual(
            {key: said[key] for key in said if key not in ("rows", "totals")},
            {
                "schema": 1,
                "timezone": "Europe/Berlin",
                "since": "2026-03-29T00:00:00+01:00",
                "until": "2026-03-30T00:00:00+02:00",
                "by": ["day", "client"],
                "cache": {"saved_usd": 0, "broken_count": 0, "broken_usd": 0},
                "truncated": False,
            },
        )
        self.assertEqual(
            [row["key"] for row in said["rows"]],
            [{"day": "2026-03-29", "client": "ana"}, {"day": "2026-03-29", "client": "ben"}],
        )
        self.assertEqual([row["errors"] for row in said["rows"]], [0, 1])
        self.assertEqual(said["rows"][0]["cost_nano_usd"], 36_900_000)
        self.assertEqual(said["totals"]["cost_usd"], 1.0369)
        self.assertEqual(said["totals"]["tokens"]["input"], 2000)
        self.assertIsNone(said["totals"]["tokens"]["cache_read"])

    def test_the_csv_is_no_formula(self):
        file = self.ledger(
            {"time_ms": ago(hours=1), "session": '=HYPERLINK("x")', "model": "a,b", "cost": None}
        )
        text = self.usage("--file", file, "--by", "session,model", "--csv")
        rows = list(csv.reader(io.StringIO(text)))
        self.assertEqual(rows[0][:5], ["session", "model", "requests", "errors", "attempts"])
        self.assertEqual(rows[1][:2], ["'=HYPERLINK(\"x\")", "a,b"])
        self.assertEqual(rows[1][rows[0].index("cost_usd")], "")
        self.assertEqual(len(rows), 2)
        self.assertNotIn("\r", text)

    def test_filters_order_and_limit(self):
        file = self.ledger(
            {"time_ms": ago(hours=3), "model": "small", "cost": 1},
            {"time_ms": ago(hours=2), "model": "large", "cost": 9},
            {"time_ms": ago(hours=1), "model": "large", "client": "ben", "provider": "zai"},
        )

        def models(*words):
            said = self.as_json("--file", file, "--by", "model", *words)
            return [row["key"]["model"] for row in said["rows"]]

        self.assertEqual(models(), ["large", "small"])
        self.assertEqual(models("--sort", "time"), ["small", "large"])
        self.assertEqual(models("--sort", "name"), ["large", "small"])
        self.assertEqual(models("--limit", "1"), ["large"])
        self.assertEqual(models("--model", "S*"), ["small"])
        self.assertEqual(models("--client", "ben"), ["large"])
        self.assertEqual(models("--provider", "zai"), ["large"])
        self.assertEqual(models("--session", "s-1"), ["small"])
        self.assertEqual(models("--since", "12h"), ["large", "small"])

    def test_nothing_of_a_name_moves_the_cursor(self):
        file = self.ledger({"time_ms": ago(hours=1), "model": "m\x1b[2J\u202e\x9b31m", "cost": None})
        for words in ((), ("--json",)):
            said = self.usage("--file", file, "--by", "model", *words)
            self.assertNotRegex(said, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_what_is_wrong_on_the_command_line(self):
        for words, message in (
            (["--by", "week,day,hour"], "--by: one or two keys, with a comma between them"),
            (["--by", "day,day"], "--by: day twice"),
            (["--by", "colour"], "--by: colour not in {hour,"),
            (["--since", "soon"], "--since: soon is no time; one of: 2026-11-29, "),
            (["--until", "1970"], "--until: 1970 is no time; one of: "),
            (["--since", "today", "--until", "yesterday"], "--until must be later than --since"),
            (["--timezone", "Europe/Atlantis"], "--timezone: there is no time zone Europe/Atlantis"),
            (["--sort", "colour"], "--sort: colour not in {cost,"),
            (["--limit", "0"], "--limit: "),
            (["--json", "--csv"], " excludes --"),
        ):
            with self.subTest(words):
                done = self.run_relay("usage", *words)
                self.assert_fails(done, 2, r"\Acc-relay: ")
                self.assertIn(message, done.stderr)

    def test_a_pipe_is_no_ledger_and_is_not_waited_for(self):
        pipe = self.folder / "pipe.db"
        os.mkfifo(pipe)
        done = self.run_relay("usage", "--file", pipe)
        self.assert_fails(done, 1, "pipe.db is no regular file")

    def test_reading_changes_nothing(self):
        file = self.ledger({"time_ms": ago(hours=1)})
        before = file.read_bytes()
        file.chmod(0o400)
        self.usage("--file", file)
        self.assertEqual(file.read_bytes(), before)
