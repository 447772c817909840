"""What --help offers is in the manual, and in docs/cli.md."""

import pathlib
import re

from harness import Program
from test_help import COMMANDS

DOCS = pathlib.Path(__file__).parents[2] / "docs"


class Docs(Program):
    def test_every_command_and_option_is_told_of(self):
        manual = (DOCS / "man" / "cc-relay.1").read_text().replace("\\-", "-")
        page = (DOCS / "cli.md").read_text()
        for command in COMMANDS:
            wanted = {command.split()[-1]}
            wanted |= set(re.findall(r"--[a-z][a-z-]*", self.run_relay(*command.split(), "-h").stdout))
            for word in wanted:
                with self.subTest(f"{command}: {word}"):
                    self.assertRegex(manual, rf"(?<![\w-]){word}(?![\w-])")
                    self.assertRegex(page, rf"(?<![\w-]){word}(?![\w-])")

    def test_the_manual_is_of_this_version(self):
        manual = (DOCS / "man" / "cc-relay.1").read_text()
        version = self.run_relay("version").stdout.strip()
        self.assertIn(f'"{version}"', manual.splitlines()[0])
