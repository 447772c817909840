"""A restart that nobody notices: clients that send without pause while relays come and go."""

import http.client
import itertools
import json
import os
import pathlib
import select
import signal
import socket
import ssl
import sys
import threading

import harness
from h2_peer import H2Peer
from provider import DELTA, START, STOP, FakeProvider
import serving

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"
CLIENTS = 50
WHOLE = (START + DELTA + STOP).decode()

# Makes a listening socket descriptor 3, as systemd does, and becomes the program.
PASS = (
    "import os, sys\n"
    "place = 3\n"
    "for name in sys.argv[1].split(','):\n"
    "    if int(name) != place: os.dup2(int(name), place); os.close(int(name))\n"
    "    os.set_inheritable(place, True)\n"
    "    place += 1\n"
    "os.environ['LISTEN_FDS'] = str(place - 3)\n"
    "os.environ['LISTEN_PID'] = str(os.getpid() + int(sys.argv[2]))\n"
    "os.execv(sys.argv[3], sys.argv[3:])\n"
)


def passing(sockets, wrong_by=0):
    """What starts a program with these sockets. They must not have the numbers 3 and on."""
    numbers = [each.fileno() for each in sockets]
    through = [sys.executable, "-c", PASS, ",".join(map(str, numbers)), str(wrong_by)]
    return {"through": through, "pass_fds": numbers}


def listener():
    """One whose number no other one is moved to."""
    made = socket.create_server(("127.0.0.1", 0), backlog=512)
    high = os.dup(made.fileno()) if made.fileno() > 50 else _high(made.fileno())
    moved = socket.socket(fileno=high)
    made.close()
    return moved


def _high(number):
    import fcntl

    return fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 60)


