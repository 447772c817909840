"""The management over gRPC, as those see it who have nothing but its address."""

import os
import pathlib
import re
import select
import signal
import socket
import tempfile

import serving
from grpc_client import Client, grpc
from harness import PROVIDER_KEY, Program
from provider import FakeProvider

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"
KEY = '[[providers.keys]]\nkey = "${PROVIDER_KEY}"'
OPERATOR = "canary-operator-41c8"
VIEWER = "canary-viewer-77a90b"
TOKENS = f"""
[[manage.auth.tokens]]
name = "ana"
token = "{OPERATOR}"
[[manage.auth.tokens]]
name = "grafana"
token = "{VIEWER}"
role = "viewer"
"""
# What each method says to an empty request.
EMPTY = {
    "GetServerInfo": "OK",
    "GetStatus": "OK",
    "ListProviders": "OK",
    "GetProvider": "NOT_FOUND",
    "EnableProvider": "NOT_FOUND",
    "DisableProvider": "NOT_FOUND",
    "DrainProvider": "NOT_FOUND",
    "ResetBreaker": "NOT_FOUND",
    "ListKeys": "OK",
    "GetKey": "NOT_FOUND",
    "EnableKey": "NOT_FOUND",
    "DisableKey": "NOT_FOUND",
    "ResetKey": "NOT_FOUND",
    "ListClients": "OK",
    "GetClient": "NOT_FOUND",
    "ListRequests": "OK",
    "GetRequest": "NOT_FOUND",
    "WatchRequests": "OK",
    "CancelRequest": "NOT_FOUND",
    "GetConfig": "OK",
    "ReloadConfig": "OK",
    "ValidateConfig": "OK",
    "WatchStatus": "OK",
    "QueryUsage": "OK",
    "ListUsageRecords": "OK",
    "GetLogLevel": "OK",
    "SetLogLevel": "OK",
    "WatchLogs": "OK",
}


NOBODY = 65534


def _carry(one, path):
    other = socket.socket(socket.AF_UNIX)
    other.connect(path)
    ways = {one: other, other: one}
    while True:
        for ready in select.select(list(ways), [], [])[0]:
            part = ready.recv(65536)
            if not part:
                return
            ways[ready].sendall(part)


