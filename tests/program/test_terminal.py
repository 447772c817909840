"""What a person at a terminal sees, and others do not."""

import os
import pty
import signal

from harness import Lines, Program
from provider import FakeProvider
from serving import Serving, config

ESCAPE = "\x1b"


class Terminal(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.file = self.write("relay.toml", config(self.provider))

    def serve(self, **env):
        """A relay that logs to a terminal; what the terminal has got in the end."""
        ours, theirs = pty.openpty()
        relay = Serving(self, "--config", self.file, env={"TERM": "xterm", **env}, stdout=theirs)
        os.close(theirs)
        screen = Lines(os.fdopen(ours, "rb", buffering=0))
        relay.ask()
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
        return screen.all()

    def test_a_terminal_gets_text_with_colours(self):
        screen = self.serve()
        self.assertRegex(screen, r"\x1b\[2m\S+Z\x1b\[0m \x1b\[32minfo \x1b\[0m 200 POST /v1/messages ")

    def test_no_colours_when_they_are_not_wanted(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(env):
                screen = self.serve(**env)
                self.assertRegex(screen, r"Z info  200 POST /v1/messages ")
                self.assertNotIn(ESCAPE, screen)

    def test_an_empty_no_color_does_not_count(self):
        self.assertIn(ESCAPE, self.serve(NO_COLOR=""))

    def test_a_person_is_told_what_to_do_next(self):
        ours, theirs = pty.openpty()
        relay = self.start(
            "serve", "--config", self.file, env={"PROVIDER_KEY": "k"}, stderr=theirs
        )
        os.close(theirs)
        screen = Lines(os.fdopen(ours, "rb", buffering=0))
        screen.wait_for(
            rf"listening on http://\S+\r\n  configuration: {self.file}\r\n"
            r"  providers:     fake\r\n  next:          cc-relay config cc init"
        )
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.wait(), 0)
        self.assertNotIn(ESCAPE, screen.all())

    def test_others_are_told_where_it_listens_and_what_it_has_read(self):
        relay = Serving(self, "--config", self.file)
        relay.signal(signal.SIGTERM)
        relay.process.wait()
        self.assertEqual(
            relay.stderr.all(),
            f"cc-relay 0.1.0 listening on {relay.url}\n  configuration: {self.file}\n",
        )

    def test_commands_have_no_colours_without_a_terminal(self):
        for words in (["--help"], ["config", "show"], ["status"], ["bogus"], ["config", "validate"]):
            with self.subTest(words):
                done = self.run_relay(*words, "--config", self.file, env={"PROVIDER_KEY": "k"})
                self.assertNotIn(ESCAPE, done.stdout + done.stderr)
