"""The front door with a crowd before it: those that mean well are served as if nobody else were
there, and nothing remains when the crowd has gone."""

import concurrent.futures
import json
import pathlib
import resource
import ssl
import statistics
import subprocess
import sys
import time
import urllib.request

from harness import Program
from provider import ANSWER, FakeProvider
import serving

HERE = pathlib.Path(__file__).resolve().parent
CERTIFICATES = HERE.parent / "data" / "tls"
SLOW = 5000
COMING = 20_000
AT_ONCE = 3000
# Descriptors of a process: a slow reader costs the relay two, one to its client and one to its
# provider.
NEEDED = SLOW * 4 // 3 + AT_ONCE + 500
# Resident memory while the slow ones are held. For a slow reader there wait stream.buffer_bytes,
# 64 KiB here, and what one read took beyond them, at most 64 KiB more; a buffer that grows may be
# twice as large as what is in it. (Measured: 190 KiB.) A slow head or body has hardly more than the
# connection. (Measured: 4 KiB.)
READER_KIB = 2 * (64 + 64)
OTHER_KIB = 16
# What may remain when they have gone. (Measured: 2 MiB.)
REMAINS_KIB = 16 * 1024

CONFIG = """
[server]
listen = "127.0.0.1:0"
{server}
[stream]
buffer_bytes = 65536
[timeouts]
client_header_ms = 120000
client_body_ms = 120000
client_write_ms = 120000
upstream_idle_ms = 500
[logging]
level = "error"
[[providers]]
name = "good"
type = "anthropic"
models = ["m"]
base_url = "{good}"
[[providers.keys]]
key = "${{PROVIDER_KEY}}"
[[providers]]
name = "slow"
type = "anthropic"
models = ["slow"]
base_url = "http://127.0.0.1:{slow}"
[[providers.keys]]
key = "k"
"""


