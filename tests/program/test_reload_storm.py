"""A hundred changes of the configuration, good ones and bad ones, while two hundred streams run: no
stream differs by a byte, and nothing that the relay knows is forgotten."""

import itertools
import os
import re
import shutil
import signal

import harness
from many_streams import OUTPUT_TOKENS, ManyStreams
from provider import FakeProvider
from serving import Serving, message

STREAMS = 200
RELOADS = 100
ANA, BEN = "ana-0123456789abcdef", "ben-0123456789abcdef"
SPENT_KEY, GOOD_KEY = "sk-spent-91c1", "sk-good-77d0"
# USD per million tokens; with FakeProvider's answer of 1 and 2 tokens Ben's budget is used up.
PRICES = "input = 1.0\noutput = 10.0\n"
STREAM_NANO_USD = 1000 * 1000 + OUTPUT_TOKENS * 10_000

# A line of the file, and what is named when it comes: the key, whose mistake also has its line.
MISTAKES = (
    ("affinity = 7", "routing.affinity"),
    ("colour = 1", "routing.colour"),
    ("max_attempts = 0", "routing.max_attempts"),
    ('affinity = "${MISSING_VARIABLE}"', "routing.affinity"),
    ("half [", ""),
)
GOOD = (
    ("hedge_ms = 9000", "routing.hedge_ms"),
    ("debug = true", "routing.debug"),
    ("max_attempts = 5", "routing.max_attempts"),
    ("failover_timeout = 4000", "routing.failover_timeout"),
    ("conversations_max = 5000", "routing.conversations_max"),
    ("race = 2", "routing.race"),
)


class Volume:
    """The ways in which a file gets other contents: its own place, a rename, a Kubernetes volume
    whose `..data` is swapped, to which the file's name is a link."""

    def __init__(self, file):
        self.file, self.folder, self.count = file, file.parent, 0

    def in_place(self, text):
        self.file.write_text(text)

    def by_rename(self, text):
        self._put_over(lambda new: new.write_text(text))

    def by_swap(self, text):
        self.count += 1
        fresh = self.folder / f"..2026_{self.count}"
        fresh.mkdir()
        (fresh / self.file.name).write_text(text)
        before = self.folder / f"..2026_{self.count - 1}"
        os.symlink(fresh.name, self.folder / "..data_tmp")
        os.rename(self.folder / "..data_tmp", self.folder / "..data")
        if not self.file.is_symlink():  # the first time, or after another way
            self._put_over(lambda new: os.symlink(f"..data/{self.file.name}", new))
        shutil.rmtree(before, ignore_errors=True)

    def _put_over(self, make):
        new = self.folder / ".new"
        make(new)
        os.replace(new, self.file)


