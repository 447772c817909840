"""A Prometheus that reads a relay by the configuration of packaging/container: what the dashboard's
panels ask is answered, and the alerts say what they should."""

import http.client
import json
import subprocess
import time
import urllib.parse

from harness import PROVIDER_KEY, RELAY_KEY, Lines, Program
from otel_case import STOP, USAGE
from pages import ROOT
from promtool import prometheus
from provider import FakeProvider, event
from serving import Serving, message, reserved_port

PROMETHEUS = prometheus()
START = event("message_start", message={"id": "msg_c", "usage": USAGE})  # by the model asked for
METRICS_KEY = "key-of-the-scrape"
RICH, POOR = "client-key-of-rich-0123456789abcdef", "client-key-of-poor-0123456789abcdef"

RELAY = """
[server]
listen = "127.0.0.1:0"
[server.auth]
api_key = "{relay_key}"
[[server.auth.clients]]
name = "rich"
key = "{rich}"
budget_usd_day = 1000.0
[[server.auth.clients]]
name = "poor"
key = "{poor}"
budget_usd_day = 0.000001
[metrics]
bearer_secret = "{metrics_key}"
[ledger]
path = "{ledger}"
[routing]
strategy = "failover"
affinity = "none"
[health.circuit_breaker]
failure_threshold = 2
open_duration_ms = 3600000
[health.health_check]
enabled = false
[[prices]]
models = ["m"]
input = 1.0
output = 10.0
cache_write_5m = 1.0
cache_write_1h = 1.0
cache_read = 1.0
[[providers]]
name = "bad"
type = "anthropic"
base_url = "{bad}"
priority = 9
[[providers.keys]]
key = "{provider_key}"
[[providers]]
name = "good"
type = "anthropic"
base_url = "{good}"
models = ["m", "unpriced"]
[[providers.keys]]
key = "{provider_key}"
rpm_limit = 1000
"""