class Crowd:
    """crowd.py, called by name."""

    def __init__(self, test):
        self._child = subprocess.Popen(
            [sys.executable, HERE / "crowd.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        test.addCleanup(self._end)
        self._pool = concurrent.futures.ThreadPoolExecutor(1)

    def call(self, name, **arguments):
        return self.begin(name, **arguments).result()

    def begin(self, name, **arguments):
        """The same; what it comes to is there later."""
        return self._pool.submit(self._call, name, arguments)

    def _call(self, name, arguments):
        self._child.stdin.write(json.dumps([name, arguments]) + "\n")
        self._child.stdin.flush()
        line = self._child.stdout.readline()
        if not line:
            raise AssertionError(f"the crowd broke at {name}")
        return json.loads(line)

    def _end(self):
        self._child.kill()
        self._child.wait()
        self._pool.shutdown()
        self._child.stdin.close()
        self._child.stdout.close()


class FrontLoad(Program):
    server = ""

    def setUp(self):
        super().setUp()
        self.sanitized = self.is_sanitized
        self.scale = self.descriptors()
        self.crowd = Crowd(self)
        self.provider = FakeProvider(self)
        self.provider.release.set()
        self.begin()

    def descriptors(self):
        """Takes as many as it may, which children inherit; by how much to divide the crowd."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        want = NEEDED if hard == resource.RLIM_INFINITY else min(NEEDED, hard)
        if soft != resource.RLIM_INFINITY and soft < want:
            resource.setrlimit(resource.RLIMIT_NOFILE, (want, hard))
            self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        if self.sanitized:
            print("a sanitized build is slow: a tenth of the crowd")
            return 10
        if want < NEEDED:
            scale = -(-NEEDED // want)
            print(f"{NEEDED} descriptors are needed, ulimit -Hn is {hard}: 1/{scale} of the crowd")
            return scale
        return 1

    def begin(self):
        text = CONFIG.format(
            server=self.server, good=self.provider.url, slow=self.crowd.call("provide")
        )
        self.relay = serving.Serving(self, "--config", self.write("relay.toml", text))
        self.pid = self.relay.process.pid

    # ---- what is asked of the relay

    def ask_well(self):
        """Requests that must be answered in full; how long each took."""
        times = []
        for n in range(10):
            begun = time.perf_counter()
            if n % 2:
                answer = self.relay.ask()
                self.assertEqual((answer.status, answer.json), (200, ANSWER))
            else:
                stream = self.relay.stream()
                self.assertEqual(stream.status, 200)
                events = stream.read()
                self.assertEqual(events[-1], "message_stop")
            times.append(time.perf_counter() - begun)
        return times

    def status(self):
        return self.relay.get("/v1/providers").json

    def kib(self, field="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise AssertionError(f"no {field}")

    def open_files(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))

    def wait_until(self, what, true):
        """The harness ends what takes too long."""
        try:
            while not true():
                time.sleep(0.05)
        except Exception as error:
            raise AssertionError(f"never: {what}; the relay: {self.status()}") from error

    def settle(self):
        self.wait_until("every connection gone", lambda: self.status()["connections"]["open"] == 1)

    @staticmethod
    def figures(name, times):
        times = sorted(times)
        p99 = times[min(len(times) - 1, len(times) * 99 // 100)]
        return f"{name} median {statistics.median(times) * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms"


class Slow(FrontLoad):
    def test_slow_ones_are_held_and_leave_nothing_behind(self):
        count = SLOW // self.scale
        before = [each for _ in range(10) for each in self.ask_well()]
        self.wait_until("no idle provider", lambda: self.open_files() < 100)
        memory, files = self.kib(), self.open_files()
        self.assertEqual(self.crowd.call("hold", port=self.relay.port, count=count), count)
        # Their requests are under way, none of them is refused.
        self.assertEqual(self.status()["connections"]["open"], count + 1)
        during = [each for _ in range(10) for each in self.ask_well()]
        self.assertEqual(self.crowd.call("cut"), 0)
        self.assertEqual(self.status()["connections"]["open"], count + 1)
        held = self.kib("VmHWM")
        self.crowd.call("let_go")
        self.settle()
        self.wait_until("all descriptors back", lambda: self.open_files() <= files)
        remains = memory + REMAINS_KIB
        if not self.sanitized:  # AddressSanitizer keeps what was freed
            self.wait_until("memory given back", lambda: self.kib() < remains)
        after = self.kib()
        print(
            f"{count} slow: {memory} KiB before, {held} at most, {after} afterwards;",
            self.figures("before:", before) + ";",
            self.figures("during:", during),
        )
        self.ask_well()
        if not self.sanitized:
            cap = memory + count // 3 * READER_KIB + count * 2 // 3 * OTHER_KIB
            self.assertLess(held, cap)


class ComingAndGoing(FrontLoad):
    def test_twenty_thousand_come_and_go(self):
        count = COMING // self.scale
        each = count // 6 + 1
        before = [each for _ in range(10) for each in self.ask_well()]
        memory, files = self.kib(), self.open_files()
        coming = self.crowd.begin(
            "come_and_go", port=self.relay.port, count=each * 6, at_once=AT_ONCE // self.scale
        )
        during = []
        while not coming.done():
            during += self.ask_well()
        came = coming.result()
        kinds = ("asks", "asks_in_http_2", "resets", "half_head", "half_body", "garbage")
        self.assertEqual(came["done"], {kind: each for kind in kinds})
        self.settle()
        self.wait_until("all descriptors back", lambda: self.open_files() <= files)
        status = self.status()
        self.assertEqual(status["http2"]["connections"], each)
        self.assertEqual(status["http2"]["streams"], each)
        self.assertEqual(status["connections"]["malformed"], each)
        self.assertEqual(status["connections"]["refused_in_all"], 0)
        print(
            f"{each * 6} came, {came['peak']} at once: {memory} KiB before, {self.kib('VmHWM')}"
            f" at most, {self.kib()} afterwards;",
            self.figures("before:", before) + ";",
            self.figures("during:", during),
        )
        if not self.sanitized:
            self.assertLess(self.kib(), memory + REMAINS_KIB)


class Floods(FrontLoad):
    def flooded(self, what, count):
        """With good clients meanwhile."""
        flood = self.crowd.begin("flood", port=self.relay.port, count=count, what=what)
        self.ask_well()
        while not flood.done():
            self.ask_well()
        flood.result()
        self.settle()
        return self.status()

    def test_frames_that_cost_nothing_end_the_connection(self):
        for n, what in enumerate(("rapid_reset", "settings", "ping", "continuation"), start=1):
            with self.subTest(what):
                self.assertEqual(self.flooded(what, 20)["http2"]["floods"], 20 * n)

    def test_garbage_is_malformed(self):
        self.assertEqual(self.flooded("garbage", 500)["connections"]["malformed"], 500)

    def test_tls_where_none_is_spoken(self):
        self.assertEqual(self.flooded("tls", 500)["connections"]["tls_on_plain"], 500)


class TlsFloods(FrontLoad):
    """The same where TLS is spoken."""

    server = (
        f'[server.tls]\ncert_file = "{CERTIFICATES / "server.pem"}"\n'
        f'key_file = "{CERTIFICATES / "server.key"}"'
    )

    def begin(self):
        text = CONFIG.format(server=self.server, good=self.provider.url, slow=1)
        self.process = self.start(
            "serve", "--config", self.write("relay.toml", text), env={"PROVIDER_KEY": "sk-x"}
        )
        found = self.process.stderr.wait_for(r"listening on (https://\S+:(\d+))\n")
        self.url, self.port = found[1], int(found[2])
        self.trust = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")

    def status(self):
        return json.load(urllib.request.urlopen(self.url + "/v1/providers", context=self.trust))

    def test_what_is_no_handshake_is_ended_and_counted(self):
        count = 500
        counters = {"tls": "failures", "garbage": "failures", "plain_http": "plain_http"}
        for what, counter in counters.items():
            with self.subTest(what):
                had = self.status()["tls"][counter]
                flood = self.crowd.begin("flood", port=self.port, count=count, what=what)
                self.status()
                while not flood.done():
                    self.status()
                flood.result()
                self.settle()
                self.assertEqual(self.status()["tls"][counter] - had, count)
