"""One run: a provider, the proxies before it, and loads on them, slice by slice."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time

from process import Process, Spinners
from proxies import Proxies


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.sides = options.sides
        self.rounds = options.rounds
        self.seconds = options.seconds
        cores = sorted(os.sched_getaffinity(0))
        self.cores = cores
        proxy_core, self.load_core = cores[0], cores[-1]
        provider_core = cores[1] if len(cores) > 2 else self.load_core
        cert, key = directory / "cert.pem", directory / "key.pem"
        make_certificate(cert, key)
        self.provider = Process(
            [options.tools / "bench_provider", cert, key], provider_core, stdout=subprocess.PIPE
        )
        self.ports = {}
        for _ in ("http", "https"):
            line = self.provider.child.stdout.readline()
            scheme, port = re.search(r"(https?)://127\.0\.0\.1:(\d+)", line).groups()
            self.ports[scheme] = int(port)
        self.proxies = Proxies(
            directory, self.ports, proxy_core, options.files, options.held, options.builds,
            options.nginx_log,
        )

    def awake(self):
        return Spinners(self.cores)

    def load(self, work, port, **options):
        settings = [f"{name.replace('_', '-')}={value}" for name, value in options.items()]
        load = Process(
            [self.options.tools / "bench_load", work, port, *settings],
            self.load_core,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if load.child.stdout.readline() != "running\n":
            sys.exit(f"bench_load {work} {settings} ended with {load.wait()}")
        return load

    def seen(self, load):
        seen = json.loads(load.child.stdout.readline())
        load.wait()
        if seen["errors"]:
            sys.exit(f"{seen['errors']} requests failed")
        return seen

    def slice(self, proxy, work, **options):
        """What the load saw, and microseconds of the proxy's CPU per request or event."""
        load = self.load(work, proxy.port, seconds=self.seconds, **proxy.way.load(), **options)
        (cpu_before, faults_before), begin = proxy.used(), time.monotonic()
        seen = self.seen(load)
        (cpu, faults), took = proxy.used(), time.monotonic() - begin
        done = max(1, seen["done"])
        return {
            "CPU": (cpu - cpu_before) * 1e6 / done,
            "page faults": (faults - faults_before) / done,
            "core busy": (cpu - cpu_before) / took,
            "rate": seen["done"] / seen["seconds"],
            "p50": seen["p50_us"],
            "p99": seen["p99_us"],
        }

    @contextlib.contextmanager
    def held(self, proxy, count, **options):
        """Silent streams; gives the seconds until all had their first event."""
        began = time.monotonic()
        load = self.load("hold", proxy.port, connections=count, **options)
        try:
            yield time.monotonic() - began
        finally:
            load.child.stdin.close()
            load.wait()

    @contextlib.contextmanager
    def proxy(self, side, way=None):
        proxy = self.proxies.start(side, way)
        try:
            yield proxy
        finally:
            proxy.stop()

    def in_turns(self, way, measure, warm_up=True):
        """`measure(proxy)` for each side round by round, the order changing; the first round warms
        up. Each side's proxy serves all rounds. They are the run's, all with this way; or `way` says
        of each side which proxy it is, and its way."""
        sides = way if isinstance(way, dict) else {side: (side, way) for side in self.sides}
        proxies = {}
        try:
            for side, (proxy, its_way) in sides.items():
                proxies[side] = self.proxies.start(proxy, its_way)
            rounds = []
            for number in range(self.rounds + warm_up):
                order = list(proxies)
                if number % 2:
                    order.reverse()
                rounds.append({side: measure(proxies[side]) for side in order})
            return rounds[warm_up:]
        finally:
            for proxy in proxies.values():
                proxy.stop()

    def afresh(self, measure, way=None):
        """`measure(proxy)` for each side round by round, each time with a new proxy."""
        rounds = []
        for _ in range(self.rounds):
            rounds.append({})
            for side in self.sides:
                with self.proxy(side, way) as proxy:
                    rounds[-1][side] = measure(proxy)
        return rounds


def make_certificate(cert, key):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=bench",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, stderr=subprocess.DEVNULL,
    )