class Client(threading.Thread):
    """Asks one message after the other, on one connection for as long as that may be used."""

    def __init__(self, port, tls, http2, stream):
        super().__init__(daemon=True)
        self._port, self._http2, self._stream = port, http2, stream
        self._tls = None
        if tls:
            self._tls = ssl.create_default_context(cafile=CERTIFICATES / "ca.pem")
            self._tls.check_hostname = False
            if http2:
                self._tls.set_alpn_protocols(["h2"])
        self.name = f"{'h2' if http2 else 'h1'}{' tls' if tls else ''}{' stream' if stream else ''}"
        self._connection = None
        self.ended = threading.Event()
        self.answered = 0
        self.failure = None

    def run(self):
        try:
            while not self.ended.is_set():
                self._ask()
                self.answered += 1
        except Exception as error:  # whatever it is, it was not to be
            self.failure = f"{self.name}, after {self.answered} answers: {error!r}"

    def _ask(self):
        if self._connection is not None and self._is_closed():
            self._close()
        if self._connection is None:
            self._connect()
        body = serving.message(stream=self._stream)
        status, text = (self._ask_h2 if self._http2 else self._ask_h1)(body)
        if status != 200:
            raise AssertionError(f"{status}: {text}")
        if self._stream and text != WHOLE:
            raise AssertionError(f"no whole stream: {text!r}")
        if not self._stream:
            json.loads(text)

    def _is_closed(self):
        """A kept connection on which something has come unasked has been closed, as every pool
        of connections finds before it uses one. HTTP/2 says so with a frame."""
        return not self._http2 and bool(select.select([self._socket], [], [], 0)[0])

    def _connect(self):
        sock = socket.create_connection(("127.0.0.1", self._port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls:
            sock = self._tls.wrap_socket(sock, server_hostname="localhost")
        if self._http2:
            self._connection = H2Peer(sock)
        else:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port)
            self._connection.sock = sock
            self._connection.auto_open = 0
        self._socket = sock

    def _ask_h1(self, body):
        self._connection.request(
            "POST", "/v1/messages", body, {"Content-Type": "application/json"}
        )
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.headers.get("Connection") == "close":
            self._close()
        return answer.status, text

    def _ask_h2(self, body):
        status, text = self._connection.post("/v1/messages", body)
        if self._connection.goes_away:
            self._close()
        return status, text

    def _close(self):
        self._socket.close()
        self._connection = None


class Restart(harness.Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.provider.release.set()
        self.restarts = 3 if self.is_sanitized else 10
        self.clients = []

    def configured(self, name, more="", tls=False):
        text = serving.config(self.provider).replace("[server]", "[server]\n" + more)
        if tls:
            for file in ("server.pem", "server.key"):
                target = self.write(file, (CERTIFICATES / file).read_text())
                target.chmod(0o600)
            text = text.replace(
                "[[providers]]",
                '[server.tls]\ncert_file = "server.pem"\nkey_file = "server.key"\n[[providers]]',
                1,
            )
        return self.write(name, text)

    def started(self, file, *arguments, **options):
        env = {"PROVIDER_KEY": harness.PROVIDER_KEY}
        relay = self.start("serve", "--config", file, *arguments, env=env, **options)
        found = relay.stderr.wait_for(r"listening on https?://\S+:(\d+)\n")
        relay.port = int(found[1])
        return relay

    def begin(self, port, tls):
        """Half of all clients: those that speak TLS, or those that don't."""
        kinds = itertools.cycle(itertools.product((False, True), (False, True)))
        for http2, stream in itertools.islice(kinds, CLIENTS // 2):
            client = Client(port, tls, http2, stream)
            client.start()
            self.clients.append(client)

    def end(self):
        for client in self.clients:
            client.ended.set()
        for client in self.clients:
            client.join()
        failures = [client.failure for client in self.clients if client.failure]
        self.assertEqual(failures, [])
        # Each of them went on asking.
        self.assertGreaterEqual(min(client.answered for client in self.clients), 1)

    def wait_for_answers(self):
        """Until each client has got another answer, or has failed."""
        before = [client.answered for client in self.clients]
        for client, count in zip(self.clients, before):
            while client.answered <= count and not client.failure:
                client.join(0.01)

    def test_with_passed_sockets_nobody_is_refused_reset_or_lost(self):
        kinds = []
        for tls in (False, True):
            sock = listener()
            self.addCleanup(sock.close)
            file = self.configured(f"{tls}.toml", tls=tls)
            kinds.append((file, sock))
        relays = [self.started(file, **passing([sock])) for file, sock in kinds]
        for tls, (_, sock) in enumerate(kinds):
            self.begin(sock.getsockname()[1], bool(tls))
        for _ in range(self.restarts):
            self.wait_for_answers()
            for relay in relays:
                relay.signal(signal.SIGTERM)
            for relay in relays:
                self.assertEqual(relay.wait(), 0)
            relays = [self.started(file, **passing([sock])) for file, sock in kinds]
        self.wait_for_answers()
        self.end()

    def test_with_two_relays_at_one_port_nobody_is_refused_reset_or_lost(self):
        kinds = []
        for tls in (False, True):
            file = self.configured(f"{tls}.toml", "reuse_port = true", tls)
            kinds.append((file, self.started(file)))
        for tls, (_, relay) in enumerate(kinds):
            self.begin(relay.port, bool(tls))
        for _ in range(self.restarts):
            self.wait_for_answers()
            nexts = []
            for file, old in kinds:
                new = self.started(file, "--listen", f"127.0.0.1:{old.port}")
                old.signal(signal.SIGTERM)
                nexts.append((file, new))
            for _, old in kinds:
                self.assertEqual(old.wait(), 0)
            kinds = nexts
        self.wait_for_answers()
        self.end()

    def test_a_stream_that_the_deadline_strikes_ends_with_an_error(self):
        self.provider.release.clear()
        file = self.configured("relay.toml", "shutdown_timeout_ms = 300")
        relay = serving.Serving(self, "--config", file)
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        self.assertEqual(stream.read(), ["message_start", "error"])
        self.assertIn("the relay is stopping", stream.text)
        self.assertEqual(relay.process.wait(), 0)

    def test_health_says_draining_during_the_grace(self):
        file = self.configured("relay.toml", "shutdown_grace_ms = 30000")
        relay = serving.Serving(self, "--config", file)
        relay.signal(signal.SIGTERM)
        relay.stdout.wait_for("draining")
        health = relay.get("/health")
        self.assertEqual((health.status, health.json), (503, {"status": "draining"}))
        self.assertEqual(relay.ask().status, 200)
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 143)


class PassedSockets(harness.Program):
    def configured(self, more=""):
        return self.write("relay.toml", serving.config(None) + more)

    def started(self, sockets, wrong_by=0, more="", *arguments):
        env = {"PROVIDER_KEY": harness.PROVIDER_KEY}
        return self.start(
            "serve", "--config", self.configured(more), *arguments, env=env,
            **passing(sockets, wrong_by),
        )  # fmt: skip

    def health(self, family, address):
        with socket.socket(family) as client:
            client.connect(address)
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            said = b""
            while part := client.recv(4096):
                said += part
        return said.decode()

    def test_several_of_both_kinds_are_served(self):
        path = str(self.folder / "relay.sock")
        local = socket.socket(socket.AF_UNIX)
        local.bind(path)
        local.listen()
        moved = socket.socket(fileno=_high(local.fileno()))
        local.close()
        sockets = [listener(), moved, listener()]
        for each in sockets:
            self.addCleanup(each.close)
        relay = self.started(sockets)
        ports = [sockets[0].getsockname()[1], sockets[2].getsockname()[1]]
        relay.stderr.wait_for(
            f"listening on http://127.0.0.1:{ports[0]}, unix:{path}, http://127.0.0.1:{ports[1]}\n"
        )
        for port in ports:
            self.assertIn('{"status":"ok"}', self.health(socket.AF_INET, ("127.0.0.1", port)))
        self.assertIn('{"status":"ok"}', self.health(socket.AF_UNIX, path))
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.wait(), 0)
        self.assertTrue(pathlib.Path(path).exists())

    def test_those_of_another_process_are_let_alone(self):
        sock = listener()
        self.addCleanup(sock.close)
        relay = self.started([sock], wrong_by=1)
        found = relay.stderr.wait_for(serving.LISTENING)
        self.assertNotEqual(int(found[3]), sock.getsockname()[1])

    def test_listen_on_the_command_line_is_said_not_to_be_used(self):
        sock = listener()
        self.addCleanup(sock.close)
        relay = self.started([sock], 0, "", "--listen", "127.0.0.1:1")
        relay.stderr.wait_for("--listen is not used")
        relay.stderr.wait_for(f"listening on http://127.0.0.1:{sock.getsockname()[1]}\n")

    def test_a_public_one_needs_a_credential(self):
        sock = socket.create_server(("0.0.0.0", 0))
        moved = socket.socket(fileno=_high(sock.fileno()))
        sock.close()
        self.addCleanup(moved.close)
        relay = self.started([moved])
        self.assertEqual(relay.wait(), 1)
        self.assertRegex(
            relay.stderr.all(), r'"0\.0\.0\.0:\d+" can be reached from other machines'
        )


class Addresses(harness.Program):
    def test_listen_on_the_command_line_is_what_counts(self):
        public = self.write("public.toml", serving.config(None, listen="0.0.0.0:8787"))
        relay = serving.Serving(self, "--config", public, "--listen", "127.0.0.1:0")
        self.assertEqual(relay.get("/health").status, 200)
        loopback = self.write("loopback.toml", serving.config(None))
        done = self.run_relay(
            "serve", "--config", loopback, "--listen", "0.0.0.0:0",
            env={"PROVIDER_KEY": harness.PROVIDER_KEY},
        )  # fmt: skip
        self.assert_fails(done, 1, "can be reached from other machines")

    def test_a_reload_opens_no_public_relay(self):
        closed = '[server.auth]\napi_key = "${RELAY_KEY}"\n[[providers]]'
        text = serving.config(None, listen="0.0.0.0:0", more='format = "text"')
        file = self.write("relay.toml", text.replace("[[providers]]", closed, 1))
        relay = serving.Serving(
            self, "--config", file, env={"RELAY_KEY": harness.RELAY_KEY}
        )
        file.write_text('[logging]\nformat = "text"\n')
        relay.signal(signal.SIGHUP)
        relay.stdout.wait_for(
            r"the old configuration stays in use: the relay listens on 0\.0\.0\.0:\d+, which other "
            "machines can reach"
        )
        self.assertEqual(relay.get("/v1/models").status, 401)

    def test_a_provider_that_is_the_relay_is_refused(self):
        text = serving.config(None, listen="127.0.0.1:8787")
        text = text.replace("http://127.0.0.1:1", "http://localhost:8787")
        file = self.write("relay.toml", text)
        env = {"PROVIDER_KEY": harness.PROVIDER_KEY}
        for command in (["config", "validate", file], ["serve", "--config", file]):
            done = self.run_relay(*command, env=env)
            self.assertEqual(done.code, 1, done)
            self.assertIn('base_url "http://localhost:8787" leads to server.listen', done.stderr)


class Descriptors(harness.Program):
    def limited(self, limits, **options):
        file = self.write("relay.toml", serving.config(None, more='format = "text"'))
        through = ("sh", "-c", f'{limits}; exec "$@"', "sh")
        return serving.Serving(self, "--config", file, through=through, **options)

    def test_the_limit_is_raised_as_far_as_it_may(self):
        relay = self.limited("ulimit -Sn 64; ulimit -Hn 900")
        limits = pathlib.Path(f"/proc/{relay.process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max open files +900 +900 ")

    def test_silent_clients_keep_nobody_out(self):
        relay = self.limited("ulimit -n 128")
        relay.stdout.wait_for("there are descriptors for ")
        silent = []
        for _ in range(200):
            client = socket.create_connection((relay.host, relay.port))
            silent.append(client)
            self.addCleanup(client.close)
        while True:
            try:
                self.assertEqual(relay.get("/health").status, 200)
                break
            except (ConnectionError, http.client.HTTPException):
                continue  # for the first second each of them may still be about to ask
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)
