"""Who may come in to the management of a running relay, and how."""

import http.client
import json
import os
import pathlib
import pwd
import signal
import stat
import subprocess
import sys
import tempfile

import managing
from managing import management_port, over_socket, over_tcp
import serving
from harness import Program
from provider import FakeProvider

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"
OPERATOR, VIEWER = "canary-operator-0123", "canary-viewer-012345"
INFO = "/api/v1/info"
TOKENS = f"""
[[manage.auth.tokens]]
name = "ana"
token = "{OPERATOR}"
[[manage.auth.tokens]]
name = "grafana"
token = "{VIEWER}"
role = "viewer"
"""
TCP = '[manage]\nlisten = "127.0.0.1:0"\n'
# Becomes another user, who has no group of this one's, and asks.
AS_USER = (
    "import os, sys; uid = int(sys.argv[1]); os.setgroups([]); os.setgid(uid); os.setuid(uid); "
    "os.execvp(sys.argv[2], sys.argv[2:])"
)


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class ManageFront(Program):
    def serving(self, manage="", **more):
        return serving.serving(self, ("fake", "ollama", "http://127.0.0.1:1", ""), more=manage, **more)

    def socket_of(self, relay):
        return self.runtime / "cc-relay" / f"{relay.port}.sock"

    def end(self, relay):
        relay.signal(signal.SIGTERM)
        self.assertEqual(relay.process.wait(), 0)

    def test_a_socket_of_the_users_own_is_there_without_any_configuration(self):
        relay = self.serving()
        path = self.socket_of(relay)
        self.assertEqual((mode_of(path), mode_of(path.parent)), (0o600, 0o700))
        answer = over_socket(path, "GET", INFO, host="whatever.example")
        self.assertEqual((answer.status, answer.json["info"]["pid"]), (200, relay.process.pid))
        self.assertEqual(answer.json["info"]["caller"]["name"], f"uid:{os.geteuid()}")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        self.assertFalse([name for name in answer.headers if name.lower().startswith("access-control")])
        # Nothing is told on the port of the clients.
        self.assertEqual(relay.get(INFO).status, 404)
        self.end(relay)
        self.assertFalse(path.exists())
        self.assertFalse(list(path.parent.glob("*.token")))

    def test_curl_speaks_to_it(self):
        relay = self.serving()
        path = self.socket_of(relay)
        for version in ("--http1.1", "--http2-prior-knowledge"):
            command = ["curl", "-sS", version, "--unix-socket", path, "http://x" + INFO]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertIn('"name":"cc-relay"', done.stdout.replace(" ", ""), done.stderr)

    def test_no_socket_where_none_is_asked_for(self):
        relay = self.serving('[manage]\nsocket = ""\n')
        self.assertEqual(relay.get("/health").status, 200)
        self.assertFalse(self.socket_of(relay).exists())
        self.end(relay)
        self.assertNotIn("the management listens", relay.process.output)

    def test_a_socket_in_the_way_costs_the_automatic_one_alone(self):
        blocker = self.write(self.runtime / "cc-relay" / "x", "").parent
        blocker.chmod(0o700)
        port = serving.reserved_port(self)
        self.write(blocker / f"{port}.sock", "no socket")
        relay = serving.serving(
            self, ("fake", "ollama", "http://127.0.0.1:1", ""), arguments=("--listen", f"127.0.0.1:{port}")
        )
        relay.stdout.wait_for("there is something that is no socket")
        self.assertEqual(relay.get("/health").status, 200)
        self.end(relay)
        path = self.write("there", "no socket")
        file = self.write("m.toml", serving.config(None, more=f'[manage]\nsocket = "{path}"'))
        done = self.run_relay("serve", "--config", file, env={"PROVIDER_KEY": "k"})
        self.assert_fails(done, 1, rf"cannot listen on unix:{path}: there is something that is no socket")

    def test_over_tcp_a_token_is_made_and_never_told(self):
        relay = self.serving(TCP)
        port = management_port(relay)
        file = self.socket_of(relay).with_suffix(".token")
        token = file.read_text().strip()
        self.assertEqual((len(token), mode_of(file)), (64, 0o600))
        self.assertEqual(over_tcp(port, "GET", INFO, token=token).status, 200)
        none = over_tcp(port, "GET", INFO)
        self.assertEqual((none.status, none.code), (401, "UNAUTHENTICATED"))
        self.assertEqual(none.headers["www-authenticate"], "Bearer")
        for wrong in (token[1:], token[:-1] + "x", "x" * 64, ""):
            answer = over_tcp(port, "GET", INFO, token=wrong)
            self.assertEqual((answer.status, answer.text), (401, none.text))
        self.assertEqual(over_tcp(port, "GET", INFO, cookie=f"token={token}").status, 401)
        self.assertEqual(over_tcp(port, "GET", f"{INFO}?token={token}").status, 401)
        relay.stdout.wait_for("manage_refused")
        self.end(relay)
        self.assertFalse(file.exists())
        self.assertNotIn(token, relay.process.output)
        self.assertEqual(relay.process.output.count("manage_refused"), 1)

    def test_tokens_that_are_configured_are_the_only_ones(self):
        relay = self.serving(TCP + TOKENS)
        port = management_port(relay)
        self.assertFalse(list(self.socket_of(relay).parent.glob("*.token")))
        told = over_tcp(port, "GET", INFO, token=OPERATOR).json["info"]["caller"]
        self.assertEqual(told, {"name": "token:ana", "role": "ROLE_OPERATOR"})
        told = over_tcp(port, "GET", INFO, token=VIEWER).json["info"]["caller"]
        self.assertEqual(told, {"name": "token:grafana", "role": "ROLE_VIEWER"})
        # What opens this opens nothing at the port of the clients, and is not sent on.
        other = TCP + TOKENS.replace(OPERATOR, "canary-another-0123")
        text = (self.folder / "relay.toml").read_text()
        self.write("relay.toml", text.replace(TCP + TOKENS, other))
        relay.stdout.wait_for(r"manage.auth.tokens: \+1 -1")
        self.assertEqual(over_tcp(port, "GET", INFO, token=OPERATOR).status, 401)
        self.assertEqual(over_tcp(port, "GET", INFO, token="canary-another-0123").status, 200)
        # Without any there is one that is made.
        self.write("relay.toml", text.replace(TCP + TOKENS, TCP))
        relay.stdout.wait_for(r"manage.auth.tokens: \+0 -2")
        self.assertEqual(over_tcp(port, "GET", INFO, token="canary-another-0123").status, 401)
        made = self.socket_of(relay).with_suffix(".token").read_text().strip()
        self.assertEqual(over_tcp(port, "GET", INFO, token=made).status, 200)
        self.end(relay)
        self.assertNotIn("canary", relay.process.output)

    def test_a_viewer_looks_and_an_operator_acts_by_name(self):
        relay = self.serving(TCP + TOKENS)
        port = management_port(relay)

        def disable(token):
            reason = json.dumps({"reason": "night\nshift"})
            path = "/api/v1/providers/fake:disable"
            return over_tcp(port, "POST", path, reason, token, content_type="application/json")

        self.assertEqual(over_tcp(port, "GET", "/api/v1/providers", token=VIEWER).status, 200)
        refused = disable(VIEWER)
        self.assertEqual((refused.status, refused.code), (403, "PERMISSION_DENIED"))
        self.assertEqual(disable(OPERATOR).status, 200)
        relay.stdout.wait_for("token:ana disabled provider fake: night shift")
        self.end(relay)
        self.assertEqual(relay.process.output.count('"event":"managed"'), 1)

    def test_a_page_of_another_site_gets_nothing(self):
        relay = self.serving(TCP + TOKENS)
        port = management_port(relay)

        def status(path=INFO, method="GET", body=None, **headers):
            return over_tcp(port, method, path, body, token=OPERATOR, **headers).status

        self.assertEqual(status(), 200)
        self.assertEqual(status(host=f"localhost:{port}", origin=f"http://localhost:{port}"), 200)
        for headers in (
            {"host": "evil.example"},
            {"host": f"evil.example:{port}"},
            {"origin": "http://evil.example"},
            {"origin": "null"},
            {"sec_fetch_site": "cross-site"},
        ):
            for path in (INFO, "/", "/app.js"):
                with self.subTest(headers=headers, path=path):
                    self.assertEqual(status(path, **headers), 403)
        for kind in (None, "text/plain", "application/x-www-form-urlencoded"):
            self.assertEqual(status("/api/v1/config:reload", "POST", "{}", content_type=kind), 415)
        self.assertEqual(status(method="OPTIONS"), 405)
        self.assertEqual(status(method="DELETE"), 405)
        self.assertEqual(status("/nothing"), 404)
        self.assertEqual(status("/api/v1/nothing"), 404)

    def test_a_body_has_its_limit(self):
        relay = self.serving()
        path = self.socket_of(relay)
        body = " " * ((2 << 20) + 1)
        kind = {"content_type": "application/json"}
        answer = over_socket(path, "POST", "/api/v1/config:validate", body, **kind)
        self.assertEqual((answer.status, answer.code), (413, "RESOURCE_EXHAUSTED"))
        connection = managing.UnixConnection(path)
        connection.putrequest("POST", "/api/v1/config:validate")
        connection.putheader("content-type", "application/json")
        connection.putheader("transfer-encoding", "chunked")
        connection.endheaders()
        try:
            for _ in range(40):
                connection.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
        except OSError:
            pass  # it has been told, and is not read any further
        self.assertEqual(connection.getresponse().status, 413)

    def test_a_public_address_needs_a_credential_and_tls(self):
        file = self.write("relay.toml", serving.config(None))
        env = {"PROVIDER_KEY": "k"}
        done = self.run_relay("serve", "--config", file, "--manage", "0.0.0.0:0", env=env)
        self.assert_fails(done, 1, r"manage\.listen \"0\.0\.0\.0:0\" can be reached from other machines")
        self.assertRegex(done.stderr, r"write \[\[manage\.auth\.tokens\]\]")
        self.assertRegex(done.stderr, r"set manage\.tls\.cert_file and manage\.tls\.key_file")
        public = '[manage]\nlisten = "0.0.0.0:0"\nallow_public_without_tls = true\n'
        relay = self.serving(public + TOKENS)
        port = management_port(relay)
        self.assertEqual(over_tcp(port, "GET", INFO, token=OPERATOR).status, 200)
        # What would leave it without anybody who may is refused, wherever the file says it listens.
        text = (self.folder / "relay.toml").read_text()
        self.write("relay.toml", text.replace(public + TOKENS, TCP))
        relay.stdout.wait_for("the old configuration stays in use: manage.listen")
        self.assertEqual(over_tcp(port, "GET", INFO, token=OPERATOR).status, 200)

    def test_manage_stands_in_for_the_address(self):
        file = self.write("relay.toml", serving.config(None))
        relay = serving.Serving(self, "--config", file, "--manage", "127.0.0.1:0")
        self.assertEqual(over_tcp(management_port(relay), "GET", INFO).status, 401)

    def test_an_address_in_use_is_an_error_that_names_it(self):
        port = serving.busy_port(self)
        file = self.write("relay.toml", serving.config(None))
        done = self.run_relay(
            "serve", "--config", file, "--manage", f"127.0.0.1:{port}", env={"PROVIDER_KEY": "k"}
        )
        self.assertEqual(done.code, 1)
        self.assertRegex(done.stderr, rf"cannot listen on 127\.0\.0\.1:{port}: the port is in use")
        self.assertIn("manage.listen or --manage", done.stderr)

    def test_other_users_are_refused_by_name_and_let_in_by_it(self):
        if os.geteuid() != 0:
            self.skipTest("only root may become somebody else")
        nobody, daemon = pwd.getpwnam("nobody"), pwd.getpwnam("daemon")
        folder = tempfile.mkdtemp(prefix="cc-relay-manage-")
        self.addCleanup(os.rmdir, folder)
        os.chmod(folder, 0o755)
        path = f"{folder}/m.sock"
        manage = f'[manage]\nsocket = "{path}"\n[manage.auth]\nusers = ["daemon"]\n'
        relay = self.serving(manage)
        relay.stdout.wait_for("the management listens on unix:")
        curl = ["curl", "-sS", "--max-time", "100", "--unix-socket", path, "http://x" + INFO]

        def asked_by(user):
            command = [sys.executable, "-c", AS_USER, str(user.pw_uid), *curl]
            return subprocess.run(command, capture_output=True, text=True, check=False).stdout

        self.assertIn(f"uid:{daemon.pw_uid}", asked_by(daemon))
        refused = asked_by(nobody)
        self.assertIn("PERMISSION_DENIED", refused)
        self.assertIn(str(nobody.pw_uid), refused)
        self.assertIn("manage.auth.users", refused)
        relay.stdout.wait_for("manage_refused")
        text = (self.folder / "relay.toml").read_text()
        self.write("relay.toml", text.replace('["daemon"]', f'["{nobody.pw_uid}"]'))
        relay.stdout.wait_for('manage.auth.users: .*→')
        self.assertIn(f"uid:{nobody.pw_uid}", asked_by(nobody))
        self.assertIn("PERMISSION_DENIED", asked_by(daemon))
        self.end(relay)

    def test_certificates_of_clients(self):
        key = self.write("server.key", (CERTIFICATES / "server.key").read_text())
        key.chmod(0o600)
        tls = (
            f'{TCP}[manage.tls]\ncert_file = "{CERTIFICATES / "server.pem"}"\nkey_file = "{key}"\n'
            f'client_ca_file = "{CERTIFICATES / "client-ca.pem"}"\nclient_role = "viewer"\n'
        )
        curl = ["curl", "-sS", "--cacert", str(CERTIFICATES / "ca.pem"), "--max-time", "100"]
        shown = ["--cert", str(CERTIFICATES / "client.pem"), "--key", str(CERTIFICATES / "client.key")]

        def ask(port, *more):
            command = [*curl, *more, f"https://localhost:{port}{INFO}"]
            return subprocess.run(command, capture_output=True, text=True, check=False)

        relay = self.serving(tls + 'client_auth = "optional"\n' + TOKENS)
        relay.stdout.wait_for("the management listens on https://")
        port = management_port(relay)
        told = ask(port, *shown).stdout.replace(" ", "")
        self.assertRegex(told, r'"caller":\{"name":"cert:[^"]*CN=[^"]+","role":"ROLE_VIEWER"')
        self.assertIn("UNAUTHENTICATED", ask(port).stdout)
        with_token = ask(port, "-H", f"Authorization: Bearer {OPERATOR}").stdout
        self.assertIn("token:ana", with_token)
        self.end(relay)
        relay = self.serving(tls + 'client_auth = "required"\n')
        port = management_port(relay)
        self.assertIn("ROLE_VIEWER", ask(port, *shown).stdout)
        self.assertNotEqual(ask(port).returncode, 0)
        # No token is made where certificates open.
        self.assertFalse(list(self.runtime.rglob("*.token")))