class Grpc(Program):
    """Each test has a relay with two providers, of which "first" is asked first."""

    def setUp(self):
        super().setUp()
        if grpc is None:
            self.skipTest("skipped: there is no grpcio")
        self.first, self.second = FakeProvider(self), FakeProvider(self)

    def started(self, listen="127.0.0.1:0", manage=TOKENS):
        self.relay = serving.serving(
            self,
            *(
                (name, "anthropic", fake.url, f"priority = {priority}\n{KEY}")
                for name, fake, priority in (("first", self.first, 9), ("second", self.second, 1))
            ),
            server="watch_config = false",
            more=manage,
            arguments=("--grpc", listen),
        )
        said = r"management: +((?:grpcs?://|grpc\+unix:)(.*))\n"
        # A build without it is none that these tests are about.
        found = self.relay.stderr.wait_for(said)
        self.address, self.target = found[1], found[2]

    def client(self, token=OPERATOR, **more):
        return Client(self, self.target, token, **more)

    def asked_once(self, client):
        """The status behind a request; a client has its answer a moment before that is counted."""
        self.relay.ask()
        while not (status := client.call("Server.GetStatus").status).totals.requests:
            pass
        return status

    def asked(self):
        return len(self.first.requests), len(self.second.requests)

    def providers(self):
        return {each["name"]: each for each in self.relay.get("/v1/providers").json["data"]}

    # ---- what there is

    def test_it_lists_and_describes_itself(self):
        self.started()
        client = self.client()
        names = "Client Config Key Log Provider Request Server Usage".split()
        self.assertEqual(
            client.services,
            [f"ccrelay.management.v1.{name}Service" for name in names]
            + ["grpc.health.v1.Health"]
            + [f"grpc.reflection.{version}.ServerReflection" for version in ("v1", "v1alpha")],
        )
        for service in client.services:
            with self.subTest(service):
                self.assertTrue(client.service(service).methods)
        self.assertEqual(len(client.methods()), 28)

    def test_every_method_answers(self):
        self.started()
        client = self.client()
        said = {}
        for method in client.methods():
            service = method.containing_service.name.removesuffix("Service")
            said[method.name] = client.code(f"{service}.{method.name}")[0]
        self.assertEqual(said, EMPTY)

    def test_it_tells_what_the_relay_is(self):
        self.started()
        client = self.client()
        info = client.call("Server.GetServerInfo").info
        self.assertEqual((info.name, info.pid), ("cc-relay", self.relay.process.pid))
        self.assertEqual(list(info.listen_addresses), [self.relay.address])
        self.assertIn(self.address, info.management_addresses)
        self.assertEqual((info.caller.name, info.caller.role), ("token:ana", 2))
        status = self.asked_once(client)
        self.assertEqual((status.totals.requests, status.totals.failed), (1, 0))
        first, second = client.call("Provider.ListProviders").providers
        self.assertEqual((first.name, second.name), ("first", "second"))
        self.assertEqual((first.totals.requests, second.totals.requests), (1, 0))
        (ended,) = client.call("Request.ListRequests", ended=True).requests
        told = client.call("Request.GetRequest", id=ended.id).request
        self.assertEqual([each.provider for each in told.attempts], ["first"])
        self.assertEqual((told.status, told.path), (200, "/v1/messages"))
        self.assertIn("[[providers]]", client.call("Config.GetConfig").toml)

    # ---- who may

    def test_a_token_opens_and_nothing_else_does(self):
        self.started()
        words = set()
        for token in (None, "canary-wrong-00000000", PROVIDER_KEY):
            code, said = self.client(token).code("Server.GetStatus") if token else (
                self._without_reflection("Server/GetStatus")
            )
            self.assertEqual(code, "UNAUTHENTICATED")
            words.add(said)
        self.assertEqual(len(words), 1, words)
        with self.assertRaises(grpc.RpcError) as raised:
            self.client(None).services
        self.assertEqual(raised.exception.code().name, "UNAUTHENTICATED")

    def _without_reflection(self, path):
        """A call whose messages are empty both ways, and so known without being told."""
        service, method = path.split("/")
        call = self.client(None).plain.unary_unary(
            f"/ccrelay.management.v1.{service}Service/{method}", lambda _: b"", lambda answer: answer
        )
        try:
            return "OK", call(None, timeout=180)
        except grpc.RpcError as error:
            return error.code().name, error.details()

    def test_a_viewer_looks_and_does_not_act(self):
        self.started()
        viewer = self.client(VIEWER)
        info = viewer.call("Server.GetServerInfo").info
        self.assertEqual((info.caller.name, info.caller.role), ("token:grafana", 1))
        for action in ("Provider.DisableProvider", "Request.CancelRequest", "Config.ReloadConfig"):
            with self.subTest(action):
                code, said = viewer.code(action)
                self.assertEqual(code, "PERMISSION_DENIED", said)
                self.assertIn("token:grafana", said)
        self.assertTrue(self.providers()["first"]["active"])

    def test_without_any_token_the_relay_makes_one(self):
        self.started(manage="")
        (file,) = self.runtime.rglob("*.token")
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        token = file.read_text().strip()
        self.assertEqual(self.client(token).call("Server.GetServerInfo").info.name, "cc-relay")
        self.relay.signal(signal.SIGTERM)
        self.assertEqual(self.relay.process.wait(), 0)
        self.assertFalse(file.exists())
        self.assertNotIn(token, self.relay.process.output)

    def test_on_a_unix_socket_it_is_the_user_who_comes_in(self):
        path = str(self.scratch / "grpc.sock")
        self.started("unix:" + path)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.target = "unix:" + path
        for _ in range(3):  # descriptors come again
            client = self.client(None)
            caller = client.call("Server.GetServerInfo").info.caller
            self.assertEqual((caller.name, caller.role), (f"uid:{os.getuid()}", 2))
            client.plain.close()
        self.relay.signal(signal.SIGTERM)
        self.assertEqual(self.relay.process.wait(), 0)
        self.assertFalse(os.path.exists(path))

    def test_another_user_on_the_unix_socket_is_told_why_not(self):
        if os.getuid() != 0:
            self.skipTest("skipped: only root may be another user")
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            path = os.path.join(folder, "grpc.sock")
            self.started("unix:" + path)
            os.chmod(path, 0o666)
            self.target = "127.0.0.1:%d" % self.carried_by(NOBODY, path)
            with self.assertRaises(grpc.RpcError) as raised:
                self.client(None).services
            self.assertEqual(raised.exception.code().name, "PERMISSION_DENIED")
            self.assertIn(str(NOBODY), raised.exception.details())
            self.assertIn("manage.auth.users", raised.exception.details())

    def carried_by(self, user, path):
        """The port of a process of that user, which carries one connection to the Unix socket."""
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
                _carry(listener.accept()[0], path)
            finally:
                os._exit(0)
        listener.close()
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, signal.SIGKILL)
        return port

    def test_over_tls_a_certificate_or_a_token_opens(self):
        for name in ("server.pem", "server.key", "client-ca.pem"):
            self.write("tls/" + name, (CERTIFICATES / name).read_text()).chmod(0o600)
        tls = """
[manage.tls]
cert_file = "tls/server.pem"
key_file = "tls/server.key"
client_auth = "optional"
client_ca_file = "tls/client-ca.pem"
client_role = "viewer"
"""
        self.started("localhost:0", TOKENS + tls)
        self.assertTrue(self.address.startswith("grpcs://"))
        ca = (CERTIFICATES / "ca.pem").read_bytes()
        with_token = self.client(credentials=grpc.ssl_channel_credentials(ca))
        self.assertEqual(with_token.call("Server.GetServerInfo").info.caller.name, "token:ana")
        own = [(CERTIFICATES / name).read_bytes() for name in ("client.key", "client.pem")]
        with_certificate = self.client(None, credentials=grpc.ssl_channel_credentials(ca, *own))
        caller = with_certificate.call("Server.GetServerInfo").info.caller
        self.assertRegex(caller.name, "^cert:.*CN=")
        self.assertEqual(caller.role, 1)
        stranger = self.client(None, credentials=grpc.ssl_channel_credentials(ca))
        with self.assertRaises(grpc.RpcError) as raised:
            stranger.services
        self.assertEqual(raised.exception.code().name, "UNAUTHENTICATED")
        # Who speaks in the clear is not understood.
        with self.assertRaises(grpc.RpcError) as raised:
            self.client().services
        self.assertEqual(raised.exception.code().name, "UNAVAILABLE")

    def test_who_says_nothing_of_tls_is_not_waited_for(self):
        for name in ("server.pem", "server.key"):
            self.write("tls/" + name, (CERTIFICATES / name).read_text()).chmod(0o600)
        tls = """
[manage.tls]
cert_file = "tls/server.pem"
key_file = "tls/server.key"
handshake_timeout_ms = 1
"""
        self.started("localhost:0", TOKENS + tls)
        host, _, port = self.address.removeprefix("grpcs://").rpartition(":")
        # gRPC itself would wait for two minutes.
        with socket.create_connection((host, int(port)), timeout=60) as silent:
            while silent.recv(4096):
                pass

    # ---- what is wrong

    def test_what_is_wrong_with_a_question_is_said(self):
        self.started()
        client = self.client()
        for name, fields, code, words in (
            ("Provider.GetProvider", {"name": "firts"}, "NOT_FOUND", "first, second"),
            ("Key.GetKey", {"fingerprint": "0"}, "NOT_FOUND", "there is no key"),
            ("Request.GetRequest", {"id": "0"}, "NOT_FOUND", "0"),
            ("Server.GetStatus", {"history_seconds": 301}, "INVALID_ARGUMENT", "history_seconds"),
            ("Provider.ListProviders", {"page_size": -1}, "INVALID_ARGUMENT", "page_size"),
            ("Provider.ListProviders", {"page_token": "x"}, "INVALID_ARGUMENT", "page_token"),
            (
                "Request.ListRequests",
                {"filter": {"providers": ["firts"]}},
                "INVALID_ARGUMENT",
                "filter.providers",
            ),
            (
                "Request.WatchRequests",
                {"filter": {"models": ["a*b"]}},
                "INVALID_ARGUMENT",
                "filter.models",
            ),
            ("Request.WatchRequests", {"kinds": [99]}, "INVALID_ARGUMENT", "kinds: 99"),
            ("Request.WatchRequests", {"queue_events": 1}, "INVALID_ARGUMENT", "queue_events"),
            (
                "Provider.DisableProvider",
                {"name": "first", "reason": "x" * 201},
                "INVALID_ARGUMENT",
                "reason",
            ),
        ):
            with self.subTest((name, fields)):
                said = client.code(name, **fields)
                self.assertEqual(said[0], code, said)
                self.assertIn(words, said[1])

    def test_a_deadline_and_a_caller_that_goes_end_a_stream(self):
        self.started()
        client = self.client()
        watch = client.call("Request.WatchRequests", 0.2)
        with self.assertRaises(grpc.RpcError) as raised:
            for _ in watch:
                pass
        self.assertEqual(raised.exception.code().name, "DEADLINE_EXCEEDED")
        watch = client.call("Request.WatchRequests")
        self.assertTrue(next(watch).HasField("synced"))
        watch.cancel()
        with self.assertRaises(grpc.RpcError) as raised:
            next(watch)
        self.assertEqual(raised.exception.code().name, "CANCELLED")
        # And nobody watches any more.
        while client.call("Server.GetStatus").status.process.subscribers:
            pass

    def test_too_large_a_message_is_refused(self):
        self.started()
        code, _ = self.client().code("Key.GetKey", fingerprint="x" * (2 << 20))
        self.assertEqual(code, "RESOURCE_EXHAUSTED")

    def test_an_address_in_use_and_a_build_without_it_are_mistakes(self):
        port = serving.busy_port(self)
        file = self.write("relay.toml", serving.config(self.first))
        done = self.run_relay(
            *("serve", "--config", file, "--grpc", f"127.0.0.1:{port}"), env={"PROVIDER_KEY": "k"}
        )
        self.assertEqual(done.code, 1, done)
        self.assertIn(f"grpc.listen: 127.0.0.1:{port} can't be listened on", done.stderr)

    # ---- what happens

    def test_a_watch_tells_of_each_request_in_order(self):
        self.started()
        watch = self.client().call("Request.WatchRequests")
        self.assertTrue(next(watch).HasField("synced"))
        self.relay.ask()
        kinds = []
        while not kinds or kinds[-1] != "ended":
            event = next(watch)
            kinds.append(event.WhichOneof("event"))
        self.assertEqual(kinds[:2], ["started", "attempt_started"])
        self.assertEqual(set(kinds[2:-1]), {"attempt_ended", "first_byte"})
        self.assertEqual(event.sequence, len(kinds))
        self.assertEqual((event.ended.status, event.ended.provider), (200, "first"))

    def test_a_reader_that_stops_loses_events_and_slows_nobody(self):
        self.started()
        client = self.client()
        watch = client.call("Request.WatchRequests", queue_events=16)
        self.assertTrue(next(watch).HasField("synced"))
        asked = 0
        while not client.call("Server.GetStatus").status.process.events_dropped:
            for _ in range(50):
                self.assertEqual(self.relay.ask().status, 200)
            asked += 50
        # It reads on, and is told what is missing, where it is missing.
        started = ended = 0
        lost = False
        while ended < asked:
            event = next(watch)
            started += event.HasField("started") + event.lost.started
            ended += event.HasField("ended") + event.lost.ended
            lost = lost or event.HasField("lost")
        self.assertTrue(lost)
        self.assertEqual((started, ended), (asked, asked))

    def test_a_disabled_provider_is_asked_no_more(self):
        self.started()
        client = self.client()
        done = client.call(
            "Provider.DisableProvider", name="first", reason="night\nshift", ttl_ms=3600_000
        )
        self.assertTrue(done.changed)
        self.assertEqual(done.provider.admin_override.set_by, "token:ana")
        self.assertEqual(done.provider.admin_override.reason, "night shift")
        first = self.providers()["first"]
        self.assertEqual((first["active"], first["health"]), (False, "disabled"))
        self.assertEqual(self.relay.ask().status, 200)
        self.assertEqual(self.asked(), (0, 1))
        self.assertFalse(
            client.call(
                "Provider.DisableProvider", name="first", reason="night shift", ttl_ms=3600_000
            ).changed
        )
        # The last one may be disabled too; then clients are told so.
        warned = client.call("Provider.DisableProvider", name="second")
        self.assertTrue(warned.warnings)
        refused = self.relay.ask()
        self.assertEqual(refused.status, 503)
        self.assertIn("every provider is disabled", refused.text)
        self.assertTrue(client.call("Provider.EnableProvider", name="first").changed)
        self.assertEqual(self.relay.ask().status, 200)
        self.assertEqual(self.asked(), (1, 1))

    def test_a_disabled_key_is_used_no_more(self):
        self.started()
        client = self.client()
        (key,) = client.call("Key.ListKeys").keys  # one secret at two providers
        self.assertEqual(list(key.providers), ["first", "second"])
        done = client.call("Key.DisableKey", fingerprint=key.fingerprint)
        self.assertTrue(done.changed and done.warnings)
        self.assertGreaterEqual(self.relay.ask().status, 400)
        self.assertEqual(self.asked(), (0, 0))
        self.assertTrue(client.call("Key.EnableKey", fingerprint=key.fingerprint).changed)
        self.assertEqual(self.relay.ask().status, 200)

    def test_a_cancelled_request_ends_with_an_error_in_its_stream(self):
        self.started()
        client = self.client()
        stream = self.relay.stream()
        (running,) = client.call("Request.ListRequests").requests
        done = client.call("Request.CancelRequest", id=running.id, reason="too long")
        self.assertTrue(done.changed)
        self.assertIn("error", stream.read())
        ended = client.call("Request.GetRequest", id=running.id).request
        self.assertEqual((ended.state, ended.ending), (5, 6))  # ended, by an operator
        self.assertFalse(client.call("Request.CancelRequest", id=running.id).changed)

    def test_a_reload_tells_what_changed_or_what_is_wrong(self):
        self.started()
        client = self.client()
        file = self.folder / "relay.toml"
        text = file.read_text()
        self.assertFalse(client.call("Config.ReloadConfig").changes)
        file.write_text(text.replace("priority = 1\n", "priority = 2\n"))
        told = client.call("Config.ReloadConfig")
        self.assertIn("priority", "".join(change.path for change in told.changes) or "priority")
        file.write_text(text + "\n[nonsense]\n")
        code, said = client.code("Config.ReloadConfig")
        self.assertEqual(code, "FAILED_PRECONDITION")
        self.assertIn("nonsense is unknown", said)

    def test_the_status_is_told_again_and_again(self):
        self.started()
        client = self.client()
        watch = client.call("Server.WatchStatus", interval_ms=100, history_seconds=2)
        moments = [next(watch).status.uptime_ms for _ in range(3)]
        self.assertEqual(moments, sorted(set(moments)))
        self.assertEqual(client.code("Server.WatchStatus", interval_ms=99)[0], "INVALID_ARGUMENT")

    def test_the_log_is_told_and_its_level_set(self):
        self.started()
        client = self.client()
        self.assertEqual(client.call("Log.GetLogLevel").level, 2)
        set_ = client.call("Log.SetLogLevel", level=1, ttl_ms=3600_000)
        self.assertEqual((set_.level, set_.changed), (1, True))
        level = client.call("Log.GetLogLevel")
        self.assertEqual((level.level, level.configured_level), (1, 2))
        self.assertTrue(level.HasField("expire_time"))
        self.assertEqual(client.code("Log.SetLogLevel", level=9)[0], "INVALID_ARGUMENT")
        self.asked_once(client)
        watch = client.call("Log.WatchLogs", tail=1000)
        while (line := next(watch).line).event != "request":
            pass
        self.assertEqual(line.fields["provider"], "first")
        # Without waiting for more it comes to an end, and that is none of the relay's.
        before = client.call("Log.WatchLogs", tail=1000, no_follow=True)
        self.assertIn("request", [each.line.event for each in before])

    def test_what_was_used_is_told_from_the_ledger(self):
        self.started()
        client = self.client()
        self.relay.ask()
        while (told := client.call("Usage.QueryUsage", group_by=[1])).total.requests != 1:
            pass
        self.assertEqual([list(row.group) for row in told.rows], [["first"]])
        (record,) = client.call("Usage.ListUsageRecords").records
        self.assertEqual((record.provider, record.usage.output_tokens), ("first", 2))
        self.assertEqual(client.code("Usage.QueryUsage", order_by=9)[0], "INVALID_ARGUMENT")

    def test_a_configuration_is_checked_before_it_is_taken(self):
        self.started()
        client = self.client()
        told = client.call("Config.ValidateConfig", toml="[nonsense]\n")
        self.assertFalse(told.valid)
        self.assertEqual((told.diagnostics[0].line, told.diagnostics[0].severity), (1, 1))
        text = (self.folder / "relay.toml").read_text()
        told = client.call("Config.ValidateConfig", toml=text.replace("priority = 1\n", ""))
        self.assertTrue(told.valid)
        self.assertTrue(told.changes)

    # ---- its end

    def test_a_relay_that_stops_says_so(self):
        self.started()
        client = self.client()
        self.assertEqual(client.health(), "SERVING")
        self.assertEqual(client.health("ccrelay.management.v1.KeyService"), "SERVING")
        with self.assertRaises(grpc.RpcError) as raised:
            client.health("no.such.service")
        self.assertEqual(raised.exception.code().name, "NOT_FOUND")
        health = client.watch_health()
        self.assertEqual(next(health), "SERVING")
        watch = client.call("Request.WatchRequests")
        self.assertTrue(next(watch).HasField("synced"))
        stream = self.relay.stream()
        self.relay.signal(signal.SIGTERM)
        self.assertEqual(next(health), "NOT_SERVING")
        # While it finishes what runs, one may look and not act.
        while client.call("Server.GetStatus").status.state != 3:
            pass
        code, said = client.code("Provider.DisableProvider", name="first")
        self.assertEqual((code, re.search("stops", said)[0]), ("UNAVAILABLE", "stops"))
        self.first.release.set()
        self.assertEqual(stream.read()[-1], "message_stop")
        kinds = []
        with self.assertRaises(grpc.RpcError) as raised:
            for event in watch:
                kinds.append(event.WhichOneof("event"))
        self.assertEqual(raised.exception.code().name, "UNAVAILABLE")
        self.assertEqual(raised.exception.details(), "the relay stops")
        self.assertEqual(kinds[-1], "ended")
        self.assertEqual(self.relay.process.wait(), 0)
