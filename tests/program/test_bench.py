"""tests/bench/run goes on working: a moment of each figure, whose numbers mean nothing."""

import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

from harness import Program
from loopback import Server

BENCH = pathlib.Path(__file__).parents[1] / "bench"
sys.path.append(str(BENCH))

from figures import FIGURES  # noqa: E402  (found where the line above says)


# What a translation that goes wrong may look like: an answer that has lost a tool's call, a stream
# that has no usage.
TEXT = (
    '{"type":"message","content":[{"type":"text","text":"The test fails because '
    'make the change now."}],"stop_reason":"end_turn"}'
)
EVENTS = "".join(
    f"event: {name}\ndata: {data}\n\n"
    for name, data in [
        ("message_start", "{}"),
        ("content_block_start", "{}"),
        *[("content_block_delta", '{"type":"text_delta","text":" a few words @1!"}')] * 5,
        ("content_block_stop", "{}"),
        ("message_delta", '{"delta":{"stop_reason":"end_turn"}}'),
        ("message_stop", "{}"),
    ]
)


def answering(body):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    return Handler


class Bench(Program):
    def build(self):
        build = pathlib.Path(self.executable).resolve().parents[1]
        if not (build / "tests" / "bench" / "bench_load").exists():
            raise unittest.SkipTest("the build is one without tests")
        return build

    def measured(self, *names):
        """What --json says of these figures."""
        build = self.build()
        report = self.write("report.json", "")
        command = [BENCH / "run", build, "--smoke", "--relay", self.executable, "--json", report]
        command += [part for name in names for part in ("--only", name)]
        if not shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin"):
            command.append("--no-nginx")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return json.loads(pathlib.Path(report).read_text())["figures"]

    def test_an_answer_that_is_not_what_the_provider_said_fails_the_load(self):
        for mode, body, missing in [
            ("", TEXT, '"type":"tool_use"'),
            ("whole", EVENTS, '"output_tokens":312'),
            ("5000", EVENTS.replace("text_delta", "thinking_delta"), '"type":"text_delta"'),
        ]:
            with self.subTest(missing):
                server = Server(self, answering(body))
                server.begin()
                load = self.build() / "tests" / "bench" / "bench_load"
                done = subprocess.run(
                    [load, "unary", str(server.server_port), f"mode={mode}", "requests=1"],
                    capture_output=True, text=True, check=False,
                )
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"bench_load: there is no {missing} in\n", done.stderr)
                self.assertNotIn("running", done.stdout)

    def test_a_name_that_is_no_figure_is_refused(self):
        done = subprocess.run([BENCH / "run", ".", "--only", "speed"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no figure speed; there are request-4k, ", done.stderr)


def is_measured(name):
    def test(self):
        figure = self.measured(name)[name]
        sides = {"relay"}
        if name.startswith("translated-"):
            sides |= {"chat", "responses", "gemini", "from-chat"}
        for measure in figure["measures"].values():
            self.assertLessEqual(sides, measure["sides"].keys())

    return test


for figure in FIGURES:
    if not figure.startswith("instructions"):  # minutes under valgrind
        setattr(Bench, f"test_{figure.replace('-', '_')}_is_measured", is_measured(figure))
