"""A canary in every place where something secret can stand, and all that the program writes, shows
or keeps searched for them."""

import hashlib
import http.client
import json
import os
import signal

import harness
from managing import over_socket
from provider import FakeProvider
from serving import Serving, message, reserved_port
from test_doctor_clouds import Cloud

# None is part of another; each says where it stands.
NAMES = (
    "key-in-file", "key-of-environment", "key-of-its-own-file", "key-rotated", "header",
    "proxy-password", "environment-proxy-password", "relay-key", "relay-bearer", "metrics-bearer",
    "client-key", "hashed-client-key", "aws-secret", "aws-session", "azure-secret",
    "google-access-token", "own-login", "foreign-token", "wrong-key", "cookie", "body-key",
    "query-key", "mistaken-key", "management-token",
)  # fmt: skip
CANARY = {name: f"sk-canary-{name}-5d1f" for name in NAMES}
PROMPT = "what-was-asked-8c2e"
ANSWER = "what-was-answered-41b7"


class Canaries(harness.Program):
    def setUp(self):
        super().setUp()
        self.provider = FakeProvider(self)
        self.provider.release.set()
        self.refusing = FakeProvider(self)
        self.refusing.quotes = True
        self.refusing.models = []
        self.metadata = Cloud(
            self,
            {
                "GET /computeMetadata/v1/instance/service-accounts/default/token": (
                    200,
                    {"Metadata-Flavor": "Google"},
                    {"access_token": CANARY["google-access-token"], "expires_in": 3599},
                )
            },
        )
        self.vertex = Cloud(self, {})
        self.said = {}  # where from -> text
        self.env = {
            **self.env,
            "KEY_OF_ENVIRONMENT": CANARY["key-of-environment"],
            "GCE_METADATA_HOST": self.metadata.address,
            "HTTP_PROXY": f"http://user:{CANARY['environment-proxy-password']}@127.0.0.1:1",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def text(self, log, key="key-in-file", more=""):
        own_file = self.write("key", CANARY["key-of-its-own-file"])
        hashed = hashlib.sha256(CANARY["hashed-client-key"].encode()).hexdigest()
        return f"""
[server]
listen = "127.0.0.1:{self.port}"
[server.auth]
api_key = "{CANARY['relay-key']}"
bearer_secret = "{CANARY['relay-bearer']}"
[[server.auth.clients]]
name = "ana"
key = "{CANARY['client-key']}"
budget_usd_day = 5.0
[[server.auth.clients]]
name = "ben"
key_sha256 = "{hashed}"
[[manage.auth.tokens]]
name = "ops"
token = "{CANARY['management-token']}"
[metrics]
bearer_secret = "{CANARY['metrics-bearer']}"
[logging]
level = "debug"
format = "{log}"
output = "{self.folder}/relay.log"
[logging.debug_options]
log_request_body = true
max_body_log_size = 100000
[routing]
debug = true
max_attempts = 32
[health.circuit_breaker]
failure_threshold = 1000
{more}
[[prices]]
models = ["m"]
input = 1.0
output = 2.0
[[providers]]
name = "refusing"
type = "anthropic"
base_url = "{self.refusing.url}"
headers = {{ x-extra = "{CANARY['header']}" }}
keys = [
  {{ key = "{CANARY[key]}", name = "first" }},
  {{ key = "${{KEY_OF_ENVIRONMENT}}" }},
  {{ key = "${{file:{own_file}}}" }},
]
[[providers]]
name = "behind-a-proxy"
type = "anthropic"
base_url = "http://127.0.0.1:1"
proxy = "http://user:{CANARY['proxy-password']}@127.0.0.1:{self.nobody}"
keys = [{{ key = "{CANARY[key]}" }}]
[[providers]]
name = "aws"
type = "bedrock"
base_url = "http://127.0.0.1:{self.nobody}"
aws_region = "eu-west-1"
aws_access_key_id = "AKIDEXAMPLE"
aws_secret_access_key = "{CANARY['aws-secret']}"
aws_session_token = "{CANARY['aws-session']}"
[[providers]]
name = "azure"
type = "azure"
base_url = "http://127.0.0.1:{self.nobody}"
azure_tenant_id = "tenant"
azure_client_id = "client"
azure_client_secret = "{CANARY['azure-secret']}"
[[providers]]
name = "google"
type = "vertex"
base_url = "{self.vertex.url}"
gcp_project_id = "p"
gcp_region = "global"
[[providers]]
name = "good"
type = "anthropic"
base_url = "{self.provider.url}"
keys = [{{ key = "{CANARY['key-in-file']}" }}]
"""

    # ---- what is done

    def ask(self, path, headers, body=None):
        connection = http.client.HTTPConnection(self.relay.host, self.relay.port)
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        text = f"{answer.status}\n{answer.headers}\n{answer.read().decode()}"
        connection.close()
        self.said[f"answer {len(self.said)} to {path.split('?')[0]}"] = text
        return text

    def traffic(self):
        body = message(
            text=PROMPT,
            metadata={"api_key": CANARY["body-key"], "token": {"x": [CANARY["body-key"]]}},
        )
        ways = (
            {"x-api-key": CANARY["relay-key"]},
            {"Authorization": f"Bearer {CANARY['relay-bearer']}"},
            {"x-api-key": CANARY["client-key"]},
            {"Authorization": f"Bearer {CANARY['hashed-client-key']}"},
            {"x-api-key": CANARY["relay-key"], "Authorization": f"Bearer sk-ant-oat01-{CANARY['own-login']}"},
            {"x-api-key": CANARY["relay-key"], "Authorization": f"Bearer {CANARY['foreign-token']}"},
            {"x-api-key": CANARY["wrong-key"]},
            {"Authorization": f"Basic {CANARY['wrong-key']}"},
        )  # fmt: skip
        for number, credential in enumerate(ways):
            status = (401, 429, 500, 403)[number % 4]
            self.refusing.failure = (status, {"Content-Type": "application/json"})
            headers = {
                **credential,
                "Content-Type": "application/json",
                "Cookie": f"c={CANARY['cookie']}",
                "Proxy-Authorization": f"Basic {CANARY['cookie']}",
            }
            self.ask(f"/v1/messages?key={CANARY['query-key']}", headers, body)
            self.ask("/v1/messages", headers, body.replace('"model"', '"stream": true, "model"', 1))
            self.ask("/v1/messages", headers, body[:-5])
            for path in ("/v1/models", "/v1/providers", "/metrics", "/health", "/nowhere"):
                self.ask(f"{path}?key={CANARY['query-key']}", headers)
        self.ask("/metrics", {"Authorization": f"Bearer {CANARY['metrics-bearer']}"})
        self.relay.ask_reload(**{"x-api-key": CANARY["relay-key"]})

    def management(self, when):
        """All that it tells, and has done."""
        socket = self.runtime / "cc-relay" / f"{self.port}.sock"

        def ask(method, path, body=None):
            kind = "application/json" if method == "POST" else None
            answer = over_socket(socket, method, "/api/v1" + path, body, content_type=kind)
            self.said[f"management {path} {when}"] = answer.text
            return answer

        for path in (
            "/info", "/status?history_seconds=300", "/providers", "/keys", "/clients", "/requests",
            "/requests?ended=true", "/usage/records", "/config", "/log-level",
            "/usage:query?group_by=USAGE_DIMENSION_KEY&group_by=USAGE_DIMENSION_CLIENT",
            "/logs:watch?tail=1000&no_follow=true",
        ):  # fmt: skip
            self.assertEqual(ask("GET", path).status, 200, path)
        for request in ask("GET", "/requests?ended=true").json["requests"]:
            ask("GET", f"/requests/{request['id']}")
        ask("POST", "/config:validate", "{}")
        ask("POST", "/config:reload", "{}")

    def reloads(self, log):
        """Another key, then one that two have, one of the wrong kind, a broken line with one."""
        done = 0
        for text, is_good in (
            (self.text(log, key="key-rotated"), True),
            (self.text(log).replace(CANARY["relay-bearer"], CANARY["client-key"]), False),
            (self.text(log).replace('api_key = "', 'api_key = ["', 1), False),
            (self.text(log) + f'\n[[providers]]\nkey = "{CANARY["mistaken-key"]}\n', False),
        ):
            self.file.write_text(text)
            answer = self.relay.ask_reload(**{"x-api-key": CANARY["relay-key"]})
            self.assertEqual(answer.status, 200 if is_good else 422, answer.text)
            self.said[f"answer {done} to a reload"] = answer.text
            for words in (("config", "validate", self.file), ("doctor", "--offline")):
                self.command(*words, name=f"{done}")
            self.management(f"after reload {done}")
            done += 1
        self.file.write_text(self.text(log))
        self.relay.ask_reload(**{"x-api-key": CANARY["relay-key"]})

    def command(self, *words, name=""):
        more = () if words[0] == "config" or words[0] == "usage" else ("--config", self.file)
        done = self.run_relay(*words, *more)
        self.said[f"{' '.join(map(str, words[:2]))} {name}"] = done.stdout + done.stderr
        return done

    def commands(self):
        for words in (
            ("status",), ("doctor",), ("doctor", "--json"), ("reload",),
            ("config", "show", self.file), ("config", "validate", self.file),
        ):  # fmt: skip
            self.command(*words)
        file = self.home / ".local/state/cc-relay/usage.db"
        for by in ("client", "key", "provider", "request", "session", "asked"):
            for form in ("--json", "--csv", "--full"):
                self.command("usage", form, "--by", by, "--file", file)

    def files(self):
        """All that lies around, but what we have put there ourselves."""
        ours = {self.file, self.folder / "key"}
        for path in self.scratch.rglob("*"):
            if path.is_file() and path not in ours:
                self.said[str(path)] = path.read_bytes().decode("latin-1")
                if path.is_relative_to(self.runtime) or ".db" in path.name:
                    self.assertEqual(path.stat().st_mode & 0o77, 0, path)

    # ---- what is seen

    def check(self):
        names = "\n".join(self.said)
        for part in ("usage.db", "usage.db-wal", "relay.log", "doctor --json", "to /metrics",
                     "config show", "usage --csv", "relay-", "management /config:reload"):  # fmt: skip
            self.assertIn(part, names)
        for place, text in self.said.items():
            for name, canary in CANARY.items():
                if name == "relay-key" and place.startswith(str(self.runtime)):
                    continue  # from there `cc-relay claude` of the same user takes it
                self.assertNotIn(canary, text, f"{name} shows in {place}")
            if "usage.db" in place or "usage --" in place or "metrics" in place:
                self.assertNotIn(PROMPT, text, place)
                self.assertNotIn("hello", text, place)  # of every answer

    def check_play(self):
        """They were really there."""
        self.assertIn((CANARY["key-in-file"], None), self.refusing.seen)
        self.assertIn((CANARY["key-of-environment"], None), self.refusing.seen)
        self.assertIn((CANARY["key-of-its-own-file"], None), self.refusing.seen)
        self.assertIn((None, f"Bearer sk-ant-oat01-{CANARY['own-login']}"), self.refusing.seen)
        self.assertIn(CANARY["google-access-token"], str([each[2].items() for each in self.vertex.requests]))
        self.assertIn((CANARY["key-in-file"], None), self.provider.seen)
        for part in ("no: key=*** extra=***", "ben", "behind-a-proxy", "refused", '"diagnostics":[{'):
            self.assertTrue(any(part in text for text in self.said.values()), part)

    def test_nothing_that_is_secret_is_written_shown_or_kept(self):
        self.port, self.nobody = reserved_port(self), reserved_port(self)
        for log in ("json", "text"):
            self.said = {}
            self.file = self.write("relay.toml", self.text(log))
            self.file.chmod(0o600)
            self.relay = Serving(self, "--config", self.file)
            self.traffic()
            self.management("after traffic")
            self.commands()
            self.reloads(log)
            self.relay.ask()
            self.files()  # while it runs: the log of the ledger, and what proves who it is
            if log == "json":
                self.check_play()
            self.check()
            self.relay.signal(signal.SIGTERM)
            self.assertEqual(self.relay.process.wait(), 0)
            self.files()
            self.said["standard output"] = self.relay.stdout.all()
            self.said["standard error"] = self.relay.stderr.all()
            self.check()
            os.remove(self.folder / "relay.log")
