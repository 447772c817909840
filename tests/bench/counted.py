"""Figures that are counted, not timed: they do not move with the weather. Both count two runs that
differ in nothing but how many requests there are, so that what else a process does cancels out."""

import re
import shutil
import subprocess
import time

from process import Process
from report import BySide, Found


def syscalls(bench):
    rate = 100
    if not shutil.which("strace"):
        return Found("syscalls", "left out: there is no strace", [], [], [])

    def traced(proxy, seconds):
        """Calls of the proxy, and requests, in a run of so many seconds."""
        out = proxy.place / "strace"
        strace = Process(
            ["strace", "-f", "-c", "-o", out, *(f"-p{pid}" for pid in proxy.pids())],
            bench.load_core, stderr=subprocess.PIPE,
        )
        for _ in proxy.pids():
            strace.child.stderr.readline()  # "Process N attached"
        seen = bench.seen(bench.load("paced", proxy.port, connections=1, rate=rate,
                                     seconds=seconds))
        strace.child.send_signal(2)  # ends the count, not the proxy
        strace.wait()
        total = re.search(r"^100\.00\s.*total$", out.read_text(), re.MULTILINE)
        # `% time, seconds, usecs/call, calls, errors`, of which the last may be missing.
        columns = total[0].split()
        return int(columns[3]), seen["done"]

    def measure(proxy):
        short_calls, short_done = traced(proxy, bench.seconds)
        long_calls, long_done = traced(proxy, 3 * bench.seconds)
        more = max(1, long_done - short_done)
        return {"system calls": (long_calls - short_calls) / more}

    rounds = bench.in_turns(None, measure, warm_up=False)
    return Found("syscalls", f"system calls per request at {rate} requests/s", bench.sides,
                 [("system calls", "", 1)], rounds)


def instructions(name, body, sides_of=None, what=""):
    """Of the run's sides, or of those that `sides_of` makes: which proxy, and its way, by name."""

    def figure(bench):
        sides = sides_of(bench) if sides_of else {side: (side, None) for side in bench.sides}
        if not shutil.which("valgrind"):
            return Found(name, "left out: there is no valgrind", [], [], [])
        counts = (20, 60) if bench.options.few or sides_of else (200, 600)

        def counted(side, requests):
            """Instructions of a process that serves so many requests, from start to end."""
            log = bench.proxies.directory / "callgrind"
            wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                       f"--log-file={log}"]
            program, way = sides[side]
            proxy = bench.proxies.start(program, way, wrapper=wrapper)
            load = bench.load("unary", proxy.port, connections=1, body=body, requests=requests,
                              seconds=600, **proxy.way.load())
            bench.seen(load)
            time.sleep(0.1)
            proxy.stop()
            return int(re.search(r"Collected : (\d+)", log.read_text())[1])

        rounds = [{}]
        for side, (program, _) in sides.items():
            if is_sanitized(bench.options.builds.get(program)):
                continue  # valgrind can't run those
            few, many = (counted(side, count) for count in counts)
            rounds[0][side] = {"instructions": (many - few) / (counts[1] - counts[0]) / 1000}
        kind = BySide if sides_of else Found
        return kind(name, f"user instructions per request{what}, {body} bytes of agent JSON",
                    list(sides), [("instructions", "thousands", 1)], rounds)

    return figure


def is_sanitized(program):
    if program is None:
        return False
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return bool(re.search(r"lib[ablt]+san", linked))
