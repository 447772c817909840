"""The dashboard, as Grafana's own package for dashboards reads it, which `run` has built into
the program of grafana/."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from pages import ROOT

BUILT = pathlib.Path(os.environ["CLIENTS_DIR"], "grafana")
DASHBOARD = ROOT / "docs" / "grafana-dashboard.json"


def first(board, kind):
    return next(panel for panel in board["panels"] if panel["type"] == kind)


# Each with the word that the finding on it must have.
FAULTS = {
    "a member that nobody knows": (
        lambda board: board.update(titel="cc-relay"),
        "unexpected field 'titel'",
    ),
    "a member that Grafana would make up": (
        lambda board: first(board, "timeseries")["options"]["legend"].pop("showLegend"),
        "options.legend.showLegend: required field is missing",
    ),
    "a wrong type": (
        lambda board: first(board, "stat")["options"].update(wideLayout="yes"),
        "options.wideLayout: json: cannot unmarshal string",
    ),
    "a query's member that nobody knows": (
        lambda board: first(board, "timeseries")["targets"][0].update(query="up"),
        "unexpected field 'query'",
    ),
    "a field's setting that nobody knows": (
        lambda board: first(board, "timeseries")["fieldConfig"]["defaults"].update(units="s"),
        "unexpected field 'units'",
    ),
    "a drawing's setting that nobody knows": (
        lambda board: first(board, "state-timeline")["fieldConfig"]["defaults"]["custom"].update(
            fill=1
        ),
        "unexpected field 'fill'",
    ),
    "a panel of another kind": (
        lambda board: first(board, "stat").update(type="gauge"),
        "its type is not looked at: gauge",
    ),
    "a query of another kind": (
        lambda board: first(board, "stat").update(datasource={"type": "loki"}),
        "its queries are not looked at: loki",
    ),
}


class Grafana(unittest.TestCase):
    def setUp(self):
        if (BUILT / "installed").exists():
            return
        try:
            said = BUILT.with_suffix(".log").read_text().strip().splitlines()
        except OSError:
            said = []
        self.skipTest(f"skipped: no reader was built: {said[-1] if said else 'there is no go'}")

    def read(self, file):
        done = subprocess.run(
            [BUILT / "grafana", file], capture_output=True, text=True, timeout=180
        )
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_it_finds_nothing_in_the_dashboard(self):
        self.assertEqual(self.read(DASHBOARD), (0, ""))

    def test_it_finds_what_is_wrong_in_a_dashboard(self):
        for name, (spoil, finding) in FAULTS.items():
            with self.subTest(name), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                board = json.loads(DASHBOARD.read_text())
                spoil(board)
                json.dump(board, file)
                file.flush()
                status, said = self.read(file.name)
                self.assertEqual(status, 1, said)
                self.assertIn(finding, said)
