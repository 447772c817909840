"""Processes that are measured: pinned to a core, asked for time and memory, gone when the run is."""

import atexit
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time


def place_on(core, priority):
    """This process on that core, and, where that is allowed, before what else the machine does or
    behind it. Linux may weigh sessions (sched_autogroup) before it weighs their processes."""
    os.setsid()
    os.sched_setaffinity(0, {core})
    if priority < 0 and Process.realtime:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        return
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, priority)
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/autogroup").write_text(str(priority))


class Process:
    """A child with its descendants, pinned to one core. Does not outlive the run."""

    running = set()
    realtime = False  # before everything else the machine does; for root

    def __init__(self, command, core, priority=-15, **options):
        self.started = time.monotonic()
        self.child = subprocess.Popen(
            [str(part) for part in command],
            preexec_fn=lambda: place_on(core, priority),
            text=True,
            **options,
        )
        self.running.add(self)

    def pids(self):
        found = [self.child.pid]
        for pid in found:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        return found

    def used(self):
        """Seconds of processor, and page faults; all threads of all processes."""
        faults = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            faults += int(fields[7])
        return sum(self.threads().values()), faults

    def threads(self):
        """Seconds of processor of each thread that runs, by its id; to the nanosecond."""
        used = {}
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                with contextlib.suppress(FileNotFoundError):  # it has ended meanwhile
                    used[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
        return used

    def memory(self):
        """KiB: all resident pages (`rss`), and those that are of this process alone whatever else
        runs (`private`): clean ones are in the files of programs and libraries."""
        total = {"rss": 0, "private": 0}
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                if name == "Rss":
                    total["rss"] += int(rest.split()[0])
                elif name == "Private_Dirty":
                    total["private"] += int(rest.split()[0])
        return total

    def wait(self):
        self.running.discard(self)
        return self.child.wait()

    def stop(self):
        self.running.discard(self)
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


@atexit.register
def stop_all():
    for process in list(Process.running):
        process.stop()


class Spinners:
    """Keeps the cores awake with work that gives way to any other. An idle virtual core sleeps and
    wakes late, by milliseconds: a latency would say more of the machine than of the proxy."""

    def __init__(self, cores):
        self.cores = cores

    def __enter__(self):
        spin = (
            "import os\n"
            "os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\n"
            "while True: pass"
        )
        self.processes = [
            Process([sys.executable, "-c", spin], core, priority=19) for core in self.cores
        ]

    def __exit__(self, *_):
        for process in self.processes:
            process.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(process, port):
    """Until something listens there; the milliseconds since the process was started."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.child.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return (time.monotonic() - process.started) * 1000
        except OSError:
            time.sleep(0.0005)
    sys.exit(f"{process.child.args[0]} does not listen on port {port}")
