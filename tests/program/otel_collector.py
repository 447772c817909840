"""OpenTelemetry's own Collector, which `run` has built of otelcol/."""

import json
import os
import pathlib
import signal
import subprocess

from harness import Lines
from serving import reserved_port

BUILT = pathlib.Path(os.environ["CLIENTS_DIR"], "otelcol")


def why_there_is_none():
    """Nothing when there is one."""
    if (BUILT / "installed").exists():
        return None
    try:
        said = BUILT.with_suffix(".log").read_text().strip().splitlines()
    except OSError:
        said = []
    return f"skipped: no collector was built: {said[-1] if said else 'there is no go'}"


def value_of(told):
    """A value of OTLP's JSON, where integers are texts."""
    ((kind, value),) = told.items()
    if kind == "arrayValue":
        return [value_of(each) for each in value["values"]]
    return int(value) if kind == "intValue" else value


def attributes_of(holder):
    return {each["key"]: value_of(each["value"]) for each in holder.get("attributes", [])}


class RealCollector:
    """Runs until its test ends, at the same address each time that it is started. `spans` and
    `points`, those of the last export by metric, are what it has written so far."""

    def __init__(self, test):
        reason = why_there_is_none()
        if reason:
            test.skipTest(reason)
        self._test, self._number = test, 0
        self.address = f"127.0.0.1:{reserved_port(test)}"
        self.url = f"http://{self.address}"
        self.start()

    def start(self):
        self._number += 1
        self._told = self._test.folder / f"told-{self._number}.json"
        config = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": self.address}}}},
            "exporters": {"file": {"path": str(self._told), "flush_interval": "50ms"}},
            "service": {
                "pipelines": {
                    kind: {"receivers": ["otlp"], "exporters": ["file"]}
                    for kind in ("traces", "metrics")
                }
            },
        }
        # JSON is YAML too.
        file = self._test.write("collector.yaml", json.dumps(config))
        child = subprocess.Popen(
            [BUILT / "otelcol", "--config", file],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._child, self.said = child, Lines(child.stderr)
        self._test.addCleanup(child.wait)
        self._test.addCleanup(child.kill)
        self.said.wait_for("Everything is ready")

    def stop(self):
        self._child.send_signal(signal.SIGTERM)
        self._test.assertEqual(self._child.wait(), 0, self.said.all())

    def _exports(self, kind):
        try:
            text = self._told.read_text()
        except FileNotFoundError:
            return []
        # What is being written has no end yet.
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]
        return [line[kind] for line in lines if kind in line]

    @property
    def resources(self):
        found = [
            of for kind in ("resourceSpans", "resourceMetrics")
            for export in self._exports(kind) for of in export
        ]  # fmt: skip
        return [attributes_of(of["resource"]) for of in found]

    @property
    def spans(self):
        return [
            span
            for export in self._exports("resourceSpans")
            for of_resource in export
            for of_scope in of_resource["scopeSpans"]
            for span in of_scope["spans"]
        ]

    @property
    def points(self):
        return {
            metric["name"]: metric["histogram"]["dataPoints"]
            for export in self._exports("resourceMetrics")[-1:]
            for of_resource in export
            for of_scope in of_resource["scopeMetrics"]
            for metric in of_scope["metrics"]
        }
