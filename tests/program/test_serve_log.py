"""Where serve logs to, in what form, and how a log file is rotated."""

import json
import os
import signal

from files import wait_for_text
from harness import PROVIDER_KEY, Program
from provider import FakeProvider
from serving import Serving, config


class ServeLog(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)

    def serving(self, more, *arguments):
        file = self.write("relay.toml", config(self.provider, more=more))
        return Serving(self, "--config", file, *arguments)

    def ended(self, relay):
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        return relay.stdout.all(), relay.stderr.all()

    def test_json_is_the_form_where_there_is_no_terminal(self):
        relay = self.serving("")
        relay.ask()
        stdout, _ = self.ended(relay)
        lines = [json.loads(line) for line in stdout.splitlines()]
        events = [line["event"] for line in lines]
        self.assertEqual(events, ["listening", "request", "draining"])
        request = lines[1]
        self.assertEqual(request["attempts"][0]["provider"], "fake")
        self.assertEqual(request["usage"]["output"], 2)

    def test_text_on_request_and_without_colours(self):
        relay = self.serving('format = "json"', "--log-format", "text")
        relay.ask()
        stdout, _ = self.ended(relay)
        self.assertRegex(stdout, r"Z info  200 POST /v1/messages .* provider=fake ")
        self.assertNotIn("\x1b", stdout)

    def test_standard_error_as_the_output(self):
        relay = self.serving('output = "stderr"\nformat = "text"')
        relay.ask()
        stdout, stderr = self.ended(relay)
        self.assertEqual(stdout, "")
        self.assertRegex(stderr, "info  200 POST /v1/messages ")

    def test_a_file_as_the_output_is_private_and_appended_to(self):
        log = self.folder / "relay.log"
        log.write_text("before\n")
        log.chmod(0o640)
        relay = self.serving(f'output = "{log}"\nformat = "text"')
        relay.ask()
        self.assertEqual(self.ended(relay)[0], "")
        self.assertRegex(log.read_text(), r"\Abefore\n.*listening on .*\n.*info  200 POST ")
        other = self.folder / "other.log"
        self.ended(self.serving(f'output = "{other}"'))
        self.assertEqual(other.stat().st_mode & 0o777, 0o600)

    def test_sigusr1_opens_the_file_again_after_it_was_renamed(self):
        log = self.folder / "relay.log"
        relay = self.serving(f'output = "{log}"\nformat = "text"')
        relay.ask(model="first")
        wait_for_text(log, "model=first")
        log.rename(self.folder / "relay.log.1")
        relay.signal(signal.SIGUSR1)
        wait_for_text(log, "the log file was opened again")
        relay.ask(model="second")
        self.ended(relay)
        self.assertIn("model=second", log.read_text())
        old = (self.folder / "relay.log.1").read_text()
        self.assertIn("model=first", old)
        self.assertNotIn("model=second", old)

    def test_a_file_that_cannot_be_opened_again_keeps_the_old_one(self):
        folder = self.folder / "logs"
        folder.mkdir()
        relay = self.serving(f'output = "{folder}/relay.log"\nformat = "text"')
        moved = self.folder / "moved"
        folder.rename(moved)
        relay.signal(signal.SIGUSR1)
        wait_for_text(moved / "relay.log", "still writing to the old file")
        relay.ask()
        self.ended(relay)
        self.assertIn("POST /v1/messages", (moved / "relay.log").read_text())

    def test_sigusr1_is_harmless_without_a_log_file(self):
        relay = self.serving('format = "text"')
        relay.signal(signal.SIGUSR1)
        self.assertEqual(relay.ask().status, 200)
        self.ended(relay)

    def test_a_level_above_info_leaves_good_requests_out(self):
        relay = self.serving('format = "text"', "--log-level", "warn")
        relay.ask()
        relay.get("/v1/nothing")
        stdout, _ = self.ended(relay)
        self.assertNotIn("POST /v1/messages", stdout)
        self.assertIn("GET /v1/nothing", stdout)

    def test_a_reader_that_takes_nothing_does_not_hold_it_up(self):
        file = self.write("relay.toml", config(self.provider, more='format = "json"'))
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        relay = Serving(self, "--config", file, stdout=writing)
        os.close(writing)
        for _ in range(120):  # of nearly 1 KiB each; a pipe holds 64 KiB
            self.assertEqual(relay.ask(model="m" * 250).status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_debug_adds_the_decisions_to_the_log_and_headers_to_answers(self):
        relay = self.serving('format = "text"', "--debug")
        answer = relay.ask()
        self.assertIn("x-cc-relay-provider", [name.lower() for name in answer.headers])
        stdout, _ = self.ended(relay)
        self.assertRegex(stdout, r"debug trace: attempt 1: fake with .*id=" + answer.headers["x-request-id"])

    def test_bodies_in_the_debug_log_have_their_secrets_blanked(self):
        more = 'format = "json"\nlevel = "debug"\n[logging.debug_options]\nlog_request_body = true'
        relay = self.serving(more)
        relay.ask(metadata={"api_key": PROVIDER_KEY, "token": [PROVIDER_KEY, 7], "user": "u"})
        stdout, _ = self.ended(relay)
        body = next(
            line["message"]
            for line in map(json.loads, stdout.splitlines())
            if line["event"] == "request_body"
        )
        self.assertIn('"metadata": {"api_key": "***", "token": "***", "user": "u"}', body)

    def test_a_log_that_cannot_be_written_is_said_at_the_start(self):
        file = self.write("relay.toml", config(None, more='output = "/nonexistent/relay.log"'))
        self.assert_ends(
            self.run_relay("serve", "--config", file, env={"PROVIDER_KEY": PROVIDER_KEY}),
            1,
            stderr="cc-relay: logging.output /nonexistent/relay.log: the folder /nonexistent does "
            "not exist; make it, or name another one\n",
        )
