"""serve on a Unix socket, and the commands that look for it there."""

import json
import os
import pathlib
import re
import signal
import subprocess

import serving
from harness import Program

CERTIFICATES = pathlib.Path(__file__).resolve().parents[1] / "data" / "tls"


class ServeUnix(Program):
    def configured(self, more=""):
        self.path = str(pathlib.Path(self.write("run/x", "")).parent / "relay")
        text = serving.config(None, "unix:" + self.path)
        return self.write("relay.toml", text.replace("[[providers]]", more + "\n[[providers]]", 1))

    def started(self, file):
        process = self.start("serve", "--config", file, env={"PROVIDER_KEY": "sk-x"})
        process.stderr.wait_for(r"listening on unix:" + re.escape(self.path) + "\n")
        return process

    def health(self):
        command = ["curl", "-sS", "--max-time", "20", "--unix-socket", self.path, "http://a/health"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def test_curl_and_status(self):
        for workers in (1, 3):
            file = self.configured(f"workers = {workers}")
            process = self.started(file)
            for _ in range(10):
                self.assertEqual(self.health(), '{"status":"ok"}')
            done = self.run_relay("status", "--json", "--config", file, env={"PROVIDER_KEY": "sk-x"})
            self.assertEqual(json.loads(done.stdout)["running"], True)
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 0)
            self.assertFalse(os.path.exists(self.path))

    def test_a_killed_relay_leaves_no_trouble(self):
        file = self.configured()
        self.started(file).kill()
        self.assertTrue(os.path.exists(self.path))
        done = self.run_relay("status", "--config", file, env={"PROVIDER_KEY": "sk-x"})
        self.assertIn("not serving: no relay answers", done.stdout)
        self.started(file)
        self.assertEqual(self.health(), '{"status":"ok"}')

    def test_claude_code_cannot_use_it(self):
        file = self.configured()
        done = self.run_relay("--config", file, "claude", env={"PROVIDER_KEY": "sk-x"})
        self.assertEqual(done.code, 1)
        self.assertIn("is a Unix socket, which has no URL", done.stderr)

    def test_status_over_tls_and_past_any_proxy(self):
        key = self.write("server.key", (CERTIFICATES / "server.key").read_text())
        key.chmod(0o600)
        tls = f'[server.tls]\ncert_file = "{CERTIFICATES / "server.pem"}"\nkey_file = "{key}"\n'
        file = self.configured(tls)
        demo = self.start("serve", "--demo", "--config", file, env={"PROVIDER_KEY": "sk-x"})
        demo.stderr.wait_for(rf"curl -N --unix-socket {re.escape(self.path)} https://relay/v1/messages ")
        proxies = {name: "http://127.0.0.1:1" for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY")}
        done = self.run_relay("status", "--config", file, env={"PROVIDER_KEY": "sk-x", **proxies})
        self.assertEqual((done.code, done.stderr), (0, ""))
        self.assertRegex(
            done.stdout, rf"\Aserving\ncc-relay \S+ on unix:{re.escape(self.path)}, up .*\n.*\nPROVIDER"
        )
