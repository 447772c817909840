"""What tests of `cc-relay claude` stand on: a Claude Code that is none, a provider, a configuration."""

import fcntl
import json
import pathlib
import socket
import sys

from harness import PROVIDER_KEY, Program
from provider import FakeProvider
from serving import config, reserved_port

STAND_IN = pathlib.Path(__file__).with_name("claude_stand_in.py")


class ClaudeProgram(Program):
    def setUp(self):
        super().setUp()
        programs = self.scratch / "bin"
        text = STAND_IN.read_text()
        self.script = self.write(programs / "claude", f"#!{sys.executable} -S\n{text}")
        self.script.chmod(0o755)
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"
        self.env["PROVIDER_KEY"] = PROVIDER_KEY
        # None of the machine's own.
        self.managed = self.scratch / "managed"
        self.env["CLAUDE_CODE_MANAGED_SETTINGS_PATH"] = str(self.managed)
        self.port = reserved_port(self)
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}"
        self.provider = FakeProvider(self)
        self.file = self.configure(config(self.provider, listen=self.address))

    def told(self):
        return json.loads((self.home / "told.json").read_text())

    def settings(self, path=None, **settings):
        """Claude Code's settings: the user's, or another file."""
        return self.write(path or self.home / ".claude/settings.json", json.dumps(settings))

    def started(self):
        """What the relay that runs has written down of itself."""
        (file,) = (self.runtime / "cc-relay").glob("relay-*.json")
        return file, json.loads(file.read_text())

    def wait_for_end(self, file):
        """Until the process that has written this file is gone: its lock goes with it."""
        try:
            with open(file) as held:
                fcntl.flock(held, fcntl.LOCK_SH)
        except FileNotFoundError:
            pass

    def is_relay_there(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def assert_no_relay(self):
        self.assertFalse(self.is_relay_there())

    def _end(self):
        # A relay that a test has left behind ends with its users.
        for process in self._processes:
            process.kill()
        for file in (self.runtime / "cc-relay").glob("relay-*.json"):
            self.wait_for_end(file)
        super()._end()
