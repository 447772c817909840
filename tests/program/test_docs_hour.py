"""The new user's hour of docs/getting-started.md, followed to the letter: its boxes in their order,
with other ports, and a stand-in where it wants Claude Code."""

import re
import shlex
import signal
import subprocess
import sys

from claude_program import STAND_IN
from harness import Program
from pages import ROOT
from serving import reserved_port

PAGE = ROOT / "docs/getting-started.md"
# What builds, installs, or needs a program that may not be there.
BY_HAND = ("./tools/run", "npm install", "apt-get", "prometheus --config", ":9099/")


def steps():
    """(prose before it, text) of each box of the section."""
    text = PAGE.read_text()
    section = re.search(r"(?ms)^## A new user's hour$(.*?)(?:^## |\Z)", text)[1]
    parts = re.split(r"(?m)^```(?:sh)?$", section)
    return list(zip(parts[::2], parts[1::2]))


class Hour(Program):
    def setUp(self):
        super().setUp()
        signal.alarm(120)
        programs = self.scratch / "bin"
        text = STAND_IN.read_text()
        # As much as Claude Code asks with, of a model that has a price; and it says what came.
        text = text.replace('"claude-test"', '"claude-opus-5-5"')
        text = text.replace('"content": "hi"', '"content": "hello" * 10000')
        text = text.replace("sys.exit(7)", "print(text); sys.exit(0 if status == 200 else 1)")
        self.write(programs / "claude", f"#!{sys.executable} -S\n{text}").chmod(0o755)
        (programs / "cc-relay").symlink_to(self.executable)
        self.env["PATH"] = f"{programs}:{self.env['PATH']}"
        self.env["CLAUDE_CODE_MANAGED_SETTINGS_PATH"] = str(self.scratch / "managed")
        self.ports = {name: str(reserved_port(self)) for name in ("8787", "9101", "9102")}
        self.serving = []

    def typed(self, text):
        for name, port in self.ports.items():
            text = text.replace(f":{name}", f":{port}")
        return text

    def serve(self, text):
        relay = self.start(*shlex.split(text)[1:])
        relay.stderr.wait_for("listening on")
        self.serving.append(relay)

    def run_box(self, text):
        done = subprocess.run(
            ["bash", "-c", text], cwd=self.home, env=self.env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if "doctor" not in text:  # which finds what we have stopped
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}")
        return done.stdout

    def test_it_goes_as_it_says(self):
        said = []
        for prose, text in steps():
            if "Ctrl-C in terminal 1" in prose:
                self.serving[0].signal(signal.SIGINT)
                self.assertEqual(self.serving[0].wait(), 0)
            text = self.typed(text)
            if any(words in text for words in BY_HAND):
                continue
            if "cc-relay serve" in text:
                self.serve(text)
            else:
                said.append(self.run_box("set -e\n" + text))
        self.assertEqual(len(self.serving), 3)
        for out, wanted in zip(
            said,
            (
                "Hello from cc-relay's demo!",
                "Hello from cc-relay's demo!",
                "is valid",
                r"Hello from cc-relay's demo![\s\S]*\nserving\n",
                r"was read again",
                r"Hello from cc-relay's demo![\s\S]*\ndegraded: first: .*cannot connect",
                r"was read again",
                "Hello from cc-relay's demo!",
                r"was read again",
                r"the budget of ana for this day is used up: 0\.05 USD",
                r"(?m)^ana +claude-opus-5-5 +[1-4] .*\$ 0\.\d\d",
                r"error connect +first: cannot connect",
                "config cc|settings.json",
            ),
            strict=True,
        ):
            self.assertRegex(out, wanted)
        # What only the demos' own rows are about cost nothing.
        self.assertRegex(said[10], r"(?m)^anonymous +\S+ +\d+ .*\$ 0\.00$")
