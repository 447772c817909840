"""tests/bench/run goes on working: a moment of each figure, whose numbers mean nothing."""

import json
import pathlib
import shutil
import subprocess
import sys
import unittest

from harness import Program

BENCH = pathlib.Path(__file__).parents[1] / "bench"
sys.path.append(str(BENCH))

from figures import FIGURES  # noqa: E402  (found where the line above says)


class Bench(Program):
    def measured(self, *names):
        """What --json says of these figures."""
        build = pathlib.Path(self.executable).resolve().parents[1]
        if not (build / "tests" / "bench" / "bench_load").exists():
            raise unittest.SkipTest("the build is one without tests")
        report = self.write("report.json", "")
        command = [BENCH / "run", build, "--smoke", "--relay", self.executable, "--json", report]
        command += [part for name in names for part in ("--only", name)]
        if not shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin"):
            command.append("--no-nginx")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return json.loads(pathlib.Path(report).read_text())["figures"]

    def test_a_name_that_is_no_figure_is_refused(self):
        done = subprocess.run([BENCH / "run", ".", "--only", "speed"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no figure speed; there are request-4k, ", done.stderr)


def is_measured(name):
    def test(self):
        figure = self.measured(name)[name]
        for measure in figure["measures"].values():
            self.assertIn("relay", measure["sides"])

    return test


for figure in FIGURES:
    if not figure.startswith("instructions"):  # minutes under valgrind
        setattr(Bench, f"test_{figure.replace('-', '_')}_is_measured", is_measured(figure))
