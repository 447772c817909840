"""`cc-relay top` before a relay that runs: what it shows is so, and what it orders happens."""

import json
import signal

from harness import Program
from provider import FakeProvider
from screen import Screen
from serving import Serving, config, reserved_port


class TopRelay(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.address = f"127.0.0.1:{reserved_port(self)}"
        self.file = self.write("relay.toml", config(self.provider, listen=self.address))

    def serve(self):
        return Serving(self, "--config", self.file)

    def screen(self):
        screen = Screen(self, self.executable, "top", "--config", self.file)
        screen.wait_for(rf"{self.address} .* SERVING .* live")
        screen.wait_for(r"\n fake +OK")
        return screen

    def test_a_stream_is_seen_and_cancelled(self):
        relay = self.serve()
        screen = self.screen()
        stream = relay.stream()
        screen.wait_for(r"In flight        1  streams 1")
        screen.type("5")
        screen.wait_for(r"running 1 [\s\S]*\n > \S+ +\S+ +STREAMING +fake +m ")
        screen.press("Enter")
        screen.wait_for(r"Request \S+[\s\S]*POST\s+/v1/messages[\s\S]*Attempts  1 fake")
        screen.type("x")
        screen.wait_for(r"Cancel request \S+\?")
        screen.type("y")
        screen.wait_for(r"done: \S+ cancelled")
        self.assertIn("error", stream.read())
        screen.press("Escape")
        screen.type("f")
        screen.wait_for(r"ended 1 [\s\S]*\n > \S+ +\S+ +CANCELLED +fake")

    def test_a_provider_is_disabled_and_enabled(self):
        relay = self.serve()
        screen = self.screen()
        screen.type("2")
        screen.wait_for(r"> fake +OK")
        screen.type("d")
        screen.wait_for(r"Disable provider fake\?")
        screen.type("y")
        screen.wait_for("done: fake disabled")
        screen.wait_for(r"> fake +DISABLED[\s\S]*disabled by uid:\d+ since ")
        self.assertEqual(relay.ask().status, 503)
        screen.type("e")
        screen.wait_for(r"> fake +OK")
        self.assertEqual(relay.ask().status, 200)

    def test_the_log_is_followed_and_its_level_set(self):
        relay = self.serve()
        screen = self.screen()
        screen.type("6")
        screen.wait_for(r"info  listening +listening on ")
        relay.ask()
        screen.wait_for(r"info  request +200 ")
        screen.type("L")
        screen.wait_for(r"\n level debug   shown from debug\n")
        screen.type("L")
        screen.wait_without(r"\n level debug   shown from debug\n")

    def test_a_relay_that_comes_back_is_found_again(self):
        relay = self.serve()
        screen = self.screen()
        relay.signal(signal.SIGTERM)
        screen.wait_for("RECONNECTING  last seen ")
        self.serve()
        screen.wait_for("restarted  live")

    def test_a_relay_without_management_is_told_from_none(self):
        self.file.write_text(config(self.provider, listen=self.address) + '[manage]\nsocket = ""\n')
        self.serve()
        self.assert_fails(
            self.run_relay("top", "--config", self.file),
            1,
            r"this relay \(\S+\) has no management API: restart it with the new version\n",
        )

    def test_tables_and_json_of_a_relay(self):
        relay = self.serve()
        relay.ask()
        done = self.run_relay("top", "--config", self.file)
        self.assert_succeeds(done, rf"^cc-relay \S+ {self.address}  up [\s\S]*\nfake +OK ")
        told = json.loads(self.run_relay("top", "--config", self.file, "--json", "--once").stdout)
        self.assertEqual(told["info"]["listen_addresses"], [self.address])
        self.assertEqual([each["name"] for each in told["providers"]], ["fake"])