class ManageRestart(Program):
    """A relay that ends, and one that starts meanwhile."""

    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)

    def started(self, port, manage=""):
        return serving.serving(
            self,
            ("fake", "anthropic", self.provider.url, '[[providers.keys]]\nkey = "k"'),
            more=manage,
            arguments=("--listen", f"127.0.0.1:{port}"),
        )

    def draining(self, relay, socket):
        """Ends it while a stream runs; once it says so."""
        stream = relay.stream()
        relay.signal(signal.SIGTERM)
        relay.stdout.wait_for("stopping; running requests may finish")
        answer = over_socket(socket, "GET", "/api/v1/status")
        self.assertEqual((answer.status, answer.json["status"]["state"]), (200, "SERVER_STATE_DRAINING"))
        path, kind = "/api/v1/providers/fake:disable", "application/json"
        order = over_socket(socket, "POST", path, "{}", content_type=kind)
        self.assertEqual((order.status, order.code), (503, "UNAVAILABLE"))
        return stream

    def test_the_socket_goes_over_and_who_is_connected_stays(self):
        port = serving.reserved_port(self)
        first = self.started(port)
        socket = self.runtime / "cc-relay" / f"{port}.sock"
        kept = managing.UnixConnection(socket)
        self.assertEqual(managing.ask(kept, "GET", INFO).json["info"]["pid"], first.process.pid)
        watching = managing.UnixConnection(socket)
        watching.request("GET", "/api/v1/requests:watch")
        events = watching.getresponse()
        self.assertEqual(events.headers["content-type"], "text/event-stream")
        stream = self.draining(first, socket)
        second = self.started(port)
        for _ in range(3):
            answer = over_socket(socket, "GET", INFO)
            self.assertEqual((answer.status, answer.json["info"]["pid"]), (200, second.process.pid))
        self.assertEqual(managing.ask(kept, "GET", INFO).json["info"]["pid"], first.process.pid)
        self.provider.release.set()
        stream.read()
        self.assertEqual(first.process.wait(), 0)
        # What happened at the old one was told, to its last request, and then the end.
        told = events.read().decode()
        self.assertRegex(told, r"(?s)\"started\".*\"ended\"")
        self.assertEqual(over_socket(socket, "GET", INFO).json["info"]["pid"], second.process.pid)
        second.signal(signal.SIGTERM)
        self.assertEqual(second.process.wait(), 0)
        self.assertFalse(socket.exists())

    def test_a_named_socket_goes_over_only_when_its_relay_ends(self):
        socket = self.runtime / "m.sock"
        manage = f'[manage]\nsocket = "{socket}"\n'
        port = serving.reserved_port(self)
        first = self.started(port, manage)
        other = self.write("other.toml", (self.folder / "relay.toml").read_text())
        done = self.run_relay("serve", "--config", other, "--listen", "127.0.0.1:0")
        self.assert_fails(done, 1, r"another program listens there.*manage\.socket")
        stream = self.draining(first, socket)
        second = self.started(port, manage)
        self.assertEqual(over_socket(socket, "GET", INFO).json["info"]["pid"], second.process.pid)
        self.provider.release.set()
        stream.read()
        self.assertEqual(first.process.wait(), 0)
        self.assertEqual(over_socket(socket, "GET", INFO).json["info"]["pid"], second.process.pid)

    def test_an_address_goes_over_when_the_relay_before_has_ended(self):
        port, managed = serving.reserved_port(self), serving.reserved_port(self)
        manage = f'[manage]\nlisten = "127.0.0.1:{managed}"\n{TOKENS}'
        first = self.started(port, manage)
        stream = self.draining(first, self.runtime / "cc-relay" / f"{port}.sock")
        second = self.started(port, manage)
        second.stdout.wait_for("the management will listen on")
        answer = over_tcp(managed, "GET", INFO, token=OPERATOR)
        self.assertEqual(answer.json["info"]["pid"], first.process.pid)
        self.provider.release.set()
        stream.read()
        self.assertEqual(first.process.wait(), 0)
        self.assertEqual(management_port(second), managed)
        answer = over_tcp(managed, "GET", INFO, token=OPERATOR)
        self.assertEqual(answer.json["info"]["pid"], second.process.pid)

    def test_an_address_that_is_shared_goes_over_at_once(self):
        port, managed = serving.reserved_port(self), serving.reserved_port(self)
        manage = f'reuse_port = true\n[manage]\nlisten = "127.0.0.1:{managed}"\n{TOKENS}'
        first = self.started(port, manage)
        second = self.started(port, manage)
        self.assertEqual(management_port(second), managed)
        kept = http.client.HTTPConnection("127.0.0.1", managed)
        token = {"authorization": f"Bearer {OPERATOR}"}
        pids = set()
        while len(pids) < 2:  # both are asked, whom the kernel likes
            pids.add(over_tcp(managed, "GET", INFO, token=OPERATOR).json["info"]["pid"])
        kept_pid = managing.ask(kept, "GET", INFO, **token).json["info"]["pid"]
        first.signal(signal.SIGTERM)
        self.assertEqual(first.process.wait(), 0)
        for _ in range(20):
            answer = over_tcp(managed, "GET", INFO, token=OPERATOR)
            self.assertEqual(answer.json["info"]["pid"], second.process.pid)
        self.assertIn(kept_pid, (first.process.pid, second.process.pid))

    def test_a_relay_that_was_killed_leaves_no_trouble(self):
        port = serving.reserved_port(self)
        first = self.started(port)
        socket = self.runtime / "cc-relay" / f"{port}.sock"
        first.process.kill()
        self.assertTrue(socket.exists())
        second = self.started(port)
        self.assertEqual(over_socket(socket, "GET", INFO).json["info"]["pid"], second.process.pid)


