"""The figures that can be measured, by name."""

import time

import counted
import managed
import translated
from proxies import Way
from report import Found

CPU = [
    ("CPU", "us", 1),
    ("page faults", "", 2),
    ("core busy", "", 2),
    ("rate", "1/s", 0),
]
LATENCY = [("p50", "us", 0), ("p99", "us", 0)]


def requests(name, body, connections, way=None, what=""):
    def figure(bench):
        count = bench.options.few or connections
        rounds = bench.in_turns(
            way,
            lambda proxy: bench.slice(proxy, "unary", connections=count, body=body),
        )
        title = f"CPU per request, {body} bytes of agent JSON, {count} connections{what}"
        return Found(name, title, bench.sides, CPU + LATENCY, rounds)

    return figure


def events(name, way=None, what=""):
    """A hundred streams with an event every 5 ms; over HTTP/2 ten on each connection."""

    def figure(bench):
        each = 10 if way and way.front == "h2c" else 1
        count = bench.options.few or 100 // each
        rounds = bench.in_turns(
            way,
            lambda proxy: bench.slice(
                proxy, "streams", connections=count, streams=each, mode=5000
            ),
        )
        title = f"CPU per event, {count * each * 200}/s, one event a write{what}"
        return Found(name, title, bench.sides, CPU + LATENCY, rounds)

    return figure


def event_latency(bench):
    """As streams of people who know nothing of each other come, and all at once: then the last has
    to wait for all others."""
    count = bench.options.few or 100

    def measure(proxy):
        each = bench.slice(proxy, "streams", connections=count, mode=5000)
        in_step = bench.slice(proxy, "streams", connections=count, mode="5000-in-step")
        return {**each, "in step p50": in_step["p50"], "in step p99": in_step["p99"]}

    with bench.awake():
        rounds = bench.in_turns(None, measure)
    measures = [*LATENCY, ("in step p50", "us", 0), ("in step p99", "us", 0)]
    return Found("event-latency", f"latency per event, {count * 200}/s, one event a write",
                 bench.sides, measures, rounds)


def added(name, rate):
    """What a proxy adds to the provider's own latency, which is measured in the same round."""

    def figure(bench):
        def paced(port):
            load = bench.load("paced", port, connections=16, rate=rate, seconds=bench.seconds)
            return bench.seen(load)

        def measure(proxy):
            direct, through = paced(bench.ports["http"]), paced(proxy.port)
            return {
                "added p50": through["p50_us"] - direct["p50_us"],
                "added p99": through["p99_us"] - direct["p99_us"],
                "direct p50": direct["p50_us"],
            }

        with bench.awake():
            rounds = bench.in_turns(None, measure)
        measures = [("added p50", "us", 0), ("added p99", "us", 0), ("direct p50", "us", 0)]
        return Found(name, f"latency added at {rate} requests/s", bench.sides, measures, rounds)

    return figure


def held(bench):
    count = bench.options.held

    def measure(proxy):
        work = {"connections": bench.options.few or 64, "body": 4096}
        free = bench.slice(proxy, "unary", **work)
        with bench.held(proxy, count):
            holding = bench.slice(proxy, "unary", **work)
        return {
            "none held": free["CPU"],
            "held": holding["CPU"],
            "held/none": holding["CPU"] / max(free["CPU"], 0.1),
        }

    rounds = bench.in_turns(None, measure)
    measures = [("none held", "us", 1), ("held", "us", 1), ("held/none", "", 2)]
    return Found(
        "held", f"CPU per request while {count} silent streams are held", bench.sides, measures,
        rounds,
    )


def crowd(name, count_of, title, **options):
    """Streams that begin at once: how long until each has its first event, and what each takes once
    all is quiet."""

    def figure(bench):
        count = count_of(bench.options)

        def measure(proxy):
            time.sleep(0.3)  # nginx's cache helpers and the like have ended
            idle = proxy.memory()
            with bench.held(proxy, count, at_once=1, **options) as seconds:
                at_once = proxy.memory()
                time.sleep(0.1 if bench.options.few else 3)
                full = proxy.memory()
            return {
                "memory": (full["rss"] - idle["rss"]) / count,
                "at first": (at_once["rss"] - idle["rss"]) / count,
                "all taken": seconds,
            }

        rounds = bench.afresh(measure)
        measures = [
            ("memory", "KiB a stream", 1),
            ("at first", "KiB a stream", 1),
            ("all taken", "s", 2),
        ]
        return Found(name, title.format(count), bench.sides, measures, rounds)

    return figure


def slow_crowd(bench):
    count = bench.options.held

    def measure(proxy):
        time.sleep(0.3)
        idle = proxy.memory()
        with bench.held(proxy, count):
            return {"memory": (proxy.memory()["rss"] - idle["rss"]) / count}

    return Found(
        "streams", f"memory of {count} silent streams that begin 64 at a time", bench.sides,
        [("memory", "KiB a stream", 1)], bench.afresh(measure),
    )


def idle(bench):
    def measure(proxy):
        time.sleep(0.3)
        memory = proxy.memory()
        return {"RSS": memory["rss"] / 1024, "private": memory["private"] / 1024}

    measures = [("RSS", "MiB", 1), ("private", "MiB", 1)]
    return Found("idle", "memory of a proxy with nothing to do", bench.sides, measures,
                 bench.afresh(measure))


def start(bench):
    rounds = []
    for _ in range(1 if bench.options.few else 3):
        rounds += bench.afresh(lambda proxy: {"listening": proxy.ready_ms})
    return Found("start", "from the start of the process until it takes a connection", bench.sides,
                 [("listening", "ms", 1)], rounds)


BOTH = Way("tls", True)
UPSTREAM = Way("plain", True)

FIGURES = {
    "request-4k": requests("request-4k", 4096, 64),
    "request-200k": requests("request-200k", 200_000, 32),
    "request-2m": requests("request-2m", 2_000_000, 8),
    "event": events("event"),
    "event-latency": event_latency,
    "added-100": added("added-100", 100),
    "added-4000": added("added-4000", 4000),
    "tls-request": requests("tls-request", 4096, 64, BOTH, ", TLS on both sides"),
    "tls-event": events("tls-event", BOTH, what=", TLS on both sides"),
    "tls-upstream-request": requests(
        "tls-upstream-request", 4096, 64, UPSTREAM, ", TLS to the provider"
    ),
    "tls-upstream-event": events("tls-upstream-event", UPSTREAM, what=", TLS to the provider"),
    "h2c-event": events("h2c-event", Way("h2c"), what=", HTTP/2 clients, 10 streams each"),
    "translated-4k": translated.requests("translated-4k", 4096, 64),
    "translated-200k": translated.requests("translated-200k", 200_000, 32),
    "translated-2m": translated.requests("translated-2m", 2_000_000, 8),
    "translated-event": translated.events,
    "held": held,
    "burst": crowd("burst", lambda options: options.held, "{} silent streams that come at once"),
    "streams": slow_crowd,
    "begun-200k": crowd(
        "begun-200k", lambda options: options.begun,
        "{} silent streams that come at once, begun with 200 KB each", body=200_000,
    ),
    "idle": idle,
    "start": start,
    "watched": managed.watched,
    "managed": managed.managed,
    "syscalls": counted.syscalls,
    "instructions": counted.instructions("instructions", 4096),
    "instructions-200k": counted.instructions("instructions-200k", 200_000),
    "instructions-translated": counted.instructions(
        "instructions-translated", 200_000, translated.sides_of, " that is translated"
    ),
}