class ReloadStorm(harness.Program):
    def setUp(self):
        super().setUp()
        signal.alarm(2 * harness.SECONDS_MAX)  # each change has its quiet time of a tenth of a second
        self.streaming = ManyStreams(self, RELOADS)
        # Each is a state that nothing but time may end: a breaker that is open, a key that is set
        # aside, conversations' homes.
        self.broken, self.home, self.other = (FakeProvider(self) for _ in range(3))
        self.volume = Volume(self.write("conf/relay.toml", self.text()))

    def text(self, line=""):
        return f"""
[server]
listen = "127.0.0.1:0"
workers = 2
[server.auth]
api_key = "{harness.RELAY_KEY}"
[[server.auth.clients]]
name = "ana"
key = "{ANA}"
budget_usd_day = 100.0
providers = ["streaming"]
[[server.auth.clients]]
name = "ben"
key = "{BEN}"
budget_usd_day = 0.00002
[routing]
strategy = "round_robin"
{line}
[health.circuit_breaker]
failure_threshold = 1
open_duration_ms = 3600000
[health.health_check]
enabled = false
[[prices]]
models = ["m"]
{PRICES}
[[providers]]
name = "streaming"
type = "anthropic"
base_url = "{self.streaming.url}"
models = ["m"]
keys = [{{ key = "{GOOD_KEY}" }}]
[[providers]]
name = "broken"
type = "anthropic"
base_url = "{self.broken.url}"
models = ["h"]
keys = [{{ key = "{GOOD_KEY}" }}]
[[providers]]
name = "home"
type = "anthropic"
base_url = "{self.home.url}"
models = ["h"]
keys = [{{ key = "{SPENT_KEY}" }}, {{ key = "{GOOD_KEY}" }}]
[[providers]]
name = "other"
type = "anthropic"
base_url = "{self.other.url}"
models = ["h"]
keys = [{{ key = "{GOOD_KEY}" }}]
[logging]
format = "text"
"""

    # ---- what the relay knows

    def ask(self, key, model, session=None):
        body = message(model=model)
        headers = {"x-api-key": key}
        if session:
            headers["x-claude-code-session-id"] = session
        return self.relay._request("POST", "/v1/messages", body, headers)

    def told(self):
        """Breaker and keys of each provider, what clients have spent."""
        headers = {"x-api-key": harness.RELAY_KEY}
        data = self.relay._request("GET", "/v1/providers", None, headers).json["data"]
        states = {}
        for each in data:
            keys = [(key["key"], key["state"]) for key in each["keys"]]
            states[each["name"]] = (each["breaker"]["state"], keys)
        metrics = self.relay._request("GET", "/metrics", None, headers).text
        spent = dict(
            re.findall(r'budget_spent_usd\{client="(\w+)",period="day"\} (\S+)', metrics)
        )
        return states, spent

    def make_known(self):
        """Opens the breaker, sets the key aside, gives conversations a home, spends a budget."""
        self.broken.failure = (500, {})
        self.home.failure = (429, {"retry-after": "3000"})
        self.home.failing_keys = {SPENT_KEY}
        while not self.broken.requests or SPENT_KEY not in self.home.credentials:
            self.ask(harness.RELAY_KEY, "h")
        self.sessions = [f"session-{n}" for n in range(10)]
        self.homes = [self.place_of(session) for session in self.sessions]
        self.assertEqual(len(set(self.homes)), 2, "there is nothing to forget")
        # What an answer cost is spent when the relay is done with it, which its client may not
        # wait for.
        while self.ask(BEN, "h").json.get("error", {}).get("type") != "billing_error":
            pass

    def place_of(self, session):
        """The provider that answers it."""
        before = len(self.home.requests), len(self.other.requests)
        self.assertEqual(self.ask(harness.RELAY_KEY, "h", session).status, 200)
        after = len(self.home.requests), len(self.other.requests)
        self.assertEqual(sum(after) - sum(before), 1)
        return "home" if after[0] > before[0] else "other"

    def check_known(self):
        self.assertEqual(self.told(), self.known)
        refused = self.ask(BEN, "h")
        self.assertEqual((refused.status, refused.json["error"]["type"]), (429, "billing_error"))

    # ---- changes

    def change(self, number):
        """One more, by each way in turn, every third one asked for and not seen by itself."""
        is_bad = number % 3 == 2
        line, key = next(self.mistakes if is_bad else self.good)
        text = self.text(line)
        write = (self.volume.in_place, self.volume.by_rename, self.volume.by_swap)[number // 6 % 3]
        seen = len(self.relay.stdout.text)
        write(text)
        if number % 5 == 0:
            self.assertEqual(
                self.relay.ask_reload(**{"x-api-key": harness.RELAY_KEY}).status,
                422 if is_bad else 200,
            )
        if is_bad:
            row = text.splitlines().index(line) + 1
            wanted = rf"reload_failed: .*relay\.toml:{row}:\d+: {re.escape(key)}"
        else:
            wanted = rf"reloaded: .*relay\.toml was read again: .*{re.escape(key)}"
        # What came before has been seen, and is not it.
        self.relay.stdout.wait_for(rf"(?s)^.{{{seen}}}.*?(?-s:{wanted})")
        self.bad += is_bad

    def test_a_hundred_changes_cost_no_stream_a_byte_and_nothing_is_forgotten(self):
        self.relay = Serving(self, "--config", self.volume.file)
        self.make_known()
        self.streaming.begin(self.relay.port, STREAMS, {"x-api-key": ANA})
        self.known = self.told()
        self.assertEqual(self.known[0]["broken"][0], "open")
        self.assertEqual([state for _, state in self.known[0]["home"][1]], ["cooling", "ok"])
        asked = len(self.broken.requests), self.home.credentials.count(SPENT_KEY)
        self.good, self.mistakes = itertools.cycle(GOOD), itertools.cycle(MISTAKES)
        self.bad = 0
        for number in range(RELOADS):
            self.change(number)
            if number % 10 == 9:
                self.check_known()
            self.streaming.go_on()
        self.assertEqual(self.bad, RELOADS // 3)
        self.streaming.end()
        self.assertEqual(len(self.streaming.heads), STREAMS)
        self.assertEqual(set(self.streaming.statuses.values()), {200})
        self.assertEqual(self.streaming.received, self.streaming.sent)
        self.assertEqual(len(set(self.streaming.sent.values())), STREAMS)
        # What ended under the last configuration is spent as what ended under the first.
        self.known[1]["ana"] = "0.9"
        self.assertEqual(STREAMS * STREAM_NANO_USD, 900_000_000)
        while float(self.told()[1]["ana"]) < 0.9:
            pass
        self.assertEqual(self.told(), self.known)
        self.assertEqual([self.place_of(each) for each in self.sessions], self.homes)
        self.ask(harness.RELAY_KEY, "h")
        self.assertEqual(
            (len(self.broken.requests), self.home.credentials.count(SPENT_KEY)), asked
        )