class Web(Program):
    """cc-relay web: where the page is."""

    def test_it_says_where_the_page_is_and_what_opens_it(self):
        file = self.write("relay.toml", serving.config(None, more=TCP))
        relay = serving.Serving(self, "--config", file)
        port = management_port(relay)
        token = next(self.runtime.rglob("*.token")).read_text().strip()
        env = {"PROVIDER_KEY": "k"}
        done = self.run_relay("web", "--config", file, env=env)
        self.assert_ends(done, 0, f"http://127.0.0.1:{port}/#token={token}\n")
        page = over_tcp(port, "GET", "/")
        self.assertEqual((page.status, page.headers.get_content_type()), (200, "text/html"))
        opened = self.write("bin/xdg-open", '#!/bin/sh\necho "$1" >"$0.asked"\n')
        opened.chmod(0o755)
        path = f"{opened.parent}:{self.env['PATH']}"
        done = self.run_relay("web", "--open", "--config", file, env={**env, "PATH": path})
        self.assertEqual(done.code, 0, done)
        self.assertEqual(opened.with_name("xdg-open.asked").read_text(), done.stdout)

    def test_the_token_of_a_relay_that_was_killed_is_not_printed(self):
        port = serving.reserved_port(self)
        listen = f"127.0.0.1:{serving.reserved_port(self)}"
        more = TCP.replace(":0", f":{port}")
        file = self.write("relay.toml", serving.config(None, listen=listen, more=more))
        relay = serving.Serving(self, "--config", file)
        self.assertEqual(management_port(relay), port)
        relay.process.kill()
        relay.process.wait()
        self.assertEqual(len(list(self.runtime.rglob("*.token"))), 1)
        self.assert_ends(
            self.run_relay("web", "--config", file, env={"PROVIDER_KEY": "k"}),
            0,
            f"http://127.0.0.1:{port}/\n",
            "cc-relay: no relay of yours runs there yet; it makes a token when it starts\n",
        )

    def test_it_says_what_to_set_where_there_is_no_address(self):
        file = self.write("relay.toml", serving.config(None))
        done = self.run_relay("web", "--config", file, env={"PROVIDER_KEY": "k"})
        self.assert_fails(done, 1, r"manage\.listen is not set; write \[manage\] and below it listen")

    def test_configured_tokens_are_not_printed(self):
        file = self.write("relay.toml", serving.config(None, more=TCP.replace(":0", ":9091") + TOKENS))
        done = self.run_relay("web", "--config", file, env={"PROVIDER_KEY": "k"})
        self.assert_ends(
            done,
            0,
            "http://127.0.0.1:9091/\n",
            "cc-relay: sign in with a token of [[manage.auth.tokens]]\n",
        )
