"""What the management costs: nobody looks, somebody reads all, somebody has stopped reading. Sides
are `relay`, which is managed over a Unix socket, and `off`, which has no such thing; `stopped` and
`live` are what `relay` does while such a reader is there."""

import contextlib
import json
import pathlib
import subprocess
import sys
import time

from process import Process
from report import Found

RATE = 5000
READER = pathlib.Path(__file__).with_name("reader.py")
MEASURES = [
    ("CPU", "us", 1),
    ("loop's CPU", "us", 1),
    ("p50", "us", 0),
    ("p99", "us", 0),
    ("rate", "1/s", 0),
    ("RSS", "MiB", 1),
    ("RSS more", "MiB", 1),
    ("ends told", "a request", 2),
    ("lost", "a request", 2),
]


def socket_of(proxy):
    return proxy.place / "manage.sock"


def settings_of(side):
    """Of a relay from before there was a management: nothing."""
    if side == "before":
        return ""
    return f'[manage]\nsocket = "{"" if side == "off" else "{dir}/manage.sock"}"'


def start(bench, side):
    build = "before" if side == "before" else "relay"
    return bench.proxies.start(build, settings=settings_of(side))


def unread(bench):
    """The sides that are processes."""
    return [*(["before"] if "before" in bench.sides else []), "off", "relay"]


@contextlib.contextmanager
def reader(bench, proxy, kind):
    process = Process(
        [sys.executable, READER, socket_of(proxy), kind], bench.load_core,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )
    if process.child.stdout.readline() != "reading\n":
        sys.exit(f"the reader that is {kind} ended with {process.wait()}")
    told = {}
    try:
        yield told
    finally:
        process.child.stdin.close()
        told.update(json.loads(process.child.stdout.readline()))
        process.wait()


def at_rate(bench, proxy, seconds=None):
    load = bench.load("paced", proxy.port, connections=16, rate=RATE,
                      seconds=seconds or bench.seconds)
    before = proxy.threads()
    seen = bench.seen(load)
    used = {thread: now - before.get(thread, 0) for thread, now in proxy.threads().items()}
    done = max(1, seen["done"])
    # There is one worker. Who reads has another thread work, so that it is known by what was before.
    if not hasattr(proxy, "loop_thread"):
        proxy.loop_thread = max(used, key=used.get)
    return {
        "CPU": sum(used.values()) * 1e6 / done,
        "loop's CPU": used[proxy.loop_thread] * 1e6 / done,
        "p50": seen["p50_us"],
        "p99": seen["p99_us"],
        "rate": seen["done"] / seen["seconds"],
        "RSS": proxy.memory()["rss"] / 1024,
        "done": done,
    }


def while_read(bench, proxy, kind):
    with reader(bench, proxy, kind) as told:
        warm = at_rate(bench, proxy, 0.3)  # what a reader who has stopped has room for is full then
        found = at_rate(bench, proxy)
    done = warm["done"] + found.pop("done")
    found["RSS more"] = found["RSS"] - proxy.unread_rss
    if kind == "live":
        found["ends told"] = told["ended"] / done
        found["lost"] = told["lost"] / done
    return found


def watched(bench):
    sides = unread(bench)
    proxies = {side: start(bench, side) for side in sides}
    rounds = []
    try:
        for number in range(bench.rounds + 1):
            found = {}
            for side in sides if number % 2 else sides[::-1]:
                found[side] = at_rate(bench, proxies[side])
                found[side].pop("done")
                if side == "relay":
                    if number == 0:
                        proxies[side].unread_rss = found[side]["RSS"]  # nobody has ever read
                    for kind in ("stopped", "live"):
                        found[kind] = while_read(bench, proxies[side], kind)
            found["relay"]["RSS more"] = 0.0
            for measure in ("ends told", "lost"):
                found["relay"][measure] = 0.0
            rounds.append(found)
    finally:
        for proxy in proxies.values():
            proxy.stop()
    pairs = [("relay", side) for side in sides[:-1]] + [("stopped", "relay"), ("live", "relay")]
    return Found("watched", f"CPU per request at {RATE} requests/s, the management off, unread, with a "
                 "reader who stopped and with one of everything", [*sides, "stopped", "live"],
                 MEASURES, rounds[1:], pairs=pairs)


def managed(bench):
    sides = unread(bench)

    def measure(side):
        proxy = start(bench, side)
        try:
            time.sleep(0.3)
            memory = proxy.memory()
            return {
                "listening": proxy.ready_ms,
                "CPU": sum(proxy.threads().values()) * 1e3,
                "RSS": memory["rss"] / 1024,
                "private": memory["private"] / 1024,
            }
        finally:
            proxy.stop()

    rounds = [
        {side: measure(side) for side in (sides if number % 2 else sides[::-1])}
        for number in range(1 if bench.options.few else 3 * bench.rounds)
    ]
    measures = [("listening", "ms", 1), ("CPU", "ms", 1), ("RSS", "MiB", 2), ("private", "MiB", 2)]
    return Found("managed", "start and memory of a relay with nothing to do, the management off and on",
                 sides, measures, rounds, pairs=[("relay", "off")] + [
                     (side, "before") for side in ("off", "relay") if "before" in sides])