class Prometheus:
    """Reads `address` four times a second, until its test ends."""

    def __init__(self, test, address):
        folder = test.folder / "prometheus"
        test.write(folder / "key", METRICS_KEY)
        test.write(folder / "alerts.yml", (ROOT / "docs" / "alerts.yml").read_text())
        config = (ROOT / "packaging" / "container" / "prometheus.yml").read_text()
        for shipped, here in (
            ("scrape_interval: 15s", "scrape_interval: 250ms\n  evaluation_interval: 250ms"),
            ("/run/secrets/metrics_key", str(folder / "key")),
            ("cc-relay:8787", address),
        ):
            test.assertEqual(config.count(shipped), 1, shipped)
            config = config.replace(shipped, here)
        file = test.write(folder / "prometheus.yml", config)
        self.port = reserved_port(test)
        child = subprocess.Popen(
            [
                PROMETHEUS,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        test.addCleanup(child.wait)
        test.addCleanup(child.kill)
        self.said = Lines(child.stderr)
        self.said.wait_for("Server is ready to receive web requests")

    def ask(self, path, **arguments):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(arguments)}")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def value(self, query):
        """Of a query that has one value, or None."""
        result = self.ask("query", query=query)["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    def until(self, query, value):
        """The harness ends what takes too long."""
        while self.value(query) != value:
            time.sleep(0.05)

    def alerts(self):
        """Of each rule its state, once all have been looked at."""
        while True:
            groups = self.ask("rules")["data"]["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            if rules and all(rule["health"] != "unknown" for rule in rules):
                states = {rule["name"]: (rule["health"], rule["state"]) for rule in rules}
                del states["CcRelayLoopLag"]  # of a machine that tests keep busy it may be true
                return states
            time.sleep(0.05)


def panels(board):
    for panel in board["panels"]:
        yield panel
        yield from panels(panel) if panel.get("panels") else ()


class PrometheusReads(Program):
    def setUp(self):
        super().setUp()
        if not PROMETHEUS:
            self.skipTest("skipped: there is no prometheus")
        bad, good = FakeProvider(self), FakeProvider(self)
        bad.failure = (500, {})
        good.start, good.stop = START, STOP
        good.release.set()
        text = RELAY.format(
            relay_key=RELAY_KEY, rich=RICH, poor=POOR, metrics_key=METRICS_KEY,
            ledger=self.scratch / "usage.db", provider_key=PROVIDER_KEY, bad=bad.url, good=good.url,
        )  # fmt: skip
        self.relay = Serving(self, "--config", self.write("relay.toml", text))
        self.server = Prometheus(self, self.relay.address)
        self.server.until('up{job="cc-relay"}', 1)
        # What is counted from here on was at 0 before.
        self.server.until("count_over_time(ccrelay_requests_in_flight[1h]) > bool 1", 1)

    def ask(self, key, model="m", stream=True):
        connection = http.client.HTTPConnection(self.relay.host, self.relay.port)
        headers = {"Content-Type": "application/json", **({"x-api-key": key} if key else {})}
        connection.request("POST", "/v1/messages", message(model=model, stream=stream), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def traffic(self):
        """So many requests for messages."""
        statuses = [self.ask(RICH) for _ in range(4)]
        statuses += [self.ask(RICH, stream=False), self.ask(RICH, model="unpriced")]
        statuses += [self.ask(POOR)]
        self.server.until('sum(ccrelay_client_budget_spent_usd{client="poor"}) > bool 0', 1)
        statuses += [self.ask(POOR), self.ask("nobody's")]
        self.assertEqual(statuses, [200] * 7 + [429, 401])
        self.server.until('sum(ccrelay_requests_total{endpoint="messages"})', len(statuses))

    def test_every_query_of_the_dashboard_is_answered(self):
        self.traffic()
        board = json.loads((ROOT / "docs" / "grafana-dashboard.json").read_text())
        asked = 0
        for panel in panels(board):
            for target in panel.get("targets", []):
                # As Grafana would, but for its variables of time.
                query = target["expr"].replace("$__rate_interval", "1m")
                self.assertNotIn("$", query)
                now = time.time()
                with self.subTest(f"{panel['title']}: {query}"):
                    said = self.server.ask("query_range", query=query, start=now - 5, end=now, step=1)
                    self.assertEqual(said["status"], "success", said)
                    self.assertNotIn("warnings", said)
                    # "No data" is for a relay that can't be read.
                    self.assertNotEqual(said["data"]["result"], [])
                    asked += 1
        self.assertGreater(asked, 40)

    def test_what_it_has_read_is_what_the_ledger_has(self):
        self.traffic()
        self.server.until("sum(ccrelay_ledger_requests_total)", 8)  # not what nobody's key opened
        done = self.run_relay("usage", "--json", "--file", self.scratch / "usage.db")
        tokens = json.loads(done.stdout)["totals"]["tokens"]
        for kind in ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h"):
            read = self.server.value(f'sum(ccrelay_tokens_total{{type="{kind}"}})')
            self.assertEqual(read, tokens[kind], kind)

    def test_the_alerts_say_what_is_so(self):
        expected = {name: ("ok", "inactive") for name in self.server.alerts()}
        self.wait_for_alerts(expected)
        self.traffic()
        for name, state in {
            "CcRelayBreakerOpen": "pending",
            "CcRelayUnpriced": "firing",
            "CcRelayBudget": "firing",
        }.items():
            expected[name] = ("ok", state)
        self.wait_for_alerts(expected)
        self.relay.process.kill()
        while self.server.alerts()["CcRelayDown"] != ("ok", "pending"):
            time.sleep(0.05)

    def wait_for_alerts(self, expected):
        """Until all of them are in that state."""
        while (states := self.server.alerts()) != expected:
            self.assertEqual({health for health, _ in states.values()}, {"ok"}, states)
            time.sleep(0.05)
