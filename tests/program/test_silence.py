"""A relay that nobody has asked anything for longer than its deadlines. Nothing here is timed: what
counts is that the first request after the silence is served."""

import http.client
import subprocess
import threading
import time

import harness
import provider
import serving
import test_http2

DEADLINE_MS = 2000
SILENCE_SECONDS = 2.5

LIMITS = f"""
[timeouts]
client_header_ms = {DEADLINE_MS}
client_body_ms = {DEADLINE_MS}
"""


class Silence(harness.Program):
    def test_what_ends_it_is_served(self):
        upstream = provider.FakeProvider(self)
        text = serving.config(upstream).replace("[server]", "[server]\nworkers = 2", 1)
        self.configure(text + LIMITS)
        relay = serving.Serving(self)
        kept = http.client.HTTPConnection(relay.host, relay.port)
        kept.request("GET", "/health")
        self.assertEqual(kept.getresponse().read(), b'{"status":"ok"}')

        time.sleep(SILENCE_SECONDS)
        # Each worker is asked, most likely: the kernel deals the connections out.
        answers = []
        askers = [
            threading.Thread(target=lambda: answers.append(relay.ask().status)) for _ in range(16)
        ]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        self.assertEqual(answers, [200] * len(askers))

        time.sleep(SILENCE_SECONDS)
        body = serving.message()
        kept.request("POST", "/v1/messages", body, {"Content-Type": "application/json"})
        self.assertEqual(kept.getresponse().status, 200)
        kept.close()

        if test_http2.curl_speaks_http2():
            time.sleep(SILENCE_SECONDS)
            done = subprocess.run(
                ["curl", "-sS", "--http2-prior-knowledge", relay.url + "/health"],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual(done.stdout, '{"status":"ok"}', done.stderr)
