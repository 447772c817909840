"""SIGHUP: the configuration is read again."""

import os
import signal

from harness import Program
from provider import FakeProvider
from serving import Serving, config

TEXT = 'format = "text"\n'


class ServeReload(Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.file = self.write("relay.toml", config(self.provider, more=TEXT))
        self.relay = Serving(self, "--config", self.file)

    def reload(self, text, wanted):
        self.file.write_text(text)
        self.relay.signal(signal.SIGHUP)
        return self.relay.stdout.wait_for(wanted)

    def test_what_was_changed_is_in_force(self):
        self.assertNotIn("x-cc-relay-provider", self.relay.ask().headers)
        self.reload(
            config(self.provider, more=TEXT + "[routing]\ndebug = true"),
            f"info  reloaded: {self.file} was read again",
        )
        self.assertIn("x-cc-relay-provider", self.relay.ask().headers)

    def test_a_file_with_a_mistake_changes_nothing_and_the_log_says_why(self):
        text = config(self.provider, more=TEXT + "[routing]\ndebug = true\nstrategy = 7")
        line = text.splitlines().index("strategy = 7") + 1
        self.reload(
            text,
            rf"error reload_failed: the old configuration stays in use: {self.file}:{line}:\d+: routing.strategy",
        )
        answer = self.relay.ask()
        self.assertEqual(answer.status, 200)
        self.assertNotIn("x-cc-relay-provider", answer.headers)

    def test_a_file_that_is_gone_changes_nothing(self):
        self.file.unlink()
        self.relay.signal(signal.SIGHUP)
        self.relay.stdout.wait_for("the old configuration stays in use: .* does not exist")
        self.assertEqual(self.relay.ask().status, 200)

    def test_a_pipe_behind_a_secret_keeps_nobody_waiting(self):
        # Nobody ever writes to it: whoever opened it to read would hear of no signal any more.
        pipe = self.file.parent / "pipe"
        os.mkfifo(pipe)
        self.reload(
            config(self.provider, more=TEXT).replace("${PROVIDER_KEY}", f"${{file:{pipe}}}"),
            f'the old configuration stays in use: .* file \\\\?"{pipe}\\\\?" is a pipe or a device',
        )
        self.assertEqual(self.relay.ask().status, 200)
        self.file.unlink()
        os.mkfifo(self.file)
        self.relay.signal(signal.SIGHUP)
        self.relay.stdout.wait_for(f"{self.file}: is a pipe or a device")
        self.assertEqual(self.relay.ask().status, 200)
        self.relay.signal(signal.SIGTERM)
        self.assertEqual(self.relay.process.wait(), 0)

    def test_a_running_stream_keeps_its_provider(self):
        stream = self.relay.stream()
        self.reload(config(None, more=TEXT), "was read again")
        self.provider.release.set()
        self.assertEqual(stream.read()[-1], "message_stop")
        self.assertEqual(self.relay.ask().status, 502)

    def test_the_log_level_follows_at_once(self):
        self.reload(config(self.provider, more=TEXT + 'level = "debug"'), "was read again")
        self.relay.ask()
        self.relay.stdout.wait_for("debug trace: attempt 1: fake with ")

    def test_the_command_line_still_wins(self):
        relay = Serving(self, "--config", self.file, "--log-level", "debug")
        self.file.write_text(config(self.provider, more=TEXT + 'level = "error"'))
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for("was read again")
        relay.ask()
        relay.stdout.wait_for("debug trace: attempt 1: fake with ")

    def test_what_needs_a_restart_is_said(self):
        self.reload(
            config(self.provider, listen="127.0.0.1:1", more=TEXT + 'output = "stderr"').replace(
                "[server]", "[server]\nworkers = 2"
            ),
            r"warn  .*server\.listen, server\.workers, logging\.output .* restart",
        )
        self.assertEqual(self.relay.ask().status, 200)

    def test_limits_of_connections_need_a_restart_and_are_named(self):
        changed = "max_connections = 9\nmax_connections_per_address = 8\nmax_header_bytes = 9000\nmax_headers = 99"
        more = "\n[timeouts]\nclient_header_ms = 1\nclient_body_ms = 1\nclient_idle_ms = 1\n"
        more += "client_write_ms = 1\nclient_linger_ms = 1\n[stream]\nbuffer_bytes = 20000\n"
        more += "[server.tls]\nhandshake_timeout_ms = 1\n"
        names = ["server.max_connections", "server.max_connections_per_address"]
        names += ["server.max_header_bytes", "server.max_headers", "server.tls.handshake_timeout_ms"]
        names += [f"timeouts.client_{name}_ms" for name in ("header", "body", "idle", "write", "linger")]
        names += ["stream.buffer_bytes"]
        self.reload(
            config(self.provider, more=TEXT + more).replace("[server]", "[server]\n" + changed),
            "warn  .*" + ", ".join(names).replace(".", r"\.") + " .* restart",
        )

    def test_nothing_needs_a_restart_when_nothing_was_changed(self):
        self.reload(config(self.provider, more=TEXT), "was read again")
        self.relay.signal(signal.SIGTERM)
        self.relay.process.wait()
        self.assertNotIn("restart", self.relay.stdout.all())

    def test_the_demo_can_be_told_too(self):
        demo = Serving(self, "--demo", "--listen", "127.0.0.1:0", "--log-format", "text")
        demo.signal(signal.SIGHUP)
        demo.stdout.wait_for("the built-in configuration was read again")
        self.assertEqual(demo.ask().status, 200)
