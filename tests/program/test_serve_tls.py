"""serve with [server.tls]: other people's clients, and our own commands."""

import contextlib
import json
import pathlib
import shutil
import signal
import ssl
import subprocess

from harness import Program
from provider import FakeProvider
import serving

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"


class ServeTls(Program):
    def configured(self, more="", listen="127.0.0.1:0", provider=None):
        for name in ("server.pem", "server.key"):
            target = pathlib.Path(self.write("tls/" + name, (CERTIFICATES / name).read_text()))
            target.chmod(0o600)
        self.certificate, self.key = str(target.parent / "server.pem"), str(target)
        text = serving.config(provider, listen)
        tls = f'[server.tls]\ncert_file = "{self.certificate}"\nkey_file = "{self.key}"\n{more}'
        return self.write("relay.toml", text.replace("[[providers]]", tls + "\n[[providers]]", 1))

    def started(self, *arguments, **options):
        self.process = self.start("serve", *arguments, env={"PROVIDER_KEY": "sk-x"}, **options)
        found = self.process.stderr.wait_for(r"listening on (https://(\S+):(\d+))\n")
        self.url, self.address = found[1], f"{found[2]}:{found[3]}"

    def curl(self, *arguments):
        command = ["curl", "-sS", "--max-time", "20", "--cacert", str(CERTIFICATES / "ca.pem")]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)

    def test_curl_over_both_protocols(self):
        provider = FakeProvider(self)
        self.started("--config", self.configured(provider=provider))
        for option, version in (("--http1.1", "1.1"), ("--http2", "2")):
            done = self.curl(option, "-w", "\n%{http_version}", self.url + "/health")
            self.assertEqual(done.stdout, '{"status":"ok"}\n' + version, done.stderr)
        body = '{"model":"m","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}'
        done = self.curl(self.url + "/v1/messages", "-d", body)
        self.assertEqual(json.loads(done.stdout)["type"], "message")

    def test_curl_without_the_authority_does_not_come_in(self):
        self.started("--config", self.configured())
        done = subprocess.run(["curl", "-sS", self.url + "/health"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 60)

    def test_openssl_s_client(self):
        self.started("--config", self.configured())
        command = ["openssl", "s_client", "-connect", self.address, "-CAfile"]
        command += [str(CERTIFICATES / "ca.pem"), "-verify_return_error", "-quiet", "-tls1_2"]
        request = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        done = subprocess.run(command, input=request, capture_output=True, text=True)
        self.assertIn('{"status":"ok"}', done.stdout)

    def test_a_renegotiation_of_tls_1_2_is_refused(self):
        provider = FakeProvider(self)
        self.started("--config", self.configured(provider=provider))
        command = ["openssl", "s_client", "-connect", self.address, "-tls1_2", "-CAfile"]
        # A line "R" asks for one; what follows would be its request.
        body = '{"model":"m","max_tokens":8,"messages":[]}'
        request = f"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        with subprocess.Popen(
            [*command, str(CERTIFICATES / "ca.pem")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as client:
            self.addCleanup(client.kill)
            said = ""
            while "---\n" not in said or "Verify return code" not in said:
                line = client.stdout.readline()
                self.assertTrue(line, said)
                said += line
            client.stdin.write("R\n")
            client.stdin.flush()
            said = client.stdout.readline()
            while "RENEGOTIATING" not in said:
                said = client.stdout.readline()
                self.assertTrue(said)
            # Its input stays open: at its end it would leave without having read the relay's answer.
            with contextlib.suppress(BrokenPipeError):
                client.stdin.write(request)
                client.stdin.flush()
            rest = client.stdout.read()
            with contextlib.suppress(BrokenPipeError):
                client.stdin.close()
        self.assertRegex(rest, "no.renegotiation")
        self.assertNotIn("HTTP/1.1 200", rest)
        self.assertEqual(provider.seen, [])
        # Of all that only this connection was lost.
        self.assertEqual(self.curl(self.url + "/health").stdout, '{"status":"ok"}')

    def test_an_older_version_is_refused(self):
        self.started("--config", self.configured('min_version = "1.3"'))
        self.assertEqual(self.curl("--tls-max", "1.2", self.url + "/health").returncode, 35)
        self.assertEqual(self.curl(self.url + "/health").returncode, 0)

    def test_clients_certificates(self):
        ca = CERTIFICATES / "client-ca.pem"
        more = f'client_auth = "required"\nclient_ca_file = "{ca}"'
        self.started("--config", self.configured(more))
        self.assertNotEqual(self.curl(self.url + "/health").returncode, 0)
        shown = ["--cert", str(CERTIFICATES / "client.pem"), "--key", str(CERTIFICATES / "client.key")]
        self.assertEqual(self.curl(*shown, self.url + "/health").stdout, '{"status":"ok"}')
        text = pathlib.Path(self.configured(more)).read_text().replace("127.0.0.1:0", self.address)
        file = self.write("status.toml", text)
        # Its management knows; without one nobody does.
        env = {"PROVIDER_KEY": "sk-x"}
        done = self.run_relay("status", "--config", file, env=env)
        self.assertEqual((done.code, done.stderr), (0, ""))
        self.assertRegex(done.stdout, rf"\Aserving\ncc-relay \S+ on https://{self.address}, up ")
        done = self.run_relay("status", "--json", "--config", file, env=env)
        self.assertEqual(json.loads(done.stdout)["health"], "ok")
        done = self.run_relay("doctor", "--offline", "--config", file, env=env)
        self.assertRegex(done.stdout, r"(?m)^ok +listen\.port +\S+: our relay runs; it asks for a client's ")
        self.process.kill()
        alone = self.write("alone.toml", text + '[manage]\nsocket = ""\n')
        self.started("--config", alone)
        env["PATH"] = str(self.write("bin/claude", "#!/bin/sh\n").parent)
        (self.folder / "bin/claude").chmod(0o755)
        for words in (("status",), ("claude",)):
            done = self.run_relay("--config", alone, *words, env=env)
            self.assertEqual(done.code, 1)
            self.assertIn("client's certificate (server.tls.client_auth)", done.stdout + done.stderr)

    def test_what_is_missing_in_the_table_is_said_once(self):
        file = self.configured('client_auth = "required"')
        done = self.run_relay("doctor", "--offline", "--config", file, env={"PROVIDER_KEY": "sk-x"})
        self.assertRegex(done.stdout, r"(?m)^error +config\.valid +.*: server\.tls\.client_ca_file is missing$")
        self.assertRegex(done.stdout, r"(?m)^skip +tls\.certificate +\S+: the configuration has a mistake there$")

    def test_status_asks_over_tls(self):
        self.started("--config", self.configured())
        text = pathlib.Path(self.configured()).read_text().replace("127.0.0.1:0", self.address)
        done = self.run_relay("status", "--config", self.write("status.toml", text), env={"PROVIDER_KEY": "sk-x"})
        self.assertEqual((done.code, done.stderr), (0, ""))
        self.assertIn("serving\n", done.stdout)
        self.assertIn(f" on https://{self.address}, up ", done.stdout)
        # Another certificate than the configured one is another program's.
        other = text.replace(self.certificate, str(CERTIFICATES / "wrong-host.pem"))
        done = self.run_relay("status", "--config", self.write("other.toml", other), env={"PROVIDER_KEY": "sk-x"})
        self.assertEqual(done.code, 1)
        self.assertIn("shows another certificate", done.stdout)

    def test_a_new_certificate_on_sighup(self):
        self.started("--config", self.configured())
        shutil.copyfile(CERTIFICATES / "wrong-host.pem", self.certificate)
        shutil.copyfile(CERTIFICATES / "wrong-host.key", self.key)
        self.process.signal(signal.SIGHUP)
        self.process.stdout.wait_for("reloaded")
        host, port = self.address.split(":")
        shown = ssl.get_server_certificate((host, int(port)))
        self.assertEqual(shown, (CERTIFICATES / "wrong-host.pem").read_text())

    def test_a_key_of_another_certificate(self):
        file = self.configured()
        shutil.copyfile(CERTIFICATES / "wrong-host.key", self.key)
        done = self.run_relay("serve", "--config", file, env={"PROVIDER_KEY": "sk-x"})
        self.assertEqual(done.code, 1)
        self.assertIn(
            f"server.tls.key_file {self.key}: the key is not the one of the certificate in "
            f"{self.certificate}",
            done.stderr,
        )
