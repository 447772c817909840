"""What large bodies took is given back when they have gone."""

import concurrent.futures
import pathlib
import time
import unittest

from harness import Program
from provider import FakeProvider
from serving import Serving, config

BODY = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "word " * 500_000}]}
# What may remain of the 40 MB that they had.
REMAINS_KIB = 8 * 1024


class LargeBodies(Program):
    def kib(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def test_a_run_of_them_leaves_no_memory_behind(self):
        if self.is_sanitized:
            raise unittest.SkipTest("AddressSanitizer keeps what was freed")
        provider = FakeProvider(self)
        serving = Serving(self, "--config", self.write("relay.toml", config(provider)))
        serving.ask()
        before = self.kib(serving.process.pid)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: serving.ask(**BODY).status, range(16)))
        self.assertEqual(answers, 16 * [200])
        # A test that hangs is ended by the harness.
        while self.kib(serving.process.pid) > before + REMAINS_KIB:
            time.sleep(0.05)
