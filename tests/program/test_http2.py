"""HTTP/2 with prior knowledge, asked for by programs that others wrote."""

import json
import re
import shutil
import signal
import subprocess

import harness
import provider
import serving

MESSAGE = {"model": "m", "max_tokens": 20, "messages": [{"role": "user", "content": "Hello!"}]}
SMALL = "[server]\nmax_header_bytes = 1024"


def needs(*programs):
    """Skips a test where one of these is not installed."""
    missing = [program for program in programs if not shutil.which(program)]
    return harness.unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


def curl_speaks_http2():
    said = subprocess.run(["curl", "--version"], capture_output=True, text=True, check=False)
    return "HTTP2" in said.stdout


def sending(file):
    """What makes curl send a file of JSON; its --json came with 7.82."""
    return ["-H", "content-type: application/json", "--data-binary", f"@{file}"]


class Http2(harness.Program):
    def setUp(self):
        super().setUp()
        self.provider = provider.FakeProvider(self)
        self.configure(serving.config(self.provider))
        self.relay = serving.Serving(self)

    def run_peer(self, *command):
        """What a program said; it must have ended well."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def curl(self, path, *more):
        return self.run_peer("curl", "-sS", "--http2-prior-knowledge", *more, self.relay.url + path)

    def message(self, **more):
        """A file with a request's body."""
        return self.write("message.json", json.dumps({**MESSAGE, **more}))


@needs("curl")
@harness.unittest.skipUnless(curl_speaks_http2(), "curl without HTTP/2")
class Curl(Http2):
    def test_it_is_answered_in_http_2(self):
        said = self.curl("/health", "-i")
        self.assertTrue(said.startswith("HTTP/2 200"), said)
        self.assertTrue(said.endswith('{"status":"ok"}'), said)

    def test_an_unknown_path_is_404(self):
        self.assertTrue(self.curl("/nowhere", "-i").startswith("HTTP/2 404"))

    def test_a_message_is_answered(self):
        said = self.curl("/v1/messages", *sending(self.message()))
        self.assertEqual(json.loads(said), provider.ANSWER)

    def test_a_stream_arrives_whole(self):
        self.provider.release.set()
        self.provider.deltas = 200
        said = self.curl("/v1/messages", "-N", *sending(self.message(stream=True)))
        events = re.findall(r"^event: (.*)$", said, re.MULTILINE)
        self.assertEqual(events.count("content_block_delta"), 200)
        self.assertEqual(events[-1], "message_stop")

    def test_a_large_request_goes_through(self):
        text = "t" * (3 << 20)
        message = self.message(messages=[{"role": "user", "content": text}])
        said = self.curl("/v1/messages", *sending(message))
        self.assertEqual(json.loads(said), provider.ANSWER)

    def test_a_stream_that_is_left_is_cancelled(self):
        child = subprocess.Popen(
            ["curl", "-sSN", "--http2-prior-knowledge", *sending(self.message(stream=True))]
            + [self.relay.url + "/v1/messages"],
            stdout=subprocess.PIPE,
        )
        self.addCleanup(child.wait)
        self.addCleanup(child.stdout.close)
        child.stdout.readline()
        child.kill()
        self.relay.stdout.wait_for(r'"ending":"client_gone"')

    def test_a_header_list_above_the_limit_is_431(self):
        self.write("small.toml", serving.config(None).replace("[server]", SMALL))
        self.relay = serving.Serving(self, "--config", "small.toml")
        said = self.curl("/health", "-i", "-H", "x-long: " + "h" * 1024)
        self.assertTrue(said.startswith("HTTP/2 431"), said)
        self.assertIn("server.max_header_bytes", said)

    def test_the_same_port_speaks_http_1_1(self):
        said = self.run_peer("curl", "-sSi", "--http1.1", self.relay.url + "/health")
        self.assertTrue(said.startswith("HTTP/1.1 200"), said)


# What curl 7.88 can't do with prior knowledge is to use a connection twice (its issue 10634); these
# can.
@needs("nghttp")
class Nghttp(Http2):
    def test_a_message_is_answered(self):
        said = self.run_peer(
            "nghttp", "--data", self.message(), "-H", "content-type: application/json",
            self.relay.url + "/v1/messages",
        )  # fmt: skip
        self.assertEqual(json.loads(said), provider.ANSWER)

    def test_many_at_once_on_one_connection(self):
        said = self.run_peer("nghttp", "-n", "-m", "50", "-s", self.relay.url + "/v1/models")
        self.assertEqual(len(re.findall(r"\b200\b.* /v1/models", said)), 50)

    def test_padding_is_taken(self):
        said = self.run_peer(
            "nghttp", "--padding", "200", "--data", self.message(), self.relay.url + "/v1/messages"
        )
        self.assertEqual(json.loads(said), provider.ANSWER)

    def test_trailers_are_dropped(self):
        said = self.run_peer(
            "nghttp", "--data", self.message(), "--trailer", "x-checksum: 1",
            self.relay.url + "/v1/messages",
        )  # fmt: skip
        self.assertEqual(json.loads(said), provider.ANSWER)


@needs("h2load")
class H2load(Http2):
    def load(self, *more):
        said = self.run_peer("h2load", *more)
        self.assertRegex(said, r"0 failed, 0 errored, 0 timeout")
        return said

    def test_many_requests_over_several_connections(self):
        said = self.load("-n", "2000", "-c", "4", "-m", "20", self.relay.url + "/health")
        self.assertRegex(said, r"status codes: 2000 2xx")

    def test_messages_with_small_windows(self):
        self.provider.release.set()
        self.provider.deltas = 50
        said = self.load(
            "-n", "60", "-c", "3", "-m", "10", "-w", "10", "-W", "11", "-d",
            self.message(stream=True), "-H", "content-type: application/json",
            self.relay.url + "/v1/messages",
        )  # fmt: skip
        self.assertRegex(said, r"status codes: 60 2xx")

    def test_a_stop_ends_its_connections_in_an_orderly_way(self):
        self.load("-n", "100", "-c", "2", "-m", "10", self.relay.url + "/health")
        self.relay.signal(signal.SIGTERM)
        self.assertEqual(self.relay.process.wait(), 0)
