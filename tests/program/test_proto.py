"""The files of proto/, as those read them who make clients of them."""

import os
import pathlib
import subprocess
import unittest

from pages import ROOT

# Where `run` installs it; the program of the platform itself, which needs no node.
BUF = pathlib.Path(os.environ["CLIENTS_DIR"], "buf", "node_modules", "@bufbuild")


class Proto(unittest.TestCase):
    def test_buf_finds_nothing_in_it(self):
        programs = list(BUF.glob("buf-*/bin/buf"))
        if not programs:
            self.skipTest("skipped: there is no buf of npm")
        # It wants somewhere to keep things, and would look for a module of the folders above.
        env = {**os.environ, "HOME": str(BUF), "XDG_CACHE_HOME": str(BUF / "cache")}
        done = subprocess.run(
            [programs[0], "lint"],
            cwd=ROOT / "proto",
            env=env,
            capture_output=True,
            text=True,
            timeout=180,
        )
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
