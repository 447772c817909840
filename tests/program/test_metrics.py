"""GET /metrics, as Prometheus' own tool sees it."""

import pathlib
import subprocess

from harness import SECRETS, Program
from promtool import promtool
from provider import FakeProvider
from serving import Serving, config

DOCS = pathlib.Path(__file__).parents[2] / "docs"
PROMTOOL = promtool()


class Metrics(Program):
    def promtool(self, *arguments, text=None):
        """What it has to say; nothing when all is well."""
        if not PROMTOOL:
            self.skipTest("skipped: there is no promtool")
        done = subprocess.run(
            [PROMTOOL, *map(str, arguments)], input=text, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def test_promtool_finds_nothing_wrong_with_what_a_relay_tells(self):
        provider = FakeProvider(self)
        provider.release.set()
        serving = Serving(self, "--config", self.write("relay.toml", config(provider)))
        fresh = serving.get("/metrics")
        self.assertEqual(serving.ask().status, 200)
        serving.stream().read()
        serving.get("/nowhere")
        told = serving.get("/metrics")
        self.assertEqual(told.status, 200)
        self.assertEqual(told.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        self.assertIn('ccrelay_requests_total{endpoint="messages",', told.text)
        for secret in SECRETS:
            self.assertNotIn(secret, told.text)
        self.assertNotIn("/metrics", serving.stdout.text)
        self.assertEqual(self.promtool("check", "metrics", text=fresh.text), (0, ""))
        self.assertEqual(self.promtool("check", "metrics", text=told.text), (0, ""))

    def test_promtool_finds_nothing_wrong_with_the_alerts(self):
        code, said = self.promtool("check", "rules", DOCS / "alerts.yml")
        self.assertEqual(code, 0, said)
        self.assertIn("SUCCESS", said)
